#include "calendar.h"

/* Days before the first of each month, counted in years that begin in March, so that a leap day comes last. */
static int32_t days_before_month(int32_t months_since_march) { return (153 * months_since_march + 2) / 5; }

static bool is_leap_year(int32_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

bool strata_date_is_valid(struct strata_date date)
{
    static const int8_t month_days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    if (date.year < 1 || date.year > 9999 || date.month < 1 || date.month > 12 || date.day < 1)
        return false;
    return date.day <= month_days[date.month - 1] + (date.month == 2 && is_leap_year(date.year));
}

int32_t strata_day_from_date(struct strata_date date)
{
    int32_t year = date.month > 2 ? date.year : date.year - 1;
    int32_t century = year / 100;
    int32_t month = date.month > 2 ? date.month - 3 : date.month + 9;

    return year * 365 + year / 4 - century + century / 4 + days_before_month(month) + date.day - 1 - 719468;
}

struct strata_date strata_date_from_day(int32_t day)
{
    /* 400 years are 146,097 days, and repeat. */
    int32_t since_march_0 = day + 719468;
    int32_t era = since_march_0 / 146097;
    int32_t day_of_era = since_march_0 % 146097;
    int32_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int32_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int32_t month = (5 * day_of_year + 2) / 153;
    int32_t year = era * 400 + year_of_era;

    return (struct strata_date){
        .year = month < 10 ? year : year + 1,
        .month = month < 10 ? month + 3 : month - 9,
        .day = day_of_year - days_before_month(month) + 1,
    };
}

/* `n_digits` decimal digits, or -1. */
static int32_t read_digits(const char *text, int n_digits)
{
    int32_t value = 0;

    for (int i = 0; i < n_digits; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

bool strata_day_parse(const char *text, int32_t *day)
{
    struct strata_date date = {.year = read_digits(text, 4)};

    if (date.year < 0 || text[4] != '-')
        return false;
    date.month = read_digits(text + 5, 2);
    if (date.month < 0 || text[7] != '-')
        return false;
    date.day = read_digits(text + 8, 2);
    if (date.day < 0 || text[10] != '\0' || !strata_date_is_valid(date))
        return false;
    *day = strata_day_from_date(date);
    return true;
}

static void write_digits(char *out, int32_t value, int n_digits)
{
    for (int i = n_digits - 1; i >= 0; i--) {
        out[i] = (char)('0' + value % 10);
        value /= 10;
    }
}

void strata_day_format(int32_t day, char out[11])
{
    struct strata_date date = strata_date_from_day(day);

    write_digits(out, date.year, 4);
    out[4] = '-';
    write_digits(out + 5, date.month, 2);
    out[7] = '-';
    write_digits(out + 8, date.day, 2);
    out[10] = '\0';
}
