#include "time_format.h"

#include <stdio.h>
#include <string.h>

#include "check.h"
#include "digits.h"
#include "time_layout.h"
#include "time_pattern.h"

uint64_t strata_time_date_zeros(char mark)
{
    const char text[8] = {'0', '0', '0', '0', mark, '0', '0', mark};
    return strata_load_8(text);
}

void strata_time_layout_set_quick(struct strata_time_format *format)
{
    bool is_quick = (format->kind == STRATA_TIME_WRITTEN || format->kind == STRATA_TIME_DATE) &&
                    format->order == STRATA_TIME_YMD && format->year_digits == 4 && !format->has_month_name &&
                    strlen(format->mark[0]) == 1 && strcmp(format->mark[0], format->mark[1]) == 0;

    format->has_quick_date = is_quick;
    format->has_quick_clock = is_quick && format->kind == STRATA_TIME_WRITTEN && !format->needs_meridiem;
    format->date_zeros = is_quick ? strata_time_date_zeros(format->mark[0][0]) : 0;
    format->joints[0] = 'T';
    format->joints[1] = ' ';
}

/* The mark as a static text. */
static const char *mark_text(char mark) { return mark == '-' ? "-" : mark == '/' ? "/" : mark == '.' ? "." : " "; }

struct strata_time_format strata_time_layout_marked(enum strata_time_order order, char mark, int year_digits)
{
    struct strata_time_format format = {
        .kind = STRATA_TIME_WRITTEN,
        .order = order,
        .mark = {mark_text(mark), mark_text(mark), ""},
        .year_digits = (int8_t)year_digits,
    };

    strata_time_layout_set_quick(&format);
    return format;
}

struct strata_time_format strata_time_layout_month_name(char mark)
{
    struct strata_time_format format = strata_time_layout_marked(STRATA_TIME_DMY, mark, 4);

    format.has_month_name = true;
    return format;
}

struct strata_time_format strata_time_layout_chinese(void)
{
    return (struct strata_time_format){
        .kind = STRATA_TIME_WRITTEN,
        .order = STRATA_TIME_YMD,
        .mark = {"\u5e74", "\u6708", "\u65e5"},
        .year_digits = 4,
    };
}

struct strata_time_format strata_time_layout_compact(void)
{
    return (struct strata_time_format){.kind = STRATA_TIME_COMPACT, .mark = {"", "", ""}};
}

struct strata_time_format strata_time_layout_epoch(int decimals)
{
    int8_t most = (int8_t)(STRATA_EPOCH_DIGITS + decimals);

    return (struct strata_time_format){
        .kind = STRATA_TIME_EPOCH,
        .epoch_decimals = (int8_t)decimals,
        .epoch_digits_min = (int8_t)(most - 1),
        .epoch_digits_max = most,
    };
}

static const struct {
    int decimals;
    const char *name;
} epochs[] = {
#define STRATA_EPOCH_ROW(decimals, name) {decimals, name},
    STRATA_EPOCHS(STRATA_EPOCH_ROW)
#undef STRATA_EPOCH_ROW
};

enum { N_EPOCHS = sizeof epochs / sizeof epochs[0] };

static const char *epoch_name(int decimals)
{
    int i = 0;
    while (epochs[i].decimals != decimals)
        i++;
    return epochs[i].name;
}

/* An epoch of any number of digits; false if the name is none. */
static bool declare_epoch(struct strata_time_format *format, const char *declared)
{
    for (int i = 0; i < N_EPOCHS; i++) {
        if (strcmp(declared, epochs[i].name) != 0)
            continue;
        *format = strata_time_layout_epoch(epochs[i].decimals);
        format->epoch_digits_min = 1;
        format->epoch_digits_max = INT8_MAX;
        return true;
    }
    return false;
}

void strata_time_layout_write_name(struct strata_time_format *format)
{
    const char *year = format->year_digits == 2 ? "YY" : "YYYY";
    const char *month = format->has_month_name ? "Mon" : "M";
    const char *const *mark = format->mark;
    size_t n = sizeof format->name;

    if (format->kind == STRATA_TIME_COMPACT)
        (void)snprintf(format->name, n, "YYYYMMDD");
    else if (format->kind == STRATA_TIME_EPOCH)
        (void)snprintf(format->name, n, "%s", epoch_name(format->epoch_decimals));
    else if (format->order == STRATA_TIME_DMY)
        (void)snprintf(format->name, n, "D%s%s%s%s", mark[0], month, mark[1], year);
    else if (format->order == STRATA_TIME_MDY)
        (void)snprintf(format->name, n, "M%sD%s%s", mark[0], mark[1], year);
    else if (mark[2][0])
        (void)snprintf(format->name, n, "YYYY%sM%sD%s", mark[0], mark[1], mark[2]);
    else
        (void)snprintf(format->name, n, "YYYY%sMM%sDD", mark[0], mark[1]);
}

enum strata_status strata_time_format_declare(struct strata_time_format *format, const char *declared,
                                              const struct strata_time_zone *zone, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    bool is_iso = strcmp(declared, "iso") == 0;
    bool is_date = strcmp(declared, "date") == 0;

    *format = (struct strata_time_format){0};
    if (is_iso || is_date) {
        *format = strata_time_layout_marked(STRATA_TIME_YMD, '-', 4);
        format->kind = is_iso ? STRATA_TIME_WRITTEN : STRATA_TIME_DATE;
        format->is_strict = true;
        strata_time_layout_set_quick(format);
    } else if (!strchr(declared, '%') && !declare_epoch(format, declared)) {
        STRATA_GIVE_UP(err, STRATA_USAGE,
                       "the time format \"%.100s\" is none of " STRATA_TIME_FORMAT_WORDS ", nor a pattern "
                       "such as %%d/%%m/%%Y %%H:%%M:%%S",
                       declared);
    } else if (strchr(declared, '%')) {
        STRATA_TRY(strata_time_pattern_compile(format, declared, err));
    }
    (void)snprintf(format->name, sizeof format->name, "%s", declared);
    format->zone = zone;
done:
    return status;
}

const char *strata_time_format_name(const struct strata_time_format *format) { return format->name; }

const char *strata_time_result_text(enum strata_time_result result)
{
    static const char *const texts[] = {
#define STRATA_TIME_RESULT_TEXT(name, text) [STRATA_TIME_##name] = text,
        STRATA_TIME_RESULT_LIST(STRATA_TIME_RESULT_TEXT)
#undef STRATA_TIME_RESULT_TEXT
    };
    return texts[result];
}
