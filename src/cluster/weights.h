/* How much each row of a table counts: the column of weights. */
#ifndef STRATA_CLUSTER_WEIGHTS_H
#define STRATA_CLUSTER_WEIGHTS_H

#include "points.h"
#include "table.h"

/* STRATA_REJECTED, with the row from 1: a weight that is missing or out of range (points.h); or none above 0 among the
 * rows with label 0, of which there is one at least. */
enum strata_status strata_weights_check(const struct strata_table_column *column, size_t n_rows, const int16_t *label,
                                        struct strata_error *err) STRATA_MUST_USE;

/* Those of the rows with label 0, in order, as the weights of the points, which have room for them; scaled. */
void strata_weights_place(const struct strata_table_column *column, size_t n_rows, const int16_t *label,
                          struct strata_points *points);

/* Do the weights of the points, if they have any, say enough of numbers of rows to compare 2 to max_k clusters of them?
 * STRATA_REJECTED, naming the column, if not: they sum to less, such as shares that sum to 1. */
enum strata_status strata_weights_compare(const struct strata_points *points, const char *name, int max_k,
                                          struct strata_error *err) STRATA_MUST_USE;

#endif
