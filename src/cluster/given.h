/* Somebody's matrix (strata/kmeans.h), in any layout. */
#ifndef STRATA_CLUSTER_GIVEN_H
#define STRATA_CLUSTER_GIVEN_H

#include <strata/kmeans.h>

#include "points.h"

/* Numbers beyond are refused: their squares and sums stay finite. */
#define STRATA_GIVEN_MOST 1e100

/* More are refused: the run time of OpenMP does not survive a number without bounds. */
enum { STRATA_GIVEN_MOST_THREADS = 4096 };

/* With every stride in its place. STRATA_USAGE: no rows or columns, too many columns, no values, no such type. */
enum strata_status strata_given_settle(const struct strata_kmeans_data *data, struct strata_kmeans_data *settled,
                                       struct strata_error *err) STRATA_MUST_USE;

/* n rows of one column of settled data, and all columns of one row. */
void strata_given_column(const struct strata_kmeans_data *data, size_t first, size_t n, size_t column, double *value);
void strata_given_row(const struct strata_kmeans_data *data, size_t row, double *value);

/* The first of d numbers that is not finite or beyond the most; d if there is none. */
size_t strata_given_find_bad(const double *value, size_t d);

/* What to say about it; STRATA_USAGE. */
enum strata_status strata_given_refuse(size_t row, size_t column, double value,
                                       struct strata_error *err) STRATA_MUST_USE;

/* Settled data as points, in float64 if `wide`, all checked; finished. */
enum strata_status strata_given_place(const struct strata_kmeans_data *data, bool wide, int threads,
                                      struct strata_points *points, struct strata_error *err) STRATA_MUST_USE;

#endif
