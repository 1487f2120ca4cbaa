/* Labels: a small integer per customer plus the names of the values. */
#ifndef STRATA_DATA_LABELS_H
#define STRATA_DATA_LABELS_H

#include <strata/segmentation.h>

struct strata_labels {
    int n_labels;
    const struct strata_label *labels; /* ascending by value */
};

#endif
