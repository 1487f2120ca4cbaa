/* A segmentation as rows of a table: what a run makes, a snapshot stores and a report shows. */
#ifndef STRATA_SEGMENTATION_H
#define STRATA_SEGMENTATION_H

#include <stdint.h>

/* One value of a label column. Strings are borrowed from whoever owns the label set (static tables, a configuration,
 * a clustering, a snapshot that was read) and outlive what points to them. */
struct strata_label {
    int16_t value;
    const char *name;    /* English, never NULL */
    const char *name_zh; /* Chinese, or NULL */
    const char *action;  /* what to do about these customers, or NULL */
};

/* One row of the segment summary. Shares are of all customers and of all revenue. */
struct strata_segment_row {
    struct strata_label label;
    uint64_t customers;
    int64_t revenue_minor; /* 10^-amount_decimals currency units */
    double customer_share, revenue_share;
    double recency_median, frequency_median, monetary_median; /* NaN if nobody has a value */
};

/* A segmentation: the scheme's column is a label column of the table. */
struct strata_segmentation {
    const char *scheme; /* the column's name: "segment", "cluster" */
    const char *map;    /* which map made it: "default", "r-vignette", "k-means", ... */
    int n_rows;
    struct strata_segment_row *rows; /* in display order; owned by whoever made it (malloc) */
    int amount_decimals;             /* of revenue_minor */
    uint64_t n_rounded;              /* customers whose part of it may be rounded; 0 if it comes from a snapshot */
};

/* What sets the clusters apart: the standardised difference of each cluster from the rest in each clustered column. */
struct strata_cluster_differences {
    int k, d;        /* clusters and columns; 0: none are known */
    char **columns;  /* d */
    char **names;    /* k: English, never NULL */
    char **names_zh; /* k: Chinese; "" where there is none */
    double *value;   /* k x d row-major; NaN for the only cluster */
    /* The same in columns that the clusters may not have been made from. */
    int n_features;
    char **features;       /* n_features */
    double *feature_value; /* k x n_features row-major */
};

#endif
