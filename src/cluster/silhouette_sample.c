#include "silhouette_sample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "copies.h"
#include "memory.h"
#include "random.h"
#include "streams.h"

/* 5 and 195 of 199 cut off 2.5 % on both sides. */
enum { LANES = 16, N_RESAMPLES = 199, LOW_RESAMPLE = 4, HIGH_RESAMPLE = 194 };

/* The sampled points column by column, each cluster's on its own, its last group of lanes padded. */
struct sample {
    int k, d;
    size_t n, width; /* points; room for a column */
    size_t *start;   /* k + 1: each cluster's first point */
    size_t *place;   /* k: its first value in a column */
    double *value;   /* d x width */
    double *score;   /* n: silhouettes */
};

static uint64_t least_rows(int k)
{
    int least = STRATA_SILHOUETTE_ROWS / 4 / k;
    return (uint64_t)(least < 2 ? 2 : least < STRATA_SILHOUETTE_LEAST ? least : STRATA_SILHOUETTE_LEAST);
}

/* Where the point of a cluster is that stands for stretch i of n. */
static double place_in(double mass, size_t n, size_t i, int cluster, uint64_t seed)
{
    return strata_copies_place(mass, i, n, strata_uniform_at(seed, STRATA_STREAM_SILHOUETTE + (uint64_t)cluster, i));
}

/* start[j + 1] - start[j]: the points to take of each cluster. */
static void share_out(const double *mass, size_t k, size_t *start)
{
    double total = 0;
    for (size_t j = 0; j < k; ++j)
        total += mass[j];
    start[0] = 0;
    for (size_t j = 0; j < k; ++j) {
        uint64_t count = strata_copies_count(mass[j]), least = least_rows((int)k);
        uint64_t share = (uint64_t)((double)STRATA_SILHOUETTE_ROWS * (mass[j] / total));
        uint64_t wanted = total <= (double)STRATA_SILHOUETTE_ROWS ? count : share > least ? share : least;
        start[j + 1] = start[j] + (size_t)(wanted < count ? wanted : count);
    }
}

enum strata_status strata_silhouette_draw(const struct strata_points *points, const uint16_t *label, const double *mass,
                                          int k, uint64_t seed, size_t *start, size_t **row, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    size_t n_clusters = (size_t)k;
    struct cursor {
        double seen, wanted; /* the cluster's weights so far; the next place to take */
        size_t n_taken;
    } *cursor = strata_calloc_array(n_clusters, sizeof *cursor);
    share_out(mass, n_clusters, start);
    *row = strata_malloc_array(start[n_clusters], sizeof **row);
    if (!cursor || !*row)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: a sample of %d clusters", k);
    for (int j = 0; j < k; ++j)
        cursor[j].wanted = place_in(mass[j], start[j + 1] - start[j], 0, j, seed);
    for (size_t i = 0; i < points->n; ++i) {
        int j = label[i];
        struct cursor *at = &cursor[j];
        at->seen += strata_points_weight(points, i) * points->weight_unit;
        while (at->wanted < at->seen) {
            size_t n_wanted = start[j + 1] - start[j];
            (*row)[start[j] + at->n_taken++] = i;
            at->wanted = at->n_taken < n_wanted ? place_in(mass[j], n_wanted, at->n_taken, j, seed) : (double)INFINITY;
        }
    }
done:
    free(cursor);
    if (status != STRATA_OK) {
        free(*row);
        *row = NULL;
    }
    return status;
}

static enum strata_status fill_sample(const struct strata_points *points, const size_t *row, struct sample *sample,
                                      struct strata_error *err)
{
    size_t d = (size_t)sample->d;
    sample->width = 0;
    for (int j = 0; j < sample->k; ++j) {
        sample->place[j] = sample->width;
        sample->width += (sample->start[j + 1] - sample->start[j] + LANES - 1) / LANES * LANES;
    }
    sample->value = strata_calloc_array(d, sample->width * sizeof *sample->value);
    sample->score = strata_malloc_array(sample->n, sizeof *sample->score);
    if (!sample->value || !sample->score)
        return strata_fail_memory(err, "a sample", d, sample->width * sizeof *sample->value);
    for (int j = 0; j < sample->k; ++j)
        for (size_t i = sample->start[j]; i < sample->start[j + 1]; ++i)
            for (int c = 0; c < sample->d; ++c)
                sample->value[(size_t)c * sample->width + sample->place[j] + i - sample->start[j]] =
                    strata_points_value(points, row[i], (int)c);
    return STRATA_OK;
}

/* The sum of the distances from the value at `from` to the points of a cluster: in lanes, so that the order of the
 * additions does not depend on the instructions. */
static double sum_distances(const struct sample *sample, size_t from, int cluster)
{
    size_t n = sample->start[cluster + 1] - sample->start[cluster];
    double lane[LANES] = {0}, sum = 0;
    for (size_t group = 0; group < n; group += LANES) {
        const double *value = sample->value + sample->place[cluster] + group;
        double square[LANES] = {0};
        for (int c = 0; c < sample->d; ++c, value += sample->width) {
            double origin = sample->value[(size_t)c * sample->width + from];
            for (int l = 0; l < LANES; ++l) {
                double difference = value[l] - origin;
                square[l] += difference * difference;
            }
        }
        for (size_t l = n - group; l < LANES; ++l)
            square[l] = 0;
        for (int l = 0; l < LANES; ++l)
            lane[l] += sqrt(square[l]);
    }
    for (int l = 0; l < LANES; ++l)
        sum += lane[l];
    return sum;
}

static double score_of(const struct sample *sample, size_t i, int own)
{
    size_t from = sample->place[own] + i - sample->start[own], n_own = sample->start[own + 1] - sample->start[own];
    double nearest = INFINITY;
    if (n_own < 2)
        return 0;
    double inside = sum_distances(sample, from, own) / (double)(n_own - 1);
    for (int j = 0; j < sample->k; ++j)
        if (j != own)
            nearest = fmin(nearest, sum_distances(sample, from, j) / (double)(sample->start[j + 1] - sample->start[j]));
    double larger = fmax(inside, nearest);
    return larger > 0 ? (nearest - inside) / larger : 0;
}

/* The mean over a sample of as many points of each cluster, drawn with replacement. */
static double resampled(const struct sample *sample, const double *share, uint64_t seed, int resample)
{
    double sum = 0;
    for (int j = 0; j < sample->k; ++j) {
        size_t n = sample->start[j + 1] - sample->start[j];
        double cluster = 0;
        for (size_t i = 0; i < n; i += 4) {
            const uint64_t counter[2] = {STRATA_STREAM_BOOTSTRAP + (uint64_t)resample, sample->start[j] + i};
            uint32_t bits[4];
            strata_philox(seed, counter, bits);
            for (size_t draw = 0; draw < 4 && i + draw < n; ++draw)
                cluster += sample->score[sample->start[j] + (size_t)(((uint64_t)bits[draw] * n) >> 32)];
        }
        sum += share[j] * (cluster / (double)n);
    }
    return sum;
}

static int compare_numbers(const void *first, const void *second)
{
    double a = *(const double *)first, b = *(const double *)second;
    return (a > b) - (a < b);
}

static void find_interval(const struct sample *sample, const double *share, uint64_t seed, int threads,
                          struct strata_silhouette *silhouette)
{
    double mean[N_RESAMPLES];
#pragma omp parallel for num_threads(threads) schedule(static) if (threads > 1)
    for (int i = 0; i < N_RESAMPLES; ++i)
        mean[i] = resampled(sample, share, seed, i);
    qsort(mean, N_RESAMPLES, sizeof *mean, compare_numbers);
    silhouette->low = mean[LOW_RESAMPLE];
    silhouette->high = mean[HIGH_RESAMPLE];
}

enum strata_status strata_silhouette_measure(const struct strata_points *points, const uint16_t *label,
                                             const uint64_t *size, int k, uint64_t seed, int threads,
                                             struct strata_silhouette *silhouette, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct sample sample = {.k = k, .d = points->d};
    size_t *row = NULL, n_clusters = (size_t)k;
    double *mass = NULL, *share = NULL;
    *silhouette = (struct strata_silhouette){NAN, NAN, NAN};
    if (k < 2 || k > STRATA_SILHOUETTE_MOST_CLUSTERS)
        return STRATA_OK;
    sample.start = strata_malloc_array(n_clusters + 1, sizeof *sample.start);
    sample.place = strata_malloc_array(n_clusters, sizeof *sample.place);
    mass = strata_malloc_array(n_clusters, sizeof *mass);
    share = strata_malloc_array(n_clusters, sizeof *share);
    if (!sample.start || !sample.place || !mass || !share)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: a sample of %d clusters", k);
    strata_copies_weigh(points, label, size, k, mass);
    STRATA_TRY(strata_silhouette_draw(points, label, mass, k, seed, sample.start, &row, err));
    sample.n = sample.start[k];
    STRATA_TRY(fill_sample(points, row, &sample, err));
#pragma omp parallel for num_threads(threads) schedule(dynamic, 1) if (threads > 1)
    for (int j = 0; j < k; ++j)
        for (size_t i = sample.start[j]; i < sample.start[j + 1]; ++i)
            sample.score[i] = score_of(&sample, i, j);
    double total = 0;
    for (int j = 0; j < k; ++j)
        total += mass[j];
    silhouette->value = 0;
    for (int j = 0; j < k; ++j) {
        size_t n = sample.start[j + 1] - sample.start[j];
        double sum = 0;
        for (size_t i = sample.start[j]; i < sample.start[j + 1]; ++i)
            sum += sample.score[i];
        share[j] = mass[j] / total;
        silhouette->value += share[j] * (sum / (double)n);
    }
    find_interval(&sample, share, seed, threads, silhouette);
done:
    free(row);
    free(mass);
    free(share);
    free(sample.start);
    free(sample.place);
    free(sample.value);
    free(sample.score);
    return status;
}
