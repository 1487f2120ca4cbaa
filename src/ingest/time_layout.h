/* Inside of the time formats: the candidates of a guess and the general way of reading. */
#ifndef STRATA_INGEST_TIME_LAYOUT_H
#define STRATA_INGEST_TIME_LAYOUT_H

#include "time_format.h"

/* What a time of day was made of. */
enum strata_time_part {
    STRATA_TIME_HAS_CLOCK = 1u << 0,
    STRATA_TIME_HAS_SECOND = 1u << 1,
    STRATA_TIME_HAS_FRACTION = 1u << 2,
    STRATA_TIME_HAS_MERIDIEM = 1u << 3,
    STRATA_TIME_HAS_OFFSET = 1u << 4,
    STRATA_TIME_HAS_NO_COLONS = 1u << 5,
};

/* As strata_time_parse for a text that is not empty, without the quick way; reports the parts. */
enum strata_time_result strata_time_read(const struct strata_time_format *format, struct strata_time_memo *memo,
                                         const char *text, size_t n, struct strata_time *out, unsigned *parts);

/* A date of three fields with a mark ('-', '/' or '.'), as the guess tries it: one-digit fields, any time of day. */
struct strata_time_format strata_time_layout_marked(enum strata_time_order order, char mark, int year_digits);
struct strata_time_format strata_time_layout_month_name(char mark);
struct strata_time_format strata_time_layout_chinese(void);
struct strata_time_format strata_time_layout_compact(void);

/* X(decimals of a second in the whole number, name) */
#define STRATA_EPOCHS(X)                                                                                               \
    X(0, "epoch-s")                                                                                                    \
    X(3, "epoch-ms")                                                                                                   \
    X(6, "epoch-us")                                                                                                   \
    X(9, "epoch-ns")

/* Digits of an epoch of seconds from 2001 to 2286: today's, by which a number is told to be one. */
enum { STRATA_EPOCH_DIGITS = 10 };

/* Of today's digits, or one less. */
struct strata_time_format strata_time_layout_epoch(int decimals);

/* "0000-00-" with another mark, as strata_load_8 reads it. */
uint64_t strata_time_date_zeros(char mark);

/* Write the name of the date, or of the epoch. */
void strata_time_layout_write_name(struct strata_time_format *format);

/* Let the quick way read YYYY-MM-DD with these marks and, unless AM or PM is needed, HH:MM:SS behind T or a blank. */
void strata_time_layout_set_quick(struct strata_time_format *format);

#endif
