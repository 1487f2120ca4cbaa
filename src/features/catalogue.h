/* All feature families. */
#ifndef STRATA_FEATURES_CATALOGUE_H
#define STRATA_FEATURES_CATALOGUE_H

#include <stddef.h>

#include "family.h"

extern const struct strata_family *const strata_families[];
extern const size_t strata_n_families;

#endif
