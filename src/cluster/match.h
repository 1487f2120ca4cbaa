/* Pairing two sets: the Hungarian method (Kuhn, Naval Research Logistics Quarterly 2, 1955) by shortest augmenting
 * paths with potentials (Jonker, Volgenant, Computing 38, 1987). */
#ifndef STRATA_CLUSTER_MATCH_H
#define STRATA_CLUSTER_MATCH_H

#include <strata/status.h>

/* partner[row] = the column that the row is paired with, -1 for none: every row or every column has a partner,
 * whichever are fewer, and the sum of the costs of the pairs is the least. cost: n_rows x n_columns finite numbers.
 * O(n^2 m), n the smaller and m the larger of the two. STRATA_MEMORY. */
enum strata_status strata_match(const double *cost, int n_rows, int n_columns, int *partner,
                                struct strata_error *err) STRATA_MUST_USE;

#endif
