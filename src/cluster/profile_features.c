#include "profile_features.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "difference.h"
#include "medians.h"
#include "memory.h"
#include "rows.h"

/* Fixed, so that the sums are the same for any number of threads. */
enum { N_PARTS = 64 };

/* Most values are counts and days: their logarithms are looked up. */
enum { WHOLE = 1024 };

/* Sums over the rows of a part with values, less the pivot: a column without variance has exactly none. */
struct sums {
    double n, values, squares;
};

struct survey {
    const struct strata_table_column *column;
    const int16_t *label;
    size_t n_rows;
    int k;
    double pivot;
    double *whole;     /* WHOLE: compressed(0), compressed(1), ... */
    struct sums *sums; /* N_PARTS x k */
};

/* Counts, days and money are skewed alike: equal ratios count as equal steps. */
static double compressed(double value) { return value < 0 ? -log1p(-value) : log1p(value); }

static double look_up(const struct survey *survey, double value)
{
    if (value >= 0 && value < WHOLE && value == (double)(int)value)
        return survey->whole[(int)value];
    return compressed(value);
}

static void add_rows(const struct survey *survey, size_t first, size_t end, struct sums *sums)
{
    double value[STRATA_BLOCK_ROWS];
    for (size_t start = first; start < end; start += STRATA_BLOCK_ROWS) {
        size_t n = end - start < STRATA_BLOCK_ROWS ? end - start : STRATA_BLOCK_ROWS;
        strata_rows_read(survey->column, start, n, value);
        for (size_t i = 0; i < n; ++i) {
            int place = survey->label[start + i];
            if (place < 1 || !isfinite(value[i]))
                continue;
            double x = look_up(survey, value[i]) - survey->pivot;
            struct sums *of_cluster = &sums[place - 1];
            of_cluster->n += 1;
            of_cluster->values += x;
            of_cluster->squares += x * x;
        }
    }
}

static double first_value(const struct survey *survey)
{
    for (size_t row = 0; row < survey->n_rows; ++row) {
        double value;
        strata_rows_read(survey->column, row, 1, &value);
        if (survey->label[row] >= 1 && isfinite(value))
            return compressed(value);
    }
    return 0;
}

/* moments: k. */
static void measure(struct survey *survey, int threads, struct strata_group_moments *moments)
{
    size_t k = (size_t)survey->k;
    survey->pivot = first_value(survey);
    for (size_t i = 0; i < N_PARTS * k; ++i)
        survey->sums[i] = (struct sums){0};
#pragma omp parallel for num_threads(threads) schedule(static) if (threads > 1)
    for (size_t i = 0; i < N_PARTS; ++i)
        add_rows(survey, survey->n_rows / N_PARTS * i,
                 i + 1 < N_PARTS ? survey->n_rows / N_PARTS * (i + 1) : survey->n_rows, survey->sums + i * k);
    for (size_t j = 0; j < k; ++j) {
        struct sums all = {0};
        for (size_t i = 0; i < N_PARTS; ++i) {
            all.n += survey->sums[i * k + j].n;
            all.values += survey->sums[i * k + j].values;
            all.squares += survey->sums[i * k + j].squares;
        }
        double mean = all.n > 0 ? all.values / all.n : 0;
        moments[j] = (struct strata_group_moments){all.n, mean, fmax(all.squares - all.n * mean * mean, 0)};
    }
}

static enum strata_status make_room(const struct strata_table *table, const char *const *names, int n, int k,
                                    struct strata_cluster_profile *profile, struct strata_error *err)
{
    size_t width = (size_t)n;
    profile->feature = strata_calloc_array(width, sizeof *profile->feature);
    profile->feature_median = strata_malloc_array((size_t)k, width * sizeof *profile->feature_median);
    profile->feature_difference = strata_malloc_array((size_t)k, width * sizeof *profile->feature_difference);
    if (!profile->feature || !profile->feature_median || !profile->feature_difference)
        return strata_fail(err, STRATA_MEMORY, "out of memory: the profile of %d clusters in %d columns", k, n);
    for (int i = 0; i < n; ++i) {
        if (!strata_table_find(table, names[i]))
            continue;
        profile->feature[profile->n_features] = strata_copy_string(names[i]);
        if (!profile->feature[profile->n_features])
            return strata_fail(err, STRATA_MEMORY, "out of memory: the name of a column");
        ++profile->n_features;
    }
    return STRATA_OK;
}

/* median: k. Those of a clustered column are known. */
static enum strata_status find_medians(const struct survey *survey, const struct strata_clustering *clustering,
                                       int threads, double *median, struct strata_error *err)
{
    for (int c = 0; c < clustering->d; ++c) {
        if (strcmp(clustering->column[c], survey->column->about.name) != 0)
            continue;
        for (int j = 0; j < survey->k; ++j)
            median[j] = clustering->profile.median[(size_t)j * (size_t)clustering->d + (size_t)c];
        return STRATA_OK;
    }
    const struct strata_order_source source = {.column = survey->column,
                                               .n_rows = survey->n_rows,
                                               .group = survey->label,
                                               .first_group = 1,
                                               .n_groups = survey->k,
                                               .threads = threads};
    return strata_medians_find(&source, median, err);
}

enum strata_status strata_profile_features(const struct strata_table *table, const char *const *names, int n,
                                           const int16_t *label, int threads, struct strata_clustering *clustering,
                                           struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_cluster_profile *profile = &clustering->profile;
    size_t k = (size_t)clustering->k;
    struct survey survey = {.label = label, .n_rows = table->n_rows, .k = clustering->k};
    struct strata_group_moments *moments = strata_malloc_array(k, sizeof *moments);
    double *median = strata_malloc_array(k, sizeof *median);
    survey.whole = strata_malloc_array(WHOLE, sizeof *survey.whole);
    survey.sums = strata_malloc_array(N_PARTS, k * sizeof *survey.sums);
    if (!moments || !median || !survey.whole || !survey.sums)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: the profile of %d clusters", clustering->k);
    for (int i = 0; i < WHOLE; ++i)
        survey.whole[i] = compressed(i);
    STRATA_TRY(make_room(table, names, n, clustering->k, profile, err));
    for (int i = 0; i < profile->n_features; ++i) {
        survey.column = strata_table_find(table, profile->feature[i]);
        STRATA_TRY(find_medians(&survey, clustering, threads, median, err));
        measure(&survey, threads, moments);
        struct strata_group_moments all = strata_groups_pool(moments, clustering->k);
        for (size_t j = 0; j < k; ++j) {
            size_t place = j * (size_t)profile->n_features + (size_t)i;
            profile->feature_median[place] = median[j];
            profile->feature_difference[place] = strata_group_difference(&moments[j], &all);
        }
    }
done:
    free(moments);
    free(median);
    free(survey.whole);
    free(survey.sums);
    return status;
}
