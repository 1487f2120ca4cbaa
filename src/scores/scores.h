/* Scores: a column of measurements becomes levels, the best-scored side the highest.
 *
 * The goodness of a value is the value itself, or its negative where lower is better (recency). L levels are numbered
 * 1..L, the two levels of `mean` 0 and 1. n counts the values that are not missing; a missing value takes no part in
 * the thresholds and gets the lowest level.
 *
 *   quantile  edge i of L-1 is the ceil(n i / L)-th smallest goodness; level = 1 + edges strictly below the goodness.
 *             Equal values share a level. If all customers are alike, all are at level 1.
 *   ntile     SQL's NTILE(L) OVER (ORDER BY goodness, customer id): the sizes of levels differ by at most one, larger
 *             ones first; equal values are divided by the bytes of the customer id.
 *   r-rfm     the R package rfm: edges are type-7 quantiles (Hyndman, Fan: Sample quantiles in statistical packages.
 *             The American Statistician 50, 1996) at i / L, plus 1; intervals [lower, upper) of the value; numbered
 *             from the other end where lower is better. The 1 is in the column's own unit: with values that differ by
 *             less than 1, levels collapse, as they do there.
 *   fixed     level = 1 + cut points that the value meets: value >= cut, or value <= cut where lower is better.
 *   mean      1 for a value at the mean or on its better side, else 0. If all customers are alike, all get 1.
 */
#ifndef STRATA_SCORES_SCORES_H
#define STRATA_SCORES_SCORES_H

#include <stdbool.h>

#include "results.h"
#include "table.h"

/* X(NAME, word in configurations and snapshots) */
#define STRATA_SCORE_METHOD_LIST(X)                                                                                    \
    X(QUANTILE, "quantile")                                                                                            \
    X(NTILE, "ntile")                                                                                                  \
    X(R_RFM, "r-rfm")                                                                                                  \
    X(FIXED, "fixed")                                                                                                  \
    X(MEAN, "mean")

enum strata_score_method {
#define STRATA_SCORE_METHOD_ENUM(name, word) STRATA_SCORE_##name,
    STRATA_SCORE_METHOD_LIST(STRATA_SCORE_METHOD_ENUM)
#undef STRATA_SCORE_METHOD_ENUM
        STRATA_N_SCORE_METHODS
};

/* Words of the methods, by enum strata_score_method. */
extern const char *const strata_score_method_names[STRATA_N_SCORE_METHODS];

/* STRATA_USAGE, with the words to choose from, if there is no such method. */
enum strata_status strata_score_method_parse(const char *name, enum strata_score_method *method,
                                             struct strata_error *err) STRATA_MUST_USE;

enum { STRATA_MIN_LEVELS = 3 };

struct strata_score_options {
    enum strata_score_method method;
    int levels;         /* STRATA_MIN_LEVELS..STRATA_MAX_LEVELS; not used by fixed and mean */
    const double *cuts; /* n_cuts, strictly ascending, in units of the column; fixed only */
    int n_cuts;         /* 1..STRATA_MAX_LEVELS-1 */
    int threads;        /* >= 1 */
};

/* One scored column. */
struct strata_score_spec {
    const char *score;  /* the new column */
    const char *column; /* the table's column that is scored */
    bool lower_is_better;
};

enum { STRATA_R_SCORE, STRATA_F_SCORE, STRATA_M_SCORE, STRATA_N_SCORES };

/* recency, frequency, monetary; and the descriptions of the columns that come out, of type int8. */
extern const struct strata_score_spec strata_score_specs[STRATA_N_SCORES];
extern const struct strata_column strata_score_columns[STRATA_N_SCORES];

/* Are the method's levels and cut points usable? STRATA_USAGE if not; `score` is for the message. */
enum strata_status strata_score_options_validate(const struct strata_score_options *options, const char *score,
                                                 struct strata_error *err) STRATA_MUST_USE;

/* Score one column of the table: score[n_rows] and the thresholds in rising score (all NaN if there is no value at
 * all). STRATA_USAGE if the table lacks the column or the options are not usable, STRATA_MEMORY. */
enum strata_status strata_score_compute(const struct strata_table *table, const struct strata_score_spec *spec,
                                        const struct strata_score_options *options, int8_t *score,
                                        struct strata_thresholds *thresholds, struct strata_error *err) STRATA_MUST_USE;

/* Score one column by thresholds that were computed before, with the method of that name: n_thresholds values in the
 * order of rising score, as many as the method has. With ntile, customers at a threshold are not divided: they all get
 * the lower level. STRATA_REJECTED if the thresholds are none of the method's; otherwise as strata_score_compute. */
enum strata_status strata_score_apply(const struct strata_table *table, const struct strata_score_spec *spec,
                                      enum strata_score_method method, const double *value, int n_thresholds,
                                      int threads, int8_t *score, struct strata_thresholds *thresholds,
                                      struct strata_error *err) STRATA_MUST_USE;

#endif
