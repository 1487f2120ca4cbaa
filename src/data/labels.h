/* Labels: a small integer per customer plus the names of the values. */
#ifndef STRATA_DATA_LABELS_H
#define STRATA_DATA_LABELS_H

#include <stdint.h>

/* One value of a label column. Strings are borrowed from whoever owns the label set (static tables, a configuration,
 * a clustering) and outlive the table that points to them. */
struct strata_label {
    int16_t value;
    const char *name;    /* English, never NULL */
    const char *name_zh; /* Chinese, or NULL */
    const char *action;  /* what to do about these customers, or NULL */
};

struct strata_labels {
    int n_labels;
    const struct strata_label *labels; /* ascending by value */
};

#endif
