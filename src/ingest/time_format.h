/* The layout of one file's time column: settled once, from a declaration or from samples, then applied to every row.
 *
 * A time without offset is local time in the configured zone, so its day is the one that is written. A time with an
 * offset, and what counts the seconds (or thousandths, millionths, billionths) since 1970-01-01T00:00Z, are instants
 * that are converted to the zone. The years are 1 to 9999; two digits mean 1969 to 2068. 24:00 and the second 60 do not
 * exist. Blanks around a field are the caller's to trim. Thread-safe, no allocation.
 */
#ifndef STRATA_INGEST_TIME_FORMAT_H
#define STRATA_INGEST_TIME_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <strata/status.h>

#include "calendar.h"

#define STRATA_TIME_PATTERN_MAX 48 /* letters and literal characters of a declared pattern */
#define STRATA_TIME_NAME        64
#define STRATA_TIME_MONTHS      128 /* of eight years */
#define STRATA_TIME_EXAMPLE     40
#define STRATA_TIME_CANDIDATES  27

struct strata_time {
    int32_t day;         /* since 1970-01-01, in the configured zone */
    int64_t microsecond; /* of that local day; finer fractions are cut */
};

/* X(NAME, reason of the rejection) */
#define STRATA_TIME_RESULT_LIST(X)                                                                                     \
    X(OK, "a time")                                                                                                    \
    X(EMPTY, "it is empty")                                                                                            \
    X(MALFORMED, "it is not in the layout of the file's times")                                                        \
    X(IMPOSSIBLE, "there is no such date or time of day")                                                              \
    X(OUT_OF_RANGE, "the year is not between 1 and 9999")

enum strata_time_result {
#define STRATA_TIME_RESULT_ENUM(name, text) STRATA_TIME_##name,
    STRATA_TIME_RESULT_LIST(STRATA_TIME_RESULT_ENUM)
#undef STRATA_TIME_RESULT_ENUM
};

enum strata_time_kind {
    STRATA_TIME_WRITTEN, /* three fields of a date with marks behind them, in one order */
    STRATA_TIME_COMPACT, /* YYYYMMDD, HHMM and HHMMSS without marks */
    STRATA_TIME_DATE,    /* YYYY-MM-DD or YYYYMMDD, nothing behind */
    STRATA_TIME_EPOCH,   /* digits since 1970-01-01T00:00Z */
    STRATA_TIME_PATTERN, /* strptime letters */
};

enum strata_time_order { STRATA_TIME_YMD, STRATA_TIME_DMY, STRATA_TIME_MDY };

/* A settled layout: a plain value. The zone is borrowed (NULL is UTC), all else is its own. */
struct strata_time_format {
    const struct strata_time_zone *zone;
    enum strata_time_kind kind;
    enum strata_time_order order;
    const char *mark[3];     /* static texts behind the fields of the date */
    uint64_t date_zeros;     /* "0000-00-" as a word where the quick way applies, else 0 */
    char joints[2];          /* what may stand between a date and a time of day in the quick way */
    bool has_quick_clock;    /* may "HH:MM:SS" follow, */
    bool has_quick_date;     /* may nothing follow */
    bool has_month_name;     /* Jan, feb, MAR */
    bool is_strict;          /* iso: two digits in each field, one T or blank */
    bool needs_meridiem;     /* AM or PM behind each time of day */
    int8_t year_digits;      /* 2 or 4 */
    int8_t epoch_digits_min; /* of the whole number */
    int8_t epoch_digits_max;
    int8_t epoch_decimals;        /* of a second in the whole number: 0, 3, 6 or 9 */
    int8_t n_steps, n_date_steps; /* of a pattern; its first n_date_steps are the date and nothing else, or 0 */
    struct strata_time_step {
        char letter; /* of the field, or 0 for a literal byte */
        char literal;
        bool is_full; /* digits follow directly or came before: exactly two, or four of %Y */
    } step[STRATA_TIME_PATTERN_MAX];
    char name[STRATA_TIME_NAME];
};

/* What a thread remembers between rows of one format: zeroed is empty, and must be zeroed for another format. */
struct strata_time_memo {
    struct strata_time_month {
        uint64_t text; /* eight bytes "YYYY-MM-" */
        int32_t first; /* their first day, */
        int32_t days;  /* and its length */
    } month[STRATA_TIME_MONTHS];
    uint64_t date_text[3];
    uint32_t date_length;
    int32_t date_day;
    struct strata_zone_span span;
};

/* "iso": YYYY-MM-DD, or with T or a blank and HH:MM[:SS[.1 to 9 digits]][Z or +HH:MM or +HHMM or +HH];
 * "date": YYYY-MM-DD or YYYYMMDD; "epoch-s", "epoch-ms", "epoch-us" or "epoch-ns" (with or without a fraction); or a
 * pattern of the letters %Y %m %d %H %M %S %y %b %% and literal characters. A pattern that ends in %M or %S also takes
 * what may follow there otherwise: a fraction of the second, AM or PM, an offset. STRATA_USAGE for anything else;
 * "auto" is the guess's. */
#define STRATA_TIME_FORMAT_WORDS "auto, iso, date, epoch-s, epoch-ms, epoch-us, epoch-ns"
enum strata_status strata_time_format_declare(struct strata_time_format *format, const char *declared,
                                              const struct strata_time_zone *zone,
                                              struct strata_error *err) STRATA_MUST_USE;

/* What was settled, for people: "YYYY-MM-DD HH:MM:SS", "D/M/YYYY", or the pattern. Lives as long as the format. */
const char *strata_time_format_name(const struct strata_time_format *format);

/* The `n` bytes of `text`; nothing beyond them is read. `*out` is written only where the result is OK. */
enum strata_time_result strata_time_parse(const struct strata_time_format *format, struct strata_time_memo *memo,
                                          const char *text, size_t n, struct strata_time *out);

/* A clause without full stop for a reject reason; never NULL. */
const char *strata_time_result_text(enum strata_time_result result);

/* Samples so far. Those that are no time in any layout count for nothing: as rows they are rejected later. */
struct strata_time_guess {
    struct strata_time_format layout[STRATA_TIME_CANDIDATES]; /* made once: there are many samples */
    struct strata_time_memo memo;
    uint64_t n_samples;
    struct strata_time_evidence {
        uint64_t n_read;  /* samples that this layout reads */
        uint64_t n_alone; /* of these, samples that the opposite order of day and month does not read */
        unsigned parts;   /* of a time of day that occurred */
        char example[STRATA_TIME_EXAMPLE]; /* one of n_alone, or else the first */
    } evidence[STRATA_TIME_CANDIDATES];
    uint64_t first_fields[3][2];      /* values of the first and the last field, as bits, per mark, */
    uint64_t last_fields[3];          /* where a date may begin with a year of two digits */
    char unread[STRATA_TIME_EXAMPLE]; /* the first sample that no layout reads */
};

enum strata_time_verdict {
    STRATA_TIME_SETTLED,
    STRATA_TIME_AMBIGUOUS,     /* several orders of day, month and year read all samples: feed more */
    STRATA_TIME_CONTRADICTORY, /* some samples need day/month, others month/day */
    STRATA_TIME_UNRECOGNISED,  /* no sample is a time */
};

void strata_time_guess_begin(struct strata_time_guess *guess);

/* Empty samples are ignored. */
void strata_time_guess_feed(struct strata_time_guess *guess, const char *text, size_t n);

/* The layout that reads the most samples; `*format` is written only where it is settled. */
enum strata_time_verdict strata_time_guess_decide(const struct strata_time_guess *guess,
                                                  const struct strata_time_zone *zone,
                                                  struct strata_time_format *format);

/* A sentence without full stop on a verdict other than SETTLED, with an example and what to declare. */
#define STRATA_TIME_EXPLANATION 320
void strata_time_guess_explain(const struct strata_time_guess *guess, char out[STRATA_TIME_EXPLANATION]);

/* Is it written like a time, in any layout of the guess? (Whether there is such a date or not.) */
bool strata_time_looks_like(const char *text, size_t n);

#endif
