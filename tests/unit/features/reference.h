/* The features by their definitions: one plain loop for each, sums of 128 bits. */
#ifndef REFERENCE_H
#define REFERENCE_H

#include "history.h"

/* A feature by its column's name; NaN where it does not exist. */
double reference_feature(const char *name, const struct strata_history *history, const struct strata_window *window);

#endif
