#include "preparation.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

/* Squares of larger values would overflow. */
static const double largest_value = 1e100;

#define WORD(name, word) word,
const char *const strata_transform_names[STRATA_N_TRANSFORMS] = {STRATA_TRANSFORM_LIST(WORD)};
const char *const strata_scaling_names[STRATA_N_SCALINGS] = {STRATA_SCALING_LIST(WORD)};
const char *const strata_missing_names[STRATA_N_MISSING] = {STRATA_MISSING_LIST(WORD)};
const char *const strata_precision_names[STRATA_N_PRECISIONS] = {STRATA_PRECISION_LIST(WORD)};
#undef WORD

int strata_word_find(const char *word, const char *const *words, int n_words)
{
    for (int i = 0; i < n_words; ++i)
        if (strcmp(word, words[i]) == 0)
            return i;
    return -1;
}

static double *filled(size_t n, double value)
{
    double *array = strata_malloc_array(n, sizeof *array);
    for (size_t i = 0; array && i < n; ++i)
        array[i] = value;
    return array;
}

enum strata_status strata_preparation_init(struct strata_preparation *preparation, int d,
                                           enum strata_cluster_transform transform, enum strata_cluster_scaling scaling,
                                           int n_quantiles, struct strata_error *err)
{
    size_t n = (size_t)d;
    *preparation = (struct strata_preparation){
        .transform = transform,
        .scaling = scaling,
        .d = d,
        .missing_values = strata_calloc_array(n, sizeof *preparation->missing_values),
        .imputed = filled(n, (double)NAN),
        .lambda = filled(n, (double)NAN),
        .lower = filled(n, (double)-INFINITY),
        .upper = filled(n, (double)INFINITY),
        .n_quantiles = n_quantiles,
        .quantile = strata_calloc_array(n, (size_t)n_quantiles * sizeof *preparation->quantile),
        .shift = filled(n, 0),
        .divisor = filled(n, 1),
        .whitening =
            scaling == STRATA_SCALING_WHITEN ? strata_calloc_array(n, n * sizeof *preparation->whitening) : NULL,
        .origin = filled(n, 0),
        .unit = 1,
    };
    if (preparation->missing_values && preparation->imputed && preparation->lambda && preparation->lower &&
        preparation->upper && preparation->quantile && preparation->shift && preparation->divisor &&
        (preparation->whitening || scaling != STRATA_SCALING_WHITEN) && preparation->origin)
        return STRATA_OK;
    strata_preparation_release(preparation);
    return strata_fail(err, STRATA_MEMORY, "out of memory: %d columns to cluster", d);
}

void strata_preparation_release(struct strata_preparation *preparation)
{
    for (int i = 0; preparation->dropped && i < preparation->n_dropped; ++i)
        free(preparation->dropped[i]);
    free(preparation->dropped);
    free(preparation->missing_values);
    free(preparation->imputed);
    free(preparation->lambda);
    free(preparation->lower);
    free(preparation->upper);
    free(preparation->quantile);
    free(preparation->shift);
    free(preparation->divisor);
    free(preparation->whitening);
    free(preparation->origin);
    *preparation = (struct strata_preparation){0};
}

void strata_preparation_move(struct strata_preparation *preparation, int from, int to)
{
    size_t n_quantiles = (size_t)preparation->n_quantiles;
    if (from == to)
        return;
    preparation->missing_values[to] = preparation->missing_values[from];
    preparation->imputed[to] = preparation->imputed[from];
    preparation->lambda[to] = preparation->lambda[from];
    preparation->lower[to] = preparation->lower[from];
    preparation->upper[to] = preparation->upper[from];
    preparation->shift[to] = preparation->shift[from];
    preparation->divisor[to] = preparation->divisor[from];
    preparation->origin[to] = preparation->origin[from];
    memcpy(preparation->quantile + (size_t)to * n_quantiles, preparation->quantile + (size_t)from * n_quantiles,
           n_quantiles * sizeof *preparation->quantile);
}

bool strata_preparation_takes(const struct strata_preparation *preparation, double value)
{
    return fabs(value) <= largest_value && (preparation->transform != STRATA_TRANSFORM_BOX_COX || value > 0);
}
