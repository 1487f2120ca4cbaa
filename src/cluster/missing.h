/* Missing values of columns to cluster, by declared policy.
 *
 *   drop    a row with a missing value has no point
 *   refuse  a missing value ends the run
 *   median  it counts as the column's median (type 7 of Hyndman, Fan)
 *   zero    it counts as 0
 *
 * Missing are NaN, infinities, numbers beyond +-1e100, and for Box-Cox what is not positive.
 */
#ifndef STRATA_CLUSTER_MISSING_H
#define STRATA_CLUSTER_MISSING_H

#include "preparation.h"
#include "rows.h"

/* `{0}` is empty. */
struct strata_missing_scan {
    size_t *start;       /* n_chunks + 1: rows with a point before the chunk */
    uint64_t *n_missing; /* n_columns */
};

/* Count the missing values, and set label (n_rows) to 0 for complete rows and to INT16_MIN for the others. */
enum strata_status strata_missing_scan(struct strata_missing_scan *scan,
                                       const struct strata_table_column *const *source, int n_columns,
                                       enum strata_cluster_transform transform, const struct strata_row_chunks *chunks,
                                       int threads, int16_t *label, struct strata_error *err) STRATA_MUST_USE;
void strata_missing_scan_release(struct strata_missing_scan *scan);

/* By the policy: which rows have a point (label, scan->start), and how many have none. With an imputing policy, all
 * have one, unless the policy is median and there is no value at all. STRATA_REJECTED by `refuse`. */
enum strata_status strata_missing_settle(struct strata_missing_scan *scan, enum strata_cluster_missing policy,
                                         const struct strata_table_column *const *source, int n_columns,
                                         const struct strata_row_chunks *chunks, int16_t *label, size_t *n_without,
                                         struct strata_error *err) STRATA_MUST_USE;

/* The columns as they are to be read: those with missing values that are imputed are copies. `{0}` is empty. */
struct strata_imputed_columns {
    const struct strata_table_column **column; /* n_columns: of the table, or of `copy` */
    int n_columns;
    struct strata_table_column *copy; /* n_columns; values NULL where none was made */
};

/* Settle preparation->imputed by preparation->missing, and fill the values in. A column without any value gets 1
 * throughout: it does not vary. */
enum strata_status strata_impute(struct strata_imputed_columns *imputed, struct strata_preparation *preparation,
                                 const struct strata_table_column *const *source, size_t n_rows, int threads,
                                 struct strata_error *err) STRATA_MUST_USE;
void strata_imputed_columns_release(struct strata_imputed_columns *imputed);

#endif
