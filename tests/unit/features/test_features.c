#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "catalogue.h"
#include "feature_table.h"
#include "history.h"

/* The value of a feature for a history, by the function that fills the table. */
static double feature(const char *name, const struct strata_history *history, const struct strata_window *window)
{
    struct strata_table table = {0};
    struct strata_error err = {0};
    struct strata_window all = *window;
    all.fields = ~0u;
    cr_assert_eq(strata_features_begin(&table, &all, &err), STRATA_OK);
    cr_assert_eq(strata_table_grow(&table, 1, &err), STRATA_OK);
    strata_features_set(&table, &all, 0, history);
    const struct strata_table_column *column = strata_table_find(&table, name);
    cr_assert_not_null(column, "no feature %s", name);
    const double value = strata_table_value(column, 0);
    strata_table_release(&table);
    return value;
}

#define CHECK(name, expected)       cr_assert_float_eq(feature(name, &history, &window), (expected), 1e-12, name)
#define CHECK_FLOAT(name, expected) cr_assert_eq(feature(name, &history, &window), (double)(float)(expected), name)
#define CHECK_MISSING(name)         cr_assert(isnan(feature(name, &history, &window)), name)

/* Purchases on days 100 (twice), 110, 140 and 195; as of day 200; one return on day 150. By hand:
 * gaps 10, 30, 55: mean 95/3, squares 100 + 900 + 3025 = 4025, sample variance (4025 - 95^2/3) / 2. */
static const int32_t day[] = {100, 100, 110, 140, 195};
static const int64_t amount[] = {100000, 50000, 20000, 0, 300000};
static const int32_t order_day[] = {100, 110, 140, 195};
static const int64_t order_amount[] = {150000, 20000, 0, 300000};
static const int32_t return_day[] = {150};
static const int64_t return_amount[] = {-50000};

static const struct strata_history buyer = {
    .n_purchases = 5,
    .day = day,
    .amount = amount,
    .n_orders = 4,
    .order_day = order_day,
    .order_amount = order_amount,
    .n_returns = 1,
    .return_day = return_day,
    .return_amount = return_amount,
    .n_channels = 2,
    .n_categories = 3,
};

Test(features, hand_computed)
{
    const struct strata_history history = buyer;
    const struct strata_window window = {.amount_decimals = 4, .as_of_day = 200, .returns = STRATA_RETURNS_NET};
    CHECK("recency", 5);
    CHECK("tenure", 100);
    CHECK("purchase_span", 95);
    CHECK("first_purchase_day", 100);
    CHECK("last_purchase_day", 195);
    CHECK("transactions", 5);
    CHECK("orders", 4);
    CHECK("frequency", 4);
    CHECK("purchase_days", 4);
    CHECK("monetary", 42);
    CHECK("average_order", 10.5);
    CHECK("largest_order", 30);
    CHECK_FLOAT("gap_mean", 95.0 / 3);
    CHECK_FLOAT("gap_sd", sqrt((4025 - 95.0 * 95 / 3) / 2));
    CHECK_FLOAT("days_over_gap", 5 - 95.0 / 3);
    CHECK("spend_30d", 30);
    CHECK("spend_90d", 30 + 2 - 5 + 0);
    CHECK("spend_180d", 42);
    CHECK("spend_365d", 42);
    CHECK("spend_prior_90d", 15);
    CHECK("orders_30d", 1);
    CHECK("orders_90d", 3);
    CHECK("orders_180d", 4);
    CHECK("orders_365d", 4);
    CHECK("orders_prior_90d", 1);
    CHECK("returns", 1);
    CHECK("returned_amount", 5);
    CHECK("channels", 2);
    CHECK("categories", 3);
}

Test(features, separate_returns_leave_the_spend_alone)
{
    const struct strata_history history = buyer;
    const struct strata_window window = {.amount_decimals = 4, .as_of_day = 200, .returns = STRATA_RETURNS_SEPARATE};
    CHECK("monetary", 47);
    CHECK("spend_90d", 32);
    CHECK("returned_amount", 5);
}

Test(features, one_purchase_has_no_gap)
{
    const struct strata_history history = {
        .n_purchases = 1, .day = day, .amount = amount, .n_orders = 1, .order_day = day, .order_amount = amount};
    const struct strata_window window = {.amount_decimals = 4, .as_of_day = 100};
    CHECK("recency", 0);
    CHECK("monetary", 10);
    CHECK("spend_30d", 10);
    CHECK_MISSING("gap_mean");
    CHECK_MISSING("gap_sd");
    CHECK_MISSING("days_over_gap");
}

Test(features, returns_alone_are_a_customer_without_purchase)
{
    const struct strata_history history = {.n_returns = 1, .return_day = return_day, .return_amount = return_amount};
    const struct strata_window window = {.amount_decimals = 4, .as_of_day = 200, .returns = STRATA_RETURNS_NET};
    CHECK_MISSING("recency");
    CHECK_MISSING("first_purchase_day");
    CHECK_MISSING("average_order");
    CHECK_MISSING("largest_order");
    CHECK("orders", 0);
    CHECK("purchase_days", 0);
    CHECK("monetary", -5);
    CHECK("returns", 1);
}

Test(features, a_window_holds_both_its_borders)
{
    static const int32_t days[] = {20, 19, 109, 110, 170, 169};
    static const int64_t one[] = {10000};
    const struct strata_window window = {.amount_decimals = 4, .as_of_day = 200};
    static const double prior[] = {1, 0, 1, 0, 0, 0}, last_30[] = {0, 0, 0, 0, 1, 0};
    for (int i = 0; i < 6; ++i) {
        const struct strata_history history = {.n_purchases = 1,
                                               .day = &days[i],
                                               .amount = one,
                                               .n_orders = 1,
                                               .order_day = &days[i],
                                               .order_amount = one};
        CHECK("spend_prior_90d", prior[i]);
        CHECK("orders_prior_90d", prior[i]);
        CHECK("spend_30d", last_30[i]);
    }
}

Test(features, sums_do_not_overflow)
{
    static const int32_t days[] = {1, 2, 3};
    static const int64_t huge[] = {INT64_MAX, INT64_MAX, INT64_MAX};
    const struct strata_history history = {
        .n_purchases = 3, .day = days, .amount = huge, .n_orders = 3, .order_day = days, .order_amount = huge};
    const struct strata_window window = {.amount_decimals = 4, .as_of_day = 10};
    cr_assert_float_eq(feature("monetary", &history, &window), 3 * (0x1p63 / 10000), 1);
}

Test(catalogue, every_name_once_and_described)
{
    for (size_t i = 0; i < strata_feature_count(); ++i) {
        const struct strata_column *column = strata_feature_at(i);
        cr_assert(strlen(column->name) > 0 && strlen(column->unit) > 0 && strlen(column->description) > 10);
        cr_assert_str_neq(column->unit, "days", "xarray would decode it");
        for (size_t j = 0; j < i; ++j)
            cr_assert_str_neq(column->name, strata_feature_at(j)->name);
    }
}

/* Customers set in any order, integers with their missing value, and only the features that the run can have. */
Test(feature_table, one_row_per_customer)
{
    struct strata_table table = {0};
    struct strata_error err = {0};
    const struct strata_window window = {.amount_decimals = 4, .as_of_day = 200};
    const struct strata_history none = {.n_returns = 1, .return_day = return_day, .return_amount = return_amount};
    cr_assert_eq(strata_features_begin(&table, &window, &err), STRATA_OK);
    cr_assert_eq(strata_table_grow(&table, 3, &err), STRATA_OK);
    for (int i = 0; i < 3; ++i)
        table.customer[i] = strata_key_from_short(&"abc"[i], 1);
    strata_features_set(&table, &window, 2, &none);
    strata_features_set(&table, &window, 0, &buyer);
    strata_features_set(&table, &window, 1, &buyer);
    cr_assert_eq(table.n_rows, 3u);
    cr_assert(strata_key_equal(table.customer[2], strata_key_from_short("c", 1)));
    const float *recency = strata_table_find(&table, "recency")->values;
    cr_assert_eq(recency[1], 5);
    cr_assert(isnan(recency[2]));
    const int32_t *last = strata_table_find(&table, "last_purchase_day")->values;
    cr_assert_eq(last[0], 195);
    cr_assert_eq(last[2], STRATA_MISSING_I32);
    cr_assert_null(strata_table_find(&table, "channels"), "not mapped, so not there");
    strata_table_release(&table);
}
