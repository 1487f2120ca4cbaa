/* Inside of the time formats, the quick way: YYYY-MM-DD and YYYY-MM-DD HH:MM:SS, in words of eight bytes. */
#ifndef STRATA_INGEST_TIME_QUICK_H
#define STRATA_INGEST_TIME_QUICK_H

#include "time_fields.h"

/* The place of a month in the memo: four bits for it, three for the year, from the bits of their last digits. */
static inline size_t strata_time_month_place(uint64_t text)
{
    return (size_t)(((text >> 24) & 7) << 4 | (((text >> 48) + 10 * (text >> 40 & 1)) & 15));
}

/* Into the memo's place; false if the text is no month. */
bool strata_time_learn_month(struct strata_time_month *month, uint64_t text, uint64_t date_zeros);

static inline bool strata_time_quick_date(const struct strata_time_format *format, struct strata_time_memo *memo,
                                          const char *text, int32_t *day)
{
    uint64_t month_text = strata_load_8(text);
    struct strata_time_month *month = &memo->month[strata_time_month_place(month_text)];
    uint32_t digits = strata_load_2(text + 8) ^ 0x3030;

    if (__builtin_expect(month_text != month->text, 0) &&
        !strata_time_learn_month(month, month_text, format->date_zeros))
        return false;
    /* A byte that is no digit makes `before` wrong, so it is judged with it. */
    uint32_t is_wrong = ((digits + 0x7676) | digits) & 0x8080;
    uint32_t before = (digits & 0xff) * 10 + (digits >> 8) - 1;
    *day = month->first + (int32_t)before;
    return !is_wrong & (before < (uint32_t)month->days);
}

/* What stands behind the date: nothing or a time of day. */
static inline bool strata_time_quick_clock(const struct strata_time_format *format, const char *text, size_t n,
                                           struct strata_clock *clock)
{
    *clock = (struct strata_clock){0};
    if (__builtin_expect(n == 19, 1)) {
        bool is_joint = (text[10] == format->joints[0]) | (text[10] == format->joints[1]);
        return strata_clock_from_word(strata_load_8(text + 11), clock) & is_joint & format->has_quick_clock;
    }
    return n == 10 && format->has_quick_date;
}

/* False where the text is not written like this or is no time: the general way then judges it. */
static inline bool strata_time_quick(const struct strata_time_format *format, struct strata_time_memo *memo,
                                     const char *text, size_t n, struct strata_time *out)
{
    struct strata_clock clock;

    if (!strata_time_quick_clock(format, text, n, &clock))
        return false;
    int32_t second = clock.hour * 3600 + clock.minute * 60 + clock.second;
    out->microsecond = second * STRATA_MICROSECONDS;
    return strata_time_quick_date(format, memo, text, &out->day);
}

#endif
