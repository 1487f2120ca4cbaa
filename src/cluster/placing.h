/* From rows of table columns to places in the scaled space, and back (preparation.h). */
#ifndef STRATA_CLUSTER_PLACING_H
#define STRATA_CLUSTER_PLACING_H

#include "preparation.h"
#include "rows.h"

/* Borrowed. */
struct strata_placing {
    const struct strata_preparation *preparation;
    const struct strata_table_column *const *column; /* preparation->d */
};

/* Rows that are placed at once, and the doubles of working memory that this takes. */
size_t strata_placing_rows(const struct strata_placing *placing);
size_t strata_placing_room(const struct strata_placing *placing);

/* Column c of n <= STRATA_BLOCK_ROWS rows from `first`, imputed and transformed; NaN where the value is missing and
 * nothing is imputed. */
void strata_placing_transform(const struct strata_placing *placing, int c, size_t first, size_t n, double *value);

/* z of n <= strata_placing_rows rows from `first`: of row i in column c at room[c * strata_placing_rows + i]. A row
 * with a missing value has NaN in some column. */
void strata_placing_scale(const struct strata_placing *placing, size_t first, size_t n, double *room);

/* One place, d values: raw to z with d doubles of room, and back. Back from log1p, a mean of z is a kind of geometric
 * mean; back from whitening it lies in the directions that have variance. */
void strata_preparation_scale(const struct strata_preparation *preparation, const double *raw, double *room,
                              double *scaled);
void strata_preparation_unscale(const struct strata_preparation *preparation, const double *scaled, double *raw);

/* s from z (preparation.h), for a preparation that whitens: linear, d values each. */
void strata_preparation_unwhiten(const struct strata_preparation *preparation, const double *z, double *s);

/* z as the algorithm sees it, which rounds it to its precision. */
static inline double strata_preparation_place(const struct strata_preparation *preparation, int c, double scaled)
{
    return (scaled - preparation->origin[c]) / preparation->unit;
}

#endif
