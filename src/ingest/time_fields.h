/* Inside of the time formats: a cursor over one text, and the fields that all layouts share. */
#ifndef STRATA_INGEST_TIME_FIELDS_H
#define STRATA_INGEST_TIME_FIELDS_H

#include "digits.h"
#include "time_layout.h"

#define STRATA_MICROSECONDS    INT64_C(1000000)
#define STRATA_SECONDS_PER_DAY 86400

struct strata_cursor {
    const char *text;
    size_t n, at;
};

struct strata_clock {
    int32_t hour, minute, second, microsecond;
    int32_t offset; /* seconds east of UTC */
    unsigned parts; /* enum strata_time_part */
};

static inline char strata_cursor_peek(const struct strata_cursor *cursor)
{
    return cursor->at < cursor->n ? cursor->text[cursor->at] : '\0';
}

static inline size_t strata_cursor_count_digits(const struct strata_cursor *cursor, size_t most)
{
    size_t left = cursor->n - cursor->at;
    return strata_count_digits(cursor->text + cursor->at, left < most ? left : most);
}

/* The next `n` characters, which are known to be digits. */
static inline int32_t strata_cursor_take_digits(struct strata_cursor *cursor, size_t n)
{
    int32_t value = (int32_t)strata_value_of_digits(cursor->text + cursor->at, n);
    cursor->at += n;
    return value;
}

static inline void strata_cursor_skip_blanks(struct strata_cursor *cursor)
{
    while (cursor->at < cursor->n && cursor->text[cursor->at] == ' ')
        cursor->at++;
}

static inline char strata_lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c; }

/* "HH:MM:SS" in a word: all digits and colons at once, then the pairs. False also for a time that does not exist. */
static inline bool strata_clock_from_word(uint64_t word, struct strata_clock *clock)
{
    word ^= UINT64_C(0x30303a30303a3030);
    /* Bytes from the highest: 9 5 : 9 5 : 9 2 are the most, by the room up to 0x7f. */
    if (!strata_bytes_fit(word, UINT64_C(0x767a7f767a7f767d)))
        return false;
    word = word * 10 + (word >> 8);
    clock->hour = (int32_t)(word & 0xff);
    clock->minute = (int32_t)(word >> 24 & 0xff);
    clock->second = (int32_t)(word >> 48 & 0xff);
    return clock->hour < 24;
}

/* Are hour, minute and second those of a day? */
enum strata_time_result strata_clock_check(const struct strata_clock *clock);

/* H:MM or H:MM:SS */
enum strata_time_result strata_clock_read(struct strata_cursor *cursor, bool is_strict, struct strata_clock *clock);

/* HHMM or HHMMSS, of which there are `n_digits`. */
enum strata_time_result strata_clock_read_plain(struct strata_cursor *cursor, size_t n_digits,
                                                struct strata_clock *clock);

/* All that may stand behind minutes or seconds, up to the end of the text: a fraction, AM or PM, an offset. */
enum strata_time_result strata_clock_read_end(struct strata_cursor *cursor, bool is_strict, struct strata_clock *clock);

/* .1 to .9 digits; false if there are more or none behind the point. */
bool strata_fraction_read(struct strata_cursor *cursor, int32_t *microsecond);

/* A year of two or four digits. One of more digits is read as 0, which is out of range too. */
bool strata_field_take_year(struct strata_cursor *cursor, int year_digits, int32_t *year);

/* One or two digits. */
static inline bool strata_field_take_small(struct strata_cursor *cursor, bool needs_two, int32_t *value)
{
    const char *at = cursor->text + cursor->at;
    size_t left = cursor->n - cursor->at;

    if (left == 0 || !strata_is_digit(at[0]))
        return false;
    if (left == 1 || !strata_is_digit(at[1])) {
        *value = at[0] - '0';
        cursor->at++;
        return !needs_two;
    }
    *value = (at[0] - '0') * 10 + (at[1] - '0');
    cursor->at += 2;
    return left == 2 || !strata_is_digit(at[2]);
}

/* Jan, feb, MAR */
bool strata_field_take_month_name(struct strata_cursor *cursor, int32_t *month);

/* 69..99 are 19xx, 0..68 are 20xx, as strptime has it. */
int32_t strata_full_year(int32_t two_digits);

enum strata_time_result strata_day_of_fields(struct strata_date date, int32_t *day);

/* Up to 24 bytes as three words that overlap. */
static inline void strata_date_words(const char *text, size_t n, uint64_t words[3])
{
    if (n < 8) {
        words[0] = strata_load_4(text) | (uint64_t)strata_load_4(text + n - 4) << 32;
        words[1] = words[2] = 0;
    } else {
        words[0] = strata_load_8(text);
        words[1] = strata_load_8(text + (n < 16 ? n - 8 : 8));
        words[2] = strata_load_8(text + n - 8);
    }
}

/* Does the text begin with the date of the memo? A digit behind it would belong to another date. */
static inline bool strata_memo_recall_date(const struct strata_time_memo *memo, struct strata_cursor *cursor,
                                           int32_t *day)
{
    size_t n = memo->date_length;
    uint64_t words[3];

    if (n == 0 || cursor->n < n || (cursor->n > n && strata_is_digit(cursor->text[n])))
        return false;
    strata_date_words(cursor->text, n, words);
    if (words[0] != memo->date_text[0] || words[1] != memo->date_text[1] || words[2] != memo->date_text[2])
        return false;
    cursor->at = n;
    *day = memo->date_day;
    return true;
}

/* The text up to the cursor is this day. */
void strata_memo_remember_date(struct strata_time_memo *memo, const struct strata_cursor *cursor, int32_t day);

/* The local day and time of day of an instant. */
enum strata_time_result strata_time_convert_instant(const struct strata_time_format *format,
                                                    struct strata_time_memo *memo, int64_t utc_seconds,
                                                    int32_t microsecond, struct strata_time *out);

/* A day and a time of day that were written, converted if there was an offset. */
enum strata_time_result strata_time_combine(const struct strata_time_format *format, struct strata_time_memo *memo,
                                            int32_t day, const struct strata_clock *clock, struct strata_time *out);

#endif
