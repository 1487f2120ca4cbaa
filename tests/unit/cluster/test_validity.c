/* Indices of a clustering, and the choice among several. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "choose.h"
#include "fixtures.h"
#include "validity.h"

static const struct strata_search_options search = {
    .k = 2, .restarts = 8, .swaps = 8, .max_iterations = 100, .threads = 2, .seed = 1};

static struct strata_cluster_trial trial_of(const struct matrix *matrix, int k)
{
    struct strata_points points = as_points(matrix, NULL, 1);
    struct strata_search_options options = search;
    struct strata_fit fit = {0};
    struct strata_cluster_trial trial;
    struct strata_error err = {0};
    options.k = k;
    cr_assert_eq(strata_fit_one(&points, &options, &fit, &trial, &err), STRATA_OK, "%s", err.message);
    strata_fit_release(&fit);
    strata_points_release(&points);
    return trial;
}

Test(validity, by_hand)
{
    float value[] = {0, 2, 10, 12};
    struct matrix matrix = {4, 1, value};
    struct strata_cluster_trial trial = trial_of(&matrix, 2);
    cr_expect_float_eq(trial.inertia, 4, 1e-12);
    cr_expect_float_eq(trial.silhouette, (118.0 / 122 + 78.0 / 82) / 2, 1e-6);
    cr_expect_float_eq(trial.simplified_silhouette, (10.0 / 11 + 8.0 / 9) / 2, 1e-7);
    cr_expect_float_eq(trial.calinski_harabasz, 50, 1e-10);
    cr_expect_float_eq(trial.davies_bouldin, 0.2, 1e-7);
    /* Variance 4 / (4 - 2) = 2, four numbers fitted. */
    double log_likelihood = 4 * log(0.5) - 2 * log(2 * M_PI * 2) - 1;
    cr_expect_float_eq(trial.bic, -2 * log_likelihood + 4 * log(4), 1e-10);
    trial = trial_of(&matrix, 1);
    cr_expect(isnan(trial.silhouette) && isnan(trial.simplified_silhouette) && isnan(trial.calinski_harabasz) &&
              isnan(trial.davies_bouldin));
    /* Variance (36 + 16 + 16 + 36) / 3. */
    cr_expect_float_eq(trial.bic, -2 * (-2 * log(2 * M_PI * 104 / 3) - 1.5) + 2 * log(4), 1e-10);
}

Test(validity, clusters_without_extent)
{
    float value[] = {1, 1, 5, 5, 9, 9};
    struct matrix matrix = {6, 1, value};
    struct strata_cluster_trial trial = trial_of(&matrix, 3);
    cr_expect_eq(trial.inertia, 0);
    cr_expect_eq(trial.silhouette, 1);
    cr_expect_eq(trial.simplified_silhouette, 1);
    cr_expect_eq(trial.davies_bouldin, 0);
    cr_expect(isinf(trial.calinski_harabasz) && trial.calinski_harabasz > 0);
    cr_expect(isinf(trial.bic) && trial.bic < 0);
}

/* What scikit-learn 1.2.1 gives for its own optimum with three clusters. */
Test(validity, iris_as_scikit_learn)
{
    struct matrix iris = read_matrix("/usr/lib/python3/dist-packages/sklearn/datasets/data/iris.csv", 4, 1);
    if (!iris.value)
        cr_skip("skipped: data not found");
    struct strata_cluster_trial trial = trial_of(&iris, 3);
    cr_expect_float_eq(trial.calinski_harabasz / 561.62775662962, 1, 1e-6, "%.12g", trial.calinski_harabasz);
    cr_expect_float_eq(trial.davies_bouldin / 0.6619715465007465, 1, 1e-6, "%.12g", trial.davies_bouldin);
    cr_expect_float_eq(trial.silhouette / 0.7356596054332232, 1, 1e-6, "%.12g", trial.silhouette);
    free(iris.value);
}

/* Each index finds four clouds that are far apart, and the sentence tells it. */
Test(validity, every_criterion_finds_clouds)
{
    static const char *const begins[] = {"4 clusters: the highest silhouette of 2 to 7, ",
                                         "4 clusters: the highest simplified silhouette of 2 to 7, ",
                                         "4 clusters: the highest Calinski-Harabasz index of 2 to 7, ",
                                         "4 clusters: the lowest Davies-Bouldin index of 2 to 7, ",
                                         "4 clusters: the lowest BIC of 2 to 7, ",
                                         "4 clusters: the highest Euclidean silhouette of 2 to 7, ",
                                         "4 clusters: the smallest number of 1 to 7 whose gap, "};
    struct matrix matrix = {4000, 2, malloc(8000 * sizeof(float))};
    struct matrix noise = mixture(4000, 2, 1, 3);
    double mean[2] = {0, 0};
    for (size_t i = 0; i < 8000; ++i)
        mean[i % 2] += (double)noise.value[i] / 4000;
    for (size_t i = 0; i < 8000; ++i)
        matrix.value[i] = noise.value[i] - (float)mean[i % 2] + (float)(i / 2 % 4 / (i % 2 + 1) % 2 * 30);
    struct strata_points points = as_points(&matrix, NULL, 1);
    for (int criterion = STRATA_CRITERION_SILHOUETTE; criterion <= STRATA_CRITERION_GAP; ++criterion) {
        struct strata_fit fit = {0};
        struct strata_cluster_trial trial[7];
        int n_trials = 0, chosen = 0;
        struct strata_error err = {0};
        cr_assert_eq(strata_fit_auto(&points, &search, 7, (enum strata_cluster_criterion)criterion, &fit, trial,
                                     &n_trials, &chosen, &err),
                     STRATA_OK, "%s", err.message);
        cr_expect_eq(fit.k, 4, "criterion %d: %d", criterion, fit.k);
        cr_expect_eq(trial[chosen].k, 4);
        cr_expect_eq(trial[n_trials - 1].k, 7);
        char *choice = strata_choice_explain(trial, n_trials, chosen, (enum strata_cluster_criterion)criterion);
        cr_expect(strncmp(choice, begins[criterion], strlen(begins[criterion])) == 0, "%s", choice);
        free(choice);
        strata_fit_release(&fit);
    }
    strata_points_release(&points);
    free(matrix.value);
    free(noise.value);
}

Test(validity, the_choice_in_words)
{
    const struct strata_cluster_trial trial[] = {{.k = 2, .silhouette = 0.5, .davies_bouldin = 0.5},
                                                 {.k = 3, .silhouette = 0.75, .davies_bouldin = 0.25},
                                                 {.k = 4, .silhouette = 0.625, .davies_bouldin = NAN}};
    const struct strata_cluster_trial alike = {.k = 1, .silhouette = NAN};
    char *text = strata_choice_explain(trial, 3, 1, STRATA_CRITERION_SILHOUETTE);
    cr_expect_str_eq(text, "3 clusters: the highest silhouette of 2 to 4, 0.75; the next is 0.625 with 4");
    free(text);
    text = strata_choice_explain(trial, 3, 1, STRATA_CRITERION_DAVIES_BOULDIN);
    cr_expect_str_eq(text, "3 clusters: the lowest Davies-Bouldin index of 2 to 4, 0.25; the next is 0.5 with 2");
    free(text);
    text = strata_choice_explain(trial, 1, 0, STRATA_CRITERION_SILHOUETTE);
    cr_expect_str_eq(text, "2 clusters: no other number could be tried; the silhouette is 0.5");
    free(text);
    const struct strata_cluster_trial gaps[] = {{.k = 1, .gap = 0.25},
                                                {.k = 2, .gap = 0.5, .gap_error = 0.03},
                                                {.k = 3, .gap = 0.45, .gap_error = 0.05}};
    text = strata_choice_explain(gaps, 3, 1, STRATA_CRITERION_GAP);
    cr_expect_str_eq(text,
                     "2 clusters: the smallest number of 1 to 3 whose gap, 0.5, is within one standard error, 0.05, "
                     "of the next one's, 0.45");
    free(text);
    text = strata_choice_explain(gaps, 2, 1, STRATA_CRITERION_GAP);
    cr_expect_str_eq(text, "2 clusters: the gap still rises from 1 to 2, where it is 0.5");
    free(text);
    text = strata_choice_explain(&alike, 1, 0, STRATA_CRITERION_SILHOUETTE);
    cr_expect_str_eq(text, "1 cluster: there are no different rows to split further");
    free(text);
    const struct strata_cluster_trial two_rows = {.k = 1, .inertia = 2, .silhouette = NAN, .bic = 14};
    text = strata_choice_explain(&two_rows, 1, 0, STRATA_CRITERION_SILHOUETTE);
    cr_expect_str_eq(text, "1 cluster: there are too few rows to try more");
    free(text);
    text = strata_choice_explain(&two_rows, 1, 0, STRATA_CRITERION_BIC);
    cr_expect_str_eq(text, "1 cluster: no other number could be tried; the BIC is 14");
    free(text);
    const struct strata_cluster_trial small[] = {{.k = 2, .n_dissolved = 1, .silhouette = NAN},
                                                 {.k = 3, .n_dissolved = 2, .silhouette = NAN},
                                                 {.k = 4, .n_dissolved = 2, .silhouette = 0.5}};
    text = strata_choice_explain(small, 3, 2, STRATA_CRITERION_SILHOUETTE);
    cr_expect_str_eq(text,
                     "4 clusters, of which 2 are large enough: the only number of 2 to 4 that has a silhouette, 0.5");
    free(text);
    text = strata_choice_explain(small, 2, 0, STRATA_CRITERION_SILHOUETTE);
    cr_expect_str_eq(text, "1 cluster: whichever number of 2 to 3 is tried, no two clusters are large enough");
    free(text);
}

/* Numbers of clusters that are tried together share samples; each comes out as it does alone. */
Test(validity, every_number_as_alone)
{
    enum { MAX_K = 6 };
    struct matrix matrix = mixture(40009, 3, 1, 8);
    struct strata_points points = as_points(&matrix, NULL, 2);
    struct strata_fit chosen_fit, alone;
    struct strata_cluster_trial trial[MAX_K] = {0}, once;
    struct strata_error err = {0};
    struct strata_search_options options = {
        .restarts = 6, .swaps = 3, .max_iterations = 50, .threads = 2, .tolerance = 1e-6, .seed = 4};
    int n_trials, chosen;
    for (int seeding = STRATA_SEEDING_CORESET; seeding <= STRATA_SEEDING_PARALLEL; ++seeding) {
        options.seeding = (enum strata_kmeans_seeding)seeding;
        /* So few that outcomes are judged by a larger sample. */
        options.sample_rows = 1000;
        cr_assert_eq(strata_fit_auto(&points, &options, MAX_K, STRATA_CRITERION_SILHOUETTE, &chosen_fit, trial,
                                     &n_trials, &chosen, &err),
                     STRATA_OK);
        cr_assert_eq(n_trials, MAX_K - 1);
        for (int i = 0; i < n_trials; ++i) {
            options.k = trial[i].k;
            cr_assert_eq(strata_fit_one(&points, &options, &alone, &once, &err), STRATA_OK);
            cr_expect_eq(once.inertia, trial[i].inertia);
            cr_expect_eq(once.silhouette, trial[i].silhouette);
            if (i == chosen)
                cr_expect_eq(memcmp(alone.label, chosen_fit.label, points.n * sizeof *alone.label), 0);
            strata_fit_release(&alone);
        }
        strata_fit_release(&chosen_fit);
    }
    strata_points_release(&points);
    free(matrix.value);
}
