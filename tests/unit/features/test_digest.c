#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "calendar.h"
#include "feature_table.h"
#include "random_source.h"
#include "reference.h"

enum { MOST_ROWS = 300, N_HISTORIES = 4000, AS_OF_DAY = 19000 };

static struct random_source source = {.seed = 20240229};

static uint64_t draw(uint64_t n) { return random_below(&source, n); }

struct rows {
    size_t n;
    int32_t day[MOST_ROWS];
    int64_t amount[MOST_ROWS];
};

static int compare_days(const void *a, const void *b)
{
    const int32_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Few rows most of the time; days around all borders, some of them after the as-of date; amounts that fit into 64 bits
 * when summed, and amounts that do not. */
static void draw_rows(struct rows *rows, bool may_be_empty, int sign)
{
    static const uint64_t sizes[] = {3, 20, 70, MOST_ROWS}, spans[] = {1, 10, 40, 400, 2000000};
    rows->n = draw(sizes[draw(4)]) + !may_be_empty;
    const uint64_t span = spans[draw(5)], huge = draw(4);
    const int32_t newest = AS_OF_DAY - (int32_t)draw(400) + (int32_t)draw(2) * 380;
    for (size_t i = 0; i < rows->n; ++i) {
        const int32_t day = newest - (int32_t)draw(span);
        rows->day[i] = day < STRATA_DAY_MIN ? STRATA_DAY_MIN : day;
        const int64_t size = huge == 0 && draw(3) == 0 ? INT64_MAX - (int64_t)draw(5) : (int64_t)draw(5000000);
        rows->amount[i] = sign > 0 ? size : -size - 1;
    }
    qsort(rows->day, rows->n, sizeof *rows->day, compare_days);
}

/* The same bytes as the definition gives. */
static void check_value(const struct strata_table_column *column, double expected, int number)
{
    const char *name = column->about.name;
    switch (column->about.type) {
    case STRATA_I32: {
        const int32_t value = isnan(expected) ? STRATA_MISSING_I32 : (int32_t)expected;
        cr_assert_eq(*(const int32_t *)column->values, value, "%s of history %d", name, number);
        return;
    }
    case STRATA_F32: {
        const float value = (float)expected;
        cr_assert_eq(memcmp(column->values, &value, sizeof value), 0, "%s of history %d", name, number);
        return;
    }
    default: cr_assert_eq(memcmp(column->values, &expected, sizeof expected), 0, "%s of history %d", name, number);
    }
}

Test(digest, features_are_those_of_the_definitions)
{
    static struct rows purchases, orders, returns;
    for (int h = 0; h < N_HISTORIES; ++h) {
        struct strata_table table = {0};
        struct strata_error err = {0};
        const struct strata_window window = {
            .as_of_day = AS_OF_DAY,
            .returns = (enum strata_returns_policy)draw(3),
            .fields = draw(2) ? ~0u : 0,
            .amount_decimals = (int)draw(10),
        };
        draw_rows(&returns, true, -1);
        draw_rows(&purchases, returns.n > 0, 1);
        struct strata_history history = {
            .n_purchases = purchases.n,
            .day = purchases.day,
            .amount = purchases.amount,
            .n_orders = purchases.n,
            .order_day = purchases.day,
            .order_amount = purchases.amount,
            .n_returns = returns.n,
            .return_day = returns.day,
            .return_amount = returns.amount,
            .n_channels = draw(4),
            .n_categories = draw(100),
        };
        if (draw(2)) {
            draw_rows(&orders, true, 1);
            history.n_orders = orders.n < purchases.n ? orders.n : purchases.n;
            history.order_day = orders.day;
            history.order_amount = orders.amount;
        }
        cr_assert_eq(strata_features_begin(&table, &window, &err), STRATA_OK);
        cr_assert_eq(strata_table_grow(&table, 1, &err), STRATA_OK);
        strata_features_set(&table, &window, 0, &history);
        for (size_t c = 0; c < table.n_columns; ++c)
            check_value(&table.columns[c], reference_feature(table.columns[c].about.name, &history, &window), h);
        strata_table_release(&table);
    }
}

/* Counts beyond what a column holds. */
Test(digest, a_count_too_large_is_the_largest)
{
    struct strata_table table = {0};
    struct strata_error err = {0};
    static const int32_t day[] = {AS_OF_DAY};
    static const int64_t amount[] = {1};
    const struct strata_window window = {.as_of_day = AS_OF_DAY, .fields = ~0u};
    const struct strata_history history = {
        .n_purchases = 1,
        .day = day,
        .amount = amount,
        .n_orders = 1,
        .order_day = day,
        .order_amount = amount,
        .n_channels = (size_t)INT32_MAX + 7,
        .n_categories = INT32_MAX,
    };
    cr_assert_eq(strata_features_begin(&table, &window, &err), STRATA_OK);
    cr_assert_eq(strata_table_grow(&table, 1, &err), STRATA_OK);
    strata_features_set(&table, &window, 0, &history);
    cr_assert_eq(strata_table_value(strata_table_find(&table, "channels"), 0), INT32_MAX);
    cr_assert_eq(strata_table_value(strata_table_find(&table, "categories"), 0), INT32_MAX);
    strata_table_release(&table);
}
