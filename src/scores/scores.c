#include "scores.h"

#include <math.h>
#include <string.h>

#include "check.h"
#include "method.h"

enum { CHUNK_ROWS = 1024 };

const char *const strata_score_method_names[STRATA_N_SCORE_METHODS] = {
#define STRATA_SCORE_METHOD_NAME(name, word) [STRATA_SCORE_##name] = word,
    STRATA_SCORE_METHOD_LIST(STRATA_SCORE_METHOD_NAME)
#undef STRATA_SCORE_METHOD_NAME
};

static const struct strata_scorer *const scorers[STRATA_N_SCORE_METHODS] = {
    [STRATA_SCORE_QUANTILE] = &strata_scorer_quantile, [STRATA_SCORE_NTILE] = &strata_scorer_ntile,
    [STRATA_SCORE_R_RFM] = &strata_scorer_r_rfm,       [STRATA_SCORE_FIXED] = &strata_scorer_fixed,
    [STRATA_SCORE_MEAN] = &strata_scorer_mean,
};

const struct strata_score_spec strata_score_specs[STRATA_N_SCORES] = {
    [STRATA_R_SCORE] = {"r_score", "recency", .lower_is_better = true},
    [STRATA_F_SCORE] = {"f_score", "frequency", .lower_is_better = false},
    [STRATA_M_SCORE] = {"m_score", "monetary", .lower_is_better = false},
};

const struct strata_column strata_score_columns[STRATA_N_SCORES] = {
    [STRATA_R_SCORE] = {"r_score", STRATA_I8, "1", "Level of recency; the highest level bought most recently"},
    [STRATA_F_SCORE] = {"f_score", STRATA_I8, "1", "Level of frequency; the highest level orders most often"},
    [STRATA_M_SCORE] = {"m_score", STRATA_I8, "1", "Level of monetary; the highest level spends most"},
};

enum strata_status strata_score_method_parse(const char *name, enum strata_score_method *method,
                                             struct strata_error *err)
{
#define STRATA_SCORE_METHOD_WORD(constant, word) " " word
    static const char words[] = STRATA_SCORE_METHOD_LIST(STRATA_SCORE_METHOD_WORD);
#undef STRATA_SCORE_METHOD_WORD
    for (int i = 0; i < STRATA_N_SCORE_METHODS; ++i)
        if (strcmp(name, strata_score_method_names[i]) == 0) {
            *method = (enum strata_score_method)i;
            return STRATA_OK;
        }
    return strata_fail(err, STRATA_USAGE, "there is no score method \"%s\"; choose one of:%s", name, words);
}

static enum strata_status validate_cuts(const struct strata_score_options *options, const char *score,
                                        struct strata_error *err)
{
    if (options->n_cuts < 1 || options->n_cuts >= STRATA_MAX_LEVELS)
        return strata_fail(err, STRATA_USAGE, "%s: the method fixed needs 1 to %d cut points, not %d", score,
                           STRATA_MAX_LEVELS - 1, options->n_cuts);
    for (int i = 0; i < options->n_cuts; ++i) {
        if (!isfinite(options->cuts[i]))
            return strata_fail(err, STRATA_USAGE, "%s: cut point %d is not a finite number", score, i + 1);
        if (i > 0 && !(options->cuts[i - 1] < options->cuts[i]))
            return strata_fail(err, STRATA_USAGE, "%s: cut points must ascend, but %g is followed by %g", score,
                               options->cuts[i - 1], options->cuts[i]);
    }
    return STRATA_OK;
}

enum strata_status strata_score_options_validate(const struct strata_score_options *options, const char *score,
                                                 struct strata_error *err)
{
    if (options->method == STRATA_SCORE_FIXED)
        return validate_cuts(options, score, err);
    if (options->method == STRATA_SCORE_MEAN)
        return STRATA_OK;
    if (options->levels < STRATA_MIN_LEVELS || options->levels > STRATA_MAX_LEVELS)
        return strata_fail(err, STRATA_USAGE, "%s: the method %s has %d to %d levels, not %d", score,
                           strata_score_method_names[options->method], STRATA_MIN_LEVELS, STRATA_MAX_LEVELS,
                           options->levels);
    return STRATA_OK;
}

enum strata_status strata_score_select(const struct strata_scoring *scoring, const struct strata_order *order,
                                       const uint64_t *goodness_rank, struct strata_score_edges *edges,
                                       struct strata_error *err)
{
    /* The k-th smallest goodness is the k-th largest value where lower is better: ranks then ascend from the end. */
    struct strata_order_rank rank[STRATA_MAX_LEVELS - 1];
    double value[STRATA_MAX_LEVELS - 1];
    for (int i = 0; i < edges->n; ++i) {
        if (scoring->lower_is_better)
            rank[edges->n - 1 - i] = (struct strata_order_rank){0, order->count[0] - goodness_rank[i]};
        else
            rank[i] = (struct strata_order_rank){0, goodness_rank[i] - 1};
    }
    enum strata_status status = strata_order_select(order, rank, (size_t)edges->n, value, err);
    for (int i = 0; i < edges->n && status == STRATA_OK; ++i)
        edges->value[i] = value[scoring->lower_is_better ? edges->n - 1 - i : i];
    return status;
}

/* Levels of one chunk. Negation is exact, so "lower is better" is the same comparison of negatives. */
static void score_chunk(const struct strata_scorer *scorer, const struct strata_score_edges *edges, double sign,
                        bool equal_meets, double *value, size_t n, int8_t *score)
{
    for (size_t i = 0; i < n; ++i)
        value[i] *= sign;
    memset(score, scorer->lowest, n);
    for (int e = 0; e < edges->n; ++e) {
        double edge = edges->value[e] * sign;
        if (equal_meets)
            for (size_t i = 0; i < n; ++i)
                score[i] = (int8_t)(score[i] + (value[i] >= edge));
        else
            for (size_t i = 0; i < n; ++i)
                score[i] = (int8_t)(score[i] + (value[i] > edge));
    }
}

static void score_all(const struct strata_scoring *scoring, const struct strata_scorer *scorer,
                      const struct strata_score_edges *edges, int8_t *score)
{
    size_t n_rows = scoring->table->n_rows;
    double sign = scoring->lower_is_better ? -1.0 : 1.0;
    bool equal_meets = scoring->lower_is_better ? scorer->lower.equal_meets : scorer->higher.equal_meets;
#pragma omp parallel for schedule(static) num_threads(scoring->options->threads)
    for (size_t first = 0; first < n_rows; first += CHUNK_ROWS) {
        double value[CHUNK_ROWS];
        size_t n = n_rows - first < CHUNK_ROWS ? n_rows - first : CHUNK_ROWS;
        strata_table_read(scoring->column, first, n, value);
        score_chunk(scorer, edges, sign, equal_meets, value, n, score + first);
    }
}

static int count_edges(const struct strata_score_options *options)
{
    switch (options->method) {
    case STRATA_SCORE_FIXED: return options->n_cuts;
    case STRATA_SCORE_MEAN: return 1;
    default: return options->levels - 1;
    }
}

static struct strata_thresholds describe(const struct strata_score_spec *spec, enum strata_score_method method,
                                         const struct strata_score_edges *edges)
{
    const struct strata_scorer *scorer = scorers[method];
    struct strata_thresholds thresholds = {
        .score = spec->score,
        .column = spec->column,
        .method = strata_score_method_names[method],
        .rule = spec->lower_is_better ? scorer->lower.text : scorer->higher.text,
        .n_levels = edges->n + 1,
        .n_thresholds = edges->n,
    };
    memcpy(thresholds.value, edges->value, sizeof edges->value);
    return thresholds;
}

enum strata_status strata_score_compute(const struct strata_table *table, const struct strata_score_spec *spec,
                                        const struct strata_score_options *options, int8_t *score,
                                        struct strata_thresholds *thresholds, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_order order = {0};
    const struct strata_scorer *scorer = scorers[options->method];
    struct strata_scoring scoring = {table, strata_table_find(table, spec->column), spec->lower_is_better, options};
    if (!scoring.column)
        STRATA_GIVE_UP(err, STRATA_USAGE, "%s needs the column %s, which is not there", spec->score, spec->column);
    STRATA_TRY(strata_score_options_validate(options, spec->score, err));

    struct strata_order_source source = {.column = scoring.column,
                                         .n_rows = table->n_rows,
                                         .n_groups = 1,
                                         .threads = options->threads};
    STRATA_TRY(strata_order_init(&order, &source, err));
    struct strata_score_edges edges = {.n = count_edges(options)};
    for (int i = 0; i < edges.n; ++i)
        edges.value[i] = NAN;
    bool any_value = order.count[0] > 0;
    if (any_value)
        STRATA_TRY(scorer->find_edges(&scoring, &order, &edges, err));
    score_all(&scoring, scorer, &edges, score);
    if (any_value && scorer->split_ties)
        STRATA_TRY(scorer->split_ties(&scoring, &order, &edges, score, err));

    *thresholds = describe(spec, options->method, &edges);
done:
    strata_order_release(&order);
    return status;
}

/* Finite and in the order of rising score, or all NaN where there was no value to find them by. */
static bool are_edges(const struct strata_score_edges *edges, bool lower_is_better)
{
    double sign = lower_is_better ? -1.0 : 1.0;
    for (int i = 0; i < edges->n; ++i) {
        if (isnan(edges->value[i]) != isnan(edges->value[0]) || isinf(edges->value[i]))
            return false;
        if (i > 0 && edges->value[i] * sign < edges->value[i - 1] * sign)
            return false;
    }
    return true;
}

enum strata_status strata_score_apply(const struct strata_table *table, const struct strata_score_spec *spec,
                                      enum strata_score_method method, const double *value, int n_thresholds,
                                      int threads, int8_t *score, struct strata_thresholds *thresholds,
                                      struct strata_error *err)
{
    const struct strata_score_options options = {.method = method, .threads = threads};
    struct strata_scoring scoring = {table, strata_table_find(table, spec->column), spec->lower_is_better, &options};
    struct strata_score_edges edges = {.n = n_thresholds};
    if (!scoring.column)
        return strata_fail(err, STRATA_USAGE, "%s needs the column %s, which is not there", spec->score, spec->column);
    if (n_thresholds < 1 || n_thresholds >= STRATA_MAX_LEVELS || (method == STRATA_SCORE_MEAN && n_thresholds != 1))
        return strata_fail(err, STRATA_REJECTED, "%s: %d thresholds are not what the method %s has", spec->score,
                           n_thresholds, strata_score_method_names[method]);
    memcpy(edges.value, value, (size_t)n_thresholds * sizeof *value);
    if (!are_edges(&edges, spec->lower_is_better))
        return strata_fail(err, STRATA_REJECTED, "%s: the thresholds are not in the order of rising score",
                           spec->score);
    score_all(&scoring, scorers[method], &edges, score);
    *thresholds = describe(spec, method, &edges);
    return STRATA_OK;
}
