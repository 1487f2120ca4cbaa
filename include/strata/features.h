/* The catalogue of features: the same rows that compute and store them. */
#ifndef STRATA_FEATURES_H
#define STRATA_FEATURES_H

#include <stddef.h>
#include <strata/column.h>

/* How many features there are, and each of them in the order of the snapshot. `index` < strata_feature_count(). */
STRATA_API size_t strata_feature_count(void);
STRATA_API const struct strata_column *strata_feature_at(size_t index);

/* The family that computes a feature. */
STRATA_API const char *strata_feature_family(size_t index);

#endif
