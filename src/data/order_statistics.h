/* Order statistics of a column, or of each group of its rows: parallel radix selection on an order-preserving integer
 * image of the values. Several ranks at once, no sort, no copy of the values; the same answer for any thread count.
 *
 * The values are first surveyed (how many are there, which bits differ), then some passes of histograms of the leading
 * bits narrow every rank down to one value. Missing values take no part; -0.0 counts as 0.0.
 */
#ifndef STRATA_DATA_ORDER_STATISTICS_H
#define STRATA_DATA_ORDER_STATISTICS_H

#include "table.h"

/* Whose order statistics: borrowed for as long as they are asked for. */
struct strata_order_source {
    const struct strata_table_column *column;
    size_t n_rows;
    /* Group of a row = group[row] - first_group; rows outside 0..n_groups-1 are left out. NULL: one group of all rows
     * (then first_group = 0, n_groups = 1). */
    const int16_t *group;
    int16_t first_group;
    int n_groups;
    int threads; /* >= 1 */
};

struct strata_order {
    struct strata_order_source source;
    uint64_t *count;     /* n_groups: values that are not missing; owned */
    uint64_t lowest_key; /* of the smallest value of all groups */
    int low_bits;        /* lowest bits of the keys that are the same in all values */
    int n_bits;          /* bits above them in which keys minus lowest_key can differ */
};

/* Count the values of every group. STRATA_MEMORY. */
enum strata_status strata_order_init(struct strata_order *order, const struct strata_order_source *source,
                                     struct strata_error *err) STRATA_MUST_USE;
void strata_order_release(struct strata_order *order);

struct strata_order_rank {
    int group;     /* 0..n_groups-1 */
    uint64_t rank; /* 0..count[group]-1; 0 is the smallest value */
};

/* value[i] = the value of rank[i]; ranks ascending by (group, rank), repetitions allowed. STRATA_MEMORY. */
enum strata_status strata_order_select(const struct strata_order *order, const struct strata_order_rank *rank,
                                       size_t n_ranks, double *value, struct strata_error *err) STRATA_MUST_USE;

#endif
