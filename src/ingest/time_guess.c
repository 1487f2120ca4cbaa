#include <stdio.h>
#include <string.h>

#include "digits.h"
#include "time_layout.h"

/* The candidates, in the order in which one of equal evidence wins. Marks are those of `marks`. */
enum {
    YEAR_FIRST = 0,      /* YYYY-MM-DD, per mark */
    DAY_FIRST = 3,       /* D/M/YYYY, per mark */
    MONTH_FIRST = 6,     /* M/D/YYYY */
    SHORT_DAY_FIRST = 9, /* the same with a year of two digits */
    SHORT_MONTH_FIRST = 12,
    SHORT_YEAR_FIRST = 15, /* YY-MM-DD: never settled, but what it reads may make another doubtful */
    MONTH_NAME = 18,       /* D-Mon-YYYY, per mark with a blank for the point */
    CHINESE = 21,
    COMPACT,
    EPOCH, /* per unit, from the second on, thousand times smaller each */
    N_CANDIDATES = EPOCH + 4,
};

_Static_assert(N_CANDIDATES == STRATA_TIME_CANDIDATES, "the evidence has a place for each candidate");

static const char marks[3] = {'-', '/', '.'};

static int epoch_decimals(int candidate) { return 3 * (candidate - EPOCH); }

static struct strata_time_format layout_of(int candidate)
{
    int mark = candidate % 3;

    switch (candidate - mark) {
    case YEAR_FIRST: return strata_time_layout_marked(STRATA_TIME_YMD, marks[mark], 4);
    case DAY_FIRST: return strata_time_layout_marked(STRATA_TIME_DMY, marks[mark], 4);
    case MONTH_FIRST: return strata_time_layout_marked(STRATA_TIME_MDY, marks[mark], 4);
    case SHORT_DAY_FIRST: return strata_time_layout_marked(STRATA_TIME_DMY, marks[mark], 2);
    case SHORT_MONTH_FIRST: return strata_time_layout_marked(STRATA_TIME_MDY, marks[mark], 2);
    case SHORT_YEAR_FIRST: return strata_time_layout_marked(STRATA_TIME_YMD, marks[mark], 2);
    case MONTH_NAME: return strata_time_layout_month_name(mark == 2 ? ' ' : marks[mark]);
    default: break;
    }
    if (candidate == CHINESE)
        return strata_time_layout_chinese();
    if (candidate == COMPACT)
        return strata_time_layout_compact();
    return strata_time_layout_epoch(epoch_decimals(candidate));
}

/* The candidate of the opposite order of day and month, or -1. */
static int opposite_of(int candidate)
{
    switch (candidate - candidate % 3) {
    case DAY_FIRST:
    case SHORT_DAY_FIRST: return candidate + 3;
    case MONTH_FIRST:
    case SHORT_MONTH_FIRST: return candidate - 3;
    default: return -1;
    }
}

static bool is_short_year_first(int candidate) { return candidate >= SHORT_YEAR_FIRST && candidate < MONTH_NAME; }

/* Bare digits are a time only if they look like one of our days: anything may be a number. */
static bool is_plausible(int candidate, const char *text, size_t n, const struct strata_time *time)
{
    if (candidate == COMPACT) {
        int32_t year = strata_date_from_day(time->day).year;
        return year >= 1900 && year < 2200;
    }
    if (candidate >= EPOCH)
        return strata_count_digits(text, n) == (size_t)(STRATA_EPOCH_DIGITS + epoch_decimals(candidate));
    return true;
}

/* A copy for a message: cut, nothing that would disturb a terminal. */
static void keep_example(char out[STRATA_TIME_EXAMPLE], const char *text, size_t n, bool is_time)
{
    size_t kept = n < STRATA_TIME_EXAMPLE - 1 ? n : STRATA_TIME_EXAMPLE - 1;

    for (size_t i = 0; i < kept; i++) {
        unsigned char byte = (unsigned char)text[i];
        out[i] = byte >= 0x20 && (byte < 0x7f || is_time) ? text[i] : '?';
    }
    out[kept] = '\0';
}

/* Which fields vary tells YY-MM-DD from DD-MM-YY: a log has more days than years. */
static void note_short_date(struct strata_time_guess *guess, int mark, int32_t day)
{
    struct strata_date date = strata_date_from_day(day);
    int32_t year = date.year % 100;

    guess->first_fields[mark][year / 64] |= UINT64_C(1) << (year % 64);
    guess->last_fields[mark] |= UINT64_C(1) << date.day;
}

void strata_time_guess_begin(struct strata_time_guess *guess)
{
    *guess = (struct strata_time_guess){0};
    for (int i = 0; i < N_CANDIDATES; i++)
        guess->layout[i] = layout_of(i);
}

void strata_time_guess_feed(struct strata_time_guess *guess, const char *text, size_t n)
{
    bool is_read[N_CANDIDATES] = {false};
    unsigned parts[N_CANDIDATES] = {0};
    bool is_time = false;

    if (n == 0)
        return;
    guess->n_samples++;
    for (int i = 0; i < N_CANDIDATES; i++) {
        struct strata_time time;
        guess->memo.date_length = 0;
        is_read[i] = strata_time_read(&guess->layout[i], &guess->memo, text, n, &time, &parts[i]) == STRATA_TIME_OK &&
                     is_plausible(i, text, n, &time);
        if (is_read[i] && is_short_year_first(i))
            note_short_date(guess, i - SHORT_YEAR_FIRST, time.day);
        else
            is_time = is_time || is_read[i];
    }
    for (int i = 0; i < N_CANDIDATES; i++) {
        if (!is_read[i])
            continue;
        struct strata_time_evidence *evidence = &guess->evidence[i];
        int opposite = opposite_of(i);
        bool is_alone = opposite >= 0 && !is_read[opposite];
        if (evidence->n_read == 0 || (is_alone && evidence->n_alone == 0))
            keep_example(evidence->example, text, n, true);
        evidence->n_read++;
        evidence->n_alone += is_alone;
        evidence->parts |= parts[i];
    }
    if (!is_time && !guess->unread[0])
        keep_example(guess->unread, text, n, false);
}

/* Samples that a layout or its opposite reads. */
static uint64_t count_either(const struct strata_time_guess *guess, int candidate)
{
    int opposite = opposite_of(candidate);

    return guess->evidence[candidate].n_read + (opposite < 0 ? 0 : guess->evidence[opposite].n_alone);
}

/* The candidate with the most samples (the first of a pair of opposites), or -1 if there are none. */
static int find_best(const struct strata_time_guess *guess)
{
    int best = -1;
    uint64_t most = 0;

    for (int i = 0; i < N_CANDIDATES; i++) {
        if (!is_short_year_first(i) && count_either(guess, i) > most) {
            most = count_either(guess, i);
            best = i;
        }
    }
    return best;
}

/* Might the dates begin with a year of two digits? `best` is -1 or what they would be otherwise. */
static int find_short_year(const struct strata_time_guess *guess, int best)
{
    uint64_t most = best < 0 ? 0 : count_either(guess, best);

    for (int mark = 0; mark < 3; mark++) {
        uint64_t n = guess->evidence[SHORT_YEAR_FIRST + mark].n_read;
        int n_first =
            __builtin_popcountll(guess->first_fields[mark][0]) + __builtin_popcountll(guess->first_fields[mark][1]);
        int n_last = __builtin_popcountll(guess->last_fields[mark]);
        if (n > most || (n > 0 && n == most && best == SHORT_DAY_FIRST + mark && n_first <= n_last))
            return SHORT_YEAR_FIRST + mark;
    }
    return -1;
}

static enum strata_time_verdict judge(const struct strata_time_guess *guess, int *winner)
{
    int best = find_best(guess);

    *winner = best;
    if (find_short_year(guess, best) >= 0)
        return STRATA_TIME_AMBIGUOUS;
    if (best < 0)
        return STRATA_TIME_UNRECOGNISED;
    int opposite = opposite_of(best);
    if (opposite < 0)
        return STRATA_TIME_SETTLED;
    bool is_needed = guess->evidence[best].n_alone > 0;
    bool is_opposite_needed = guess->evidence[opposite].n_alone > 0;
    if (is_needed && is_opposite_needed)
        return STRATA_TIME_CONTRADICTORY;
    if (is_opposite_needed)
        *winner = opposite;
    return is_needed || is_opposite_needed ? STRATA_TIME_SETTLED : STRATA_TIME_AMBIGUOUS;
}

static void append_name(struct strata_time_format *format, const char *text)
{
    size_t n = strlen(format->name);
    (void)snprintf(format->name + n, sizeof format->name - n, "%s", text);
}

static void name_parts(struct strata_time_format *format, unsigned parts)
{
    bool has_second = parts & STRATA_TIME_HAS_SECOND;

    if (!(parts & STRATA_TIME_HAS_CLOCK))
        return;
    if (parts & STRATA_TIME_HAS_NO_COLONS)
        append_name(format, has_second ? "HHMMSS" : "HHMM");
    else
        append_name(format, has_second ? " HH:MM:SS" : " HH:MM");
    if (parts & STRATA_TIME_HAS_FRACTION)
        append_name(format, ".fraction");
    if (parts & STRATA_TIME_HAS_MERIDIEM)
        append_name(format, " AM/PM");
    if (parts & STRATA_TIME_HAS_OFFSET)
        append_name(format, " with offset");
}

enum strata_time_verdict strata_time_guess_decide(const struct strata_time_guess *guess,
                                                  const struct strata_time_zone *zone,
                                                  struct strata_time_format *format)
{
    int winner;
    enum strata_time_verdict verdict = judge(guess, &winner);

    if (verdict != STRATA_TIME_SETTLED)
        return verdict;
    unsigned parts = guess->evidence[winner].parts;
    *format = guess->layout[winner];
    format->zone = zone;
    format->needs_meridiem = parts & STRATA_TIME_HAS_MERIDIEM;
    strata_time_layout_set_quick(format);
    strata_time_layout_write_name(format);
    name_parts(format, parts);
    return STRATA_TIME_SETTLED;
}

/* The strptime letters of a time of day that occurred, for the advice. */
static const char *clock_letters(unsigned parts)
{
    if (!(parts & STRATA_TIME_HAS_CLOCK))
        return "";
    return parts & STRATA_TIME_HAS_SECOND ? " %H:%M:%S" : " %H:%M";
}

static void explain_order(const struct strata_time_guess *guess, int best, char out[STRATA_TIME_EXPLANATION])
{
    const struct strata_time_evidence *evidence = &guess->evidence[best];
    char mark = marks[best % 3];
    char year = best >= SHORT_DAY_FIRST ? 'y' : 'Y';
    const char *clock = clock_letters(evidence->parts);

    (void)snprintf(out, STRATA_TIME_EXPLANATION,
                   "\"%s\" may be day%cmonth or month%cday and no value above 12 decides; declare the time format "
                   "\"%%d%c%%m%c%%%c%s\" or \"%%m%c%%d%c%%%c%s\"",
                   evidence->example, mark, mark, mark, mark, year, clock, mark, mark, year, clock);
}

/* What can be declared for a text that is in no known layout. */
static const char *advice_on(const char *text)
{
    const char *number = text + (*text == '-');
    size_t n = strspn(number, "0123456789");
    size_t n_more = number[n] == '.' ? 1 + strspn(number + n + 1, "0123456789") : 0;
    bool is_number = n > 0 && number[n + n_more] == '\0';
    return is_number ? "epoch-s, epoch-ms, epoch-us or epoch-ns since 1970, or a pattern such as \"%Y%m%d\""
                     : "a pattern such as \"%d/%m/%Y %H:%M\"";
}

static bool is_name_byte(char byte)
{
    return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') || byte == '_' || byte == '/';
}

/* Where a time of day is followed by a name, such as EST, (CET) or Europe/Berlin: the name; else NULL. */
static const char *find_name_behind_clock(const char *text)
{
    size_t end = strlen(text), n;
    bool is_enclosed = end && (text[end - 1] == ')' || text[end - 1] == ']');

    for (n = end - is_enclosed; n > 0 && is_name_byte(text[n - 1]);)
        n--;
    if (end - is_enclosed < n + 2)
        return NULL;
    if (is_enclosed && (n == 0 || !strchr("([", text[--n])))
        return NULL;
    const char *name = text + n;
    while (n > 0 && text[n - 1] == ' ')
        n--;
    return memchr(text, ':', n) && strata_time_looks_like(text, n) ? name : NULL;
}

/* EST is a name of two continents, IST of three countries: no offset is guessed from a name. */
static void explain_name(const char *text, const char *name, char out[STRATA_TIME_EXPLANATION])
{
    (void)snprintf(out, STRATA_TIME_EXPLANATION,
                   "\"%s\" ends in \"%s\"; names of time zones are not read, since one may mean several: write offsets "
                   "such as +01:00, or, if all times end like that, declare a time format that does, such as "
                   "\"%%Y-%%m-%%d %%H:%%M:%%S %s\"",
                   text, name, name);
}

void strata_time_guess_explain(const struct strata_time_guess *guess, char out[STRATA_TIME_EXPLANATION])
{
    int winner;
    enum strata_time_verdict verdict = judge(guess, &winner);
    int short_year = find_short_year(guess, winner);
    const char *name = guess->n_samples > 0 ? find_name_behind_clock(guess->unread) : NULL;

    if (verdict == STRATA_TIME_SETTLED) {
        (void)snprintf(out, STRATA_TIME_EXPLANATION, "the layout of the times is settled");
    } else if (short_year >= 0) {
        const struct strata_time_evidence *evidence = &guess->evidence[short_year];
        char mark = marks[short_year - SHORT_YEAR_FIRST];
        const char *clock = clock_letters(evidence->parts);
        (void)snprintf(out, STRATA_TIME_EXPLANATION,
                       "\"%s\" may begin with the year or with the day; declare the time format "
                       "\"%%y%c%%m%c%%d%s\" or \"%%d%c%%m%c%%y%s\"",
                       evidence->example, mark, mark, clock, mark, mark, clock);
    } else if (verdict == STRATA_TIME_AMBIGUOUS) {
        explain_order(guess, winner, out);
    } else if (verdict == STRATA_TIME_CONTRADICTORY) {
        (void)snprintf(out, STRATA_TIME_EXPLANATION,
                       "\"%s\" has the day before the month, \"%s\" the month before the day; declare the time format "
                       "that is right, and the other rows are bad rows",
                       guess->evidence[winner].example, guess->evidence[opposite_of(winner)].example);
    } else if (name) {
        explain_name(guess->unread, name, out);
    } else if (strata_time_looks_like(guess->unread, strlen(guess->unread))) {
        (void)snprintf(
            out, STRATA_TIME_EXPLANATION,
            "\"%s\" is written like a time, but there is no such date or time of day, and no other row has one",
            guess->unread);
    } else {
        (void)snprintf(out, STRATA_TIME_EXPLANATION,
                       guess->n_samples > 0 ? "\"%s\" is in no known layout of times; declare its time format: %s"
                                            : "there is no time in the rows%s%s; is it the right column?",
                       guess->unread, guess->n_samples > 0 ? advice_on(guess->unread) : "");
    }
}

bool strata_time_looks_like(const char *text, size_t n)
{
    struct strata_time_memo memo = {0};

    for (int i = 0; i < N_CANDIDATES; i++) {
        struct strata_time_format layout = layout_of(i);
        struct strata_time time = {0};
        memo.date_length = 0;
        unsigned parts;
        enum strata_time_result result =
            n > 0 ? strata_time_read(&layout, &memo, text, n, &time, &parts) : STRATA_TIME_EMPTY;
        bool is_bare_digits = i >= COMPACT;
        if (result == STRATA_TIME_OK && is_plausible(i, text, n, &time))
            return true;
        if (!is_bare_digits && (result == STRATA_TIME_IMPOSSIBLE || result == STRATA_TIME_OUT_OF_RANGE))
            return true;
    }
    return false;
}
