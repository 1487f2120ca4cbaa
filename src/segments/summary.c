#include <omp.h>
#include <stdio.h>
#include <stdlib.h>

#include "amount.h"
#include "check.h"
#include "medians.h"
#include "memory.h"
#include "segments.h"

enum { CHUNK_ROWS = 1024 };

/* From here on a customer's monetary in minor units does not fit 64 bits. */
static const double beyond_minor = 0x1p63;

/* Up to here a double holds a sum of minor units that was divided by 10^decimals well enough to tell it from its
 * neighbours; up to the smaller one a plain product finds it. */
static const double exact_minor = 0x1p52, plainly_exact_minor = 0x1p50;

/* Sums of tens of millions of 64-bit amounts cannot overflow it. */
__extension__ typedef __int128 wide_integer;

struct totals {
    uint64_t customers;
    uint64_t rounded; /* of them, those with a monetary beyond what is exact */
    wide_integer revenue;
};

/* The labels as groups of rows: group = label value - first; groups between values that are not used stay empty. */
struct grouping {
    const int16_t *label;
    int16_t first;
    int n_groups;
    int threads;
};

static struct grouping grouping_of(const int16_t *label, const struct strata_labels *labels, int threads)
{
    int16_t first = labels->n_labels ? labels->labels[0].value : 0;
    int last = labels->n_labels ? labels->labels[labels->n_labels - 1].value : 0;
    return (struct grouping){label, first, last - first + 1, threads};
}

/* To the nearest minor unit of the product, not of the product as a double rounds it. */
static int64_t minor_of(double monetary, double scale, int *n_beyond)
{
    double minor = monetary * scale;
    if (isnan(minor))
        return 0;
    if (fabs(minor) >= beyond_minor) {
        ++*n_beyond;
        return 0;
    }
    const int64_t nearest = llround(minor);
    if (fabs(minor) < plainly_exact_minor)
        return nearest;
    return nearest + llround(fma(monetary, scale, -(double)nearest));
}

static enum strata_status refuse_sum(int amount_decimals, struct strata_error *err)
{
    const int64_t scale = strata_amount_scale(amount_decimals);
    char decimals[STRATA_AMOUNT_DECIMALS_MAX + 2] = "";
    if (amount_decimals)
        (void)snprintf(decimals, sizeof decimals, ".%0*lld", amount_decimals, (long long)(INT64_MAX % scale));
    return strata_fail(err, STRATA_REJECTED,
                       "the amounts of a segment add up to more than %lld%s currency units, the most that there is "
                       "room for with --amount-decimals %d; check the amounts (is it the right column?)%s",
                       (long long)(INT64_MAX / scale), decimals, amount_decimals,
                       amount_decimals ? ", or keep fewer decimals" : "");
}

/* Customers and revenue per group, and of everybody in totals[n_groups]. */
static enum strata_status add_up(const struct strata_table *table, const struct grouping *grouping, int amount_decimals,
                                 struct totals *totals, struct strata_error *err)
{
    const int64_t scale = strata_amount_scale(amount_decimals);
    const struct strata_table_column *monetary = strata_table_find(table, "monetary");
    size_t n_groups = (size_t)grouping->n_groups, n_rows = table->n_rows, stride = n_groups + 1;
    size_t n_partial = stride * (size_t)grouping->threads;
    struct totals *partial = strata_calloc_array(n_partial, sizeof *partial);
    if (!partial)
        return strata_fail_memory(err, "segment totals", n_partial, sizeof *partial);
    int n_beyond = 0;
#pragma omp parallel num_threads(grouping->threads) reduction(+ : n_beyond)
    {
        struct totals *mine = partial + stride * (size_t)omp_get_thread_num();
        double value[CHUNK_ROWS];
#pragma omp for schedule(static)
        for (size_t first = 0; first < n_rows; first += CHUNK_ROWS) {
            size_t n = n_rows - first < CHUNK_ROWS ? n_rows - first : CHUNK_ROWS;
            strata_table_read(monetary, first, n, value);
            for (size_t i = 0; i < n; ++i) {
                size_t group = (size_t)(grouping->label[first + i] - grouping->first);
                struct totals *to = &mine[group < n_groups ? group : n_groups];
                ++to->customers;
                to->rounded += fabs(value[i]) * (double)scale > exact_minor;
                to->revenue += minor_of(value[i], (double)scale, &n_beyond);
            }
        }
    }
    for (size_t i = 0; i < n_partial; ++i) {
        totals[i % stride].customers += partial[i].customers;
        totals[i % stride].rounded += partial[i].rounded;
        totals[i % stride].revenue += partial[i].revenue;
    }
    for (size_t group = 0; group < n_groups; ++group) {
        totals[n_groups].customers += totals[group].customers;
        totals[n_groups].rounded += totals[group].rounded;
        totals[n_groups].revenue += totals[group].revenue;
        n_beyond += totals[group].revenue > INT64_MAX || totals[group].revenue < INT64_MIN;
    }
    free(partial);
    return n_beyond ? refuse_sum(amount_decimals, err) : STRATA_OK;
}

static double share_of(double part, double whole) { return whole != 0 ? part / whole : 0; }

enum strata_status strata_segmentation_summarise(const struct strata_table *table, const int16_t *label,
                                                 const struct strata_labels *labels, const char *scheme,
                                                 const char *map, int amount_decimals, int threads,
                                                 struct strata_segmentation *segmentation, struct strata_error *err)
{
    static const char *const columns[] = {"recency", "frequency", "monetary"};
    enum { RECENCY, FREQUENCY, MONETARY, N_COLUMNS };
    enum strata_status status = STRATA_OK;
    struct grouping grouping = grouping_of(label, labels, threads);
    size_t n_groups = (size_t)grouping.n_groups, n_labels = (size_t)labels->n_labels;
    struct totals *totals = strata_calloc_array(n_groups + 1, sizeof *totals);
    double *median = strata_malloc_array(n_groups, N_COLUMNS * sizeof *median);
    *segmentation = (struct strata_segmentation){
        .scheme = scheme,
        .map = map,
        .n_rows = labels->n_labels,
        .rows = strata_malloc_array(n_labels, sizeof *segmentation->rows),
        .amount_decimals = amount_decimals,
    };
    if (!totals || !median || !segmentation->rows) {
        status = strata_fail_memory(err, "the segment summary", n_groups, sizeof *totals);
        goto done;
    }
    for (int c = 0; c < N_COLUMNS; ++c)
        if (!strata_table_find(table, columns[c]))
            STRATA_GIVE_UP(err, STRATA_USAGE, "the summary of %s needs the column %s, which is not there", scheme,
                           columns[c]);
    STRATA_TRY(add_up(table, &grouping, amount_decimals, totals, err));
    for (size_t c = 0; c < N_COLUMNS; ++c) {
        const struct strata_order_source source = {
            .column = strata_table_find(table, columns[c]),
            .n_rows = table->n_rows,
            .group = grouping.label,
            .first_group = grouping.first,
            .n_groups = grouping.n_groups,
            .threads = grouping.threads,
        };
        STRATA_TRY(strata_medians_find(&source, median + c * n_groups, err));
    }

    const struct totals *everybody = &totals[n_groups];
    segmentation->n_rounded = everybody->rounded;
    for (size_t i = 0; i < n_labels; ++i) {
        size_t group = (size_t)(labels->labels[i].value - grouping.first);
        segmentation->rows[i] = (struct strata_segment_row){
            .label = labels->labels[i],
            .customers = totals[group].customers,
            .revenue_minor = (int64_t)totals[group].revenue,
            .customer_share = share_of((double)totals[group].customers, (double)everybody->customers),
            .revenue_share = share_of((double)totals[group].revenue, (double)everybody->revenue),
            .recency_median = median[RECENCY * n_groups + group],
            .frequency_median = median[FREQUENCY * n_groups + group],
            .monetary_median = median[MONETARY * n_groups + group],
        };
    }
done:
    free(totals);
    free(median);
    if (status != STRATA_OK)
        strata_segmentation_release(segmentation);
    return status;
}

void strata_segmentation_release(struct strata_segmentation *segmentation)
{
    free(segmentation->rows);
    *segmentation = (struct strata_segmentation){0};
}
