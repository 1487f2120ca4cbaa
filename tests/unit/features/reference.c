#include "reference.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "amount.h"

__extension__ typedef __int128 wide;

static double money(const struct strata_window *window, wide minor)
{
    return (double)minor / (double)strata_amount_scale(window->amount_decimals);
}

/* The sum of the amounts of an age above one border and up to another. */
static wide sum(const struct strata_window *window, const int32_t *day, const int64_t *amount, size_t n, int64_t above,
                int64_t up_to)
{
    wide total = 0;
    for (size_t i = 0; i < n; ++i) {
        const int64_t age = (int64_t)window->as_of_day - day[i];
        total += age > above && age <= up_to ? amount[i] : 0;
    }
    return total;
}

static wide spend(const struct strata_history *history, const struct strata_window *window, int64_t above,
                  int64_t up_to)
{
    wide total = sum(window, history->day, history->amount, history->n_purchases, above, up_to);
    if (window->returns == STRATA_RETURNS_NET)
        total += sum(window, history->return_day, history->return_amount, history->n_returns, above, up_to);
    return total;
}

static double count_orders(const struct strata_history *history, const struct strata_window *window, int64_t above,
                           int64_t up_to)
{
    size_t n = 0;
    for (size_t i = 0; i < history->n_orders; ++i) {
        const int64_t age = (int64_t)window->as_of_day - history->order_day[i];
        n += age > above && age <= up_to;
    }
    return (double)n;
}

static double windows(const char *suffix, const struct strata_history *history, const struct strata_window *window,
                      bool is_spend)
{
    static const struct {
        const char *suffix;
        int64_t above, up_to;
    } known[] = {
        {"30d", -1, 30}, {"90d", -1, 90}, {"180d", -1, 180}, {"365d", -1, 365}, {"prior_90d", 90, 180},
    };
    for (size_t w = 0; w < sizeof known / sizeof *known; ++w)
        if (strcmp(suffix, known[w].suffix) == 0)
            return is_spend ? money(window, spend(history, window, known[w].above, known[w].up_to))
                            : count_orders(history, window, known[w].above, known[w].up_to);
    cr_assert_fail("no window %s", suffix);
    return 0;
}

static double largest_order(const struct strata_history *history, const struct strata_window *window)
{
    int64_t largest = 0;
    for (size_t i = 0; i < history->n_orders; ++i)
        largest = history->order_amount[i] > largest ? history->order_amount[i] : largest;
    return history->n_orders ? money(window, largest) : NAN;
}

struct gaps {
    int64_t n, sum;
    uint64_t squares;
};

static struct gaps find_gaps(const struct strata_history *history)
{
    struct gaps gaps = {0};
    for (size_t i = 1; i < history->n_purchases; ++i) {
        const int64_t gap = (int64_t)history->day[i] - history->day[i - 1];
        gaps.n += gap > 0;
        gaps.sum += gap;
        gaps.squares += (uint64_t)gap * (uint64_t)gap;
    }
    return gaps;
}

static double gap_mean(const struct gaps *gaps) { return gaps->n ? (double)gaps->sum / (double)gaps->n : (double)NAN; }

static double gap_sd(const struct gaps *gaps)
{
    if (gaps->n < 2)
        return NAN;
    const wide deviation = (wide)gaps->n * gaps->squares - (wide)gaps->sum * gaps->sum;
    return sqrt((double)deviation / ((double)gaps->n * (double)(gaps->n - 1)));
}

double reference_feature(const char *name, const struct strata_history *history, const struct strata_window *window)
{
    const size_t n = history->n_purchases;
    const double first = n ? history->day[0] : (double)NAN, last = n ? history->day[n - 1] : (double)NAN;
    const double monetary = money(window, spend(history, window, INT64_MIN, INT64_MAX));
    const struct gaps gaps = find_gaps(history);
    const struct {
        const char *name;
        double value;
    } known[] = {
        {"recency", window->as_of_day - last},
        {"tenure", window->as_of_day - first},
        {"purchase_span", last - first},
        {"first_purchase_day", first},
        {"last_purchase_day", last},
        {"transactions", (double)n},
        {"orders", (double)history->n_orders},
        {"frequency", (double)history->n_orders},
        {"purchase_days", (double)(n ? gaps.n + 1 : 0)},
        {"monetary", monetary},
        {"average_order", history->n_orders ? monetary / (double)history->n_orders : (double)NAN},
        {"largest_order", largest_order(history, window)},
        {"gap_mean", gap_mean(&gaps)},
        {"gap_sd", gap_sd(&gaps)},
        {"days_over_gap", window->as_of_day - last - gap_mean(&gaps)},
        {"returns", (double)history->n_returns},
        {"returned_amount", money(window, -sum(window, history->return_day, history->return_amount, history->n_returns,
                                               INT64_MIN, INT64_MAX))},
        {"channels", (double)history->n_channels},
        {"categories", (double)history->n_categories},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; ++i)
        if (strcmp(name, known[i].name) == 0)
            return known[i].value;
    const bool is_spend = strncmp(name, "spend_", 6) == 0;
    cr_assert(is_spend || strncmp(name, "orders_", 7) == 0, "no feature %s", name);
    return windows(name + (is_spend ? 6 : 7), history, window, is_spend);
}
