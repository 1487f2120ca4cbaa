/* How the columns of a table became the points of a clustering: all that it takes to place any other customer.
 *
 *   x  the value in the table; one that is no finite number within +-1e100, or not positive for Box-Cox, is missing
 *      and counts as imputed[c]
 *   t  the transform of x (transforms.h)
 *   s  (t - shift[c]) / divisor[c]
 *   z  s, or whitening s
 *
 * The algorithm works on the numbers (z - origin[c]) / unit, in the precision.
 */
#ifndef STRATA_DATA_PREPARATION_H
#define STRATA_DATA_PREPARATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <strata/status.h>

/* X(NAME, word in configurations and snapshots) */
#define STRATA_TRANSFORM_LIST(X)                                                                                       \
    X(NONE, "none")                                                                                                    \
    X(LOG1P, "log1p")                                                                                                  \
    X(WINSOR, "winsor")                                                                                                \
    X(YEO_JOHNSON, "yeo-johnson")                                                                                      \
    X(BOX_COX, "box-cox")                                                                                              \
    X(QUANTILE, "quantile")                                                                                            \
    X(QUANTILE_NORMAL, "quantile-normal")
#define STRATA_SCALING_LIST(X)                                                                                         \
    X(NONE, "none")                                                                                                    \
    X(STANDARD, "standard")                                                                                            \
    X(ROBUST, "robust")                                                                                                \
    X(WHITEN, "whiten")
#define STRATA_MISSING_LIST(X)                                                                                         \
    X(DROP, "drop")                                                                                                    \
    X(REFUSE, "refuse")                                                                                                \
    X(MEDIAN, "median")                                                                                                \
    X(ZERO, "zero")
#define STRATA_PRECISION_LIST(X)                                                                                       \
    X(FLOAT32, "float32")                                                                                              \
    X(FLOAT64, "float64")

enum strata_cluster_transform {
#define STRATA_TRANSFORM_ENUM(name, word) STRATA_TRANSFORM_##name,
    STRATA_TRANSFORM_LIST(STRATA_TRANSFORM_ENUM)
#undef STRATA_TRANSFORM_ENUM
        STRATA_N_TRANSFORMS
};

enum strata_cluster_scaling {
#define STRATA_SCALING_ENUM(name, word) STRATA_SCALING_##name,
    STRATA_SCALING_LIST(STRATA_SCALING_ENUM)
#undef STRATA_SCALING_ENUM
        STRATA_N_SCALINGS
};

/* What becomes of customers with a missing value. */
enum strata_cluster_missing {
#define STRATA_MISSING_ENUM(name, word) STRATA_MISSING_##name,
    STRATA_MISSING_LIST(STRATA_MISSING_ENUM)
#undef STRATA_MISSING_ENUM
        STRATA_N_MISSING
};

/* In what distances are computed. */
enum strata_cluster_precision {
#define STRATA_PRECISION_ENUM(name, word) STRATA_PRECISION_##name,
    STRATA_PRECISION_LIST(STRATA_PRECISION_ENUM)
#undef STRATA_PRECISION_ENUM
        STRATA_N_PRECISIONS
};

extern const char *const strata_transform_names[STRATA_N_TRANSFORMS];
extern const char *const strata_scaling_names[STRATA_N_SCALINGS];
extern const char *const strata_missing_names[STRATA_N_MISSING];
extern const char *const strata_precision_names[STRATA_N_PRECISIONS];

/* The place of a word in one of these lists, -1 if it is not there. */
int strata_word_find(const char *word, const char *const *words, int n_words);

/* The most points of a quantile grid. */
enum { STRATA_MAX_QUANTILES = 1000 };

/* `{0}` is empty; strata_preparation_release. All arrays are owned. */
struct strata_preparation {
    enum strata_cluster_transform transform;
    enum strata_cluster_scaling scaling;
    enum strata_cluster_missing missing;
    enum strata_cluster_precision precision;
    int d;                    /* columns that are clustered */
    uint64_t *missing_values; /* d: how many values were missing */
    double *imputed;          /* d: what a missing value counts as; NaN: nothing, the customer has no cluster */
    double *lambda;           /* d: the power of yeo-johnson and box-cox; NaN without */
    double *lower, *upper;    /* d: winsor limits in raw units, +-INFINITY without */
    int n_quantiles;          /* 0 without, else 2..STRATA_MAX_QUANTILES */
    double *quantile;         /* d x n_quantiles raw values, ascending: of the ranks 0..1 in equal steps */
    double *shift, *divisor;  /* d */
    double *whitening; /* d x d; a row of zeros for a direction without variance; NULL unless scaling is whiten */
    double *origin;    /* d */
    double unit;       /* a power of two */
    int n_dropped;     /* columns asked for that are not clustered: all customers are alike in them */
    char **dropped;    /* n_dropped names; NULL: none */
};

/* Room for d columns and what the transform and the scaling need: nothing imputed, no power, no limits, shift 0,
 * divisor 1, origin 0, unit 1; quantiles and whitening are zeros. */
enum strata_status strata_preparation_init(struct strata_preparation *preparation, int d,
                                           enum strata_cluster_transform transform, enum strata_cluster_scaling scaling,
                                           int n_quantiles, struct strata_error *err) STRATA_MUST_USE;

void strata_preparation_release(struct strata_preparation *preparation);

/* Column `from` becomes column `to`; not for whitening, which is not of single columns. */
void strata_preparation_move(struct strata_preparation *preparation, int from, int to);

/* Is a raw value one that can be placed? */
bool strata_preparation_takes(const struct strata_preparation *preparation, double value);

#endif
