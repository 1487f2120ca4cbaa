#include "agreement.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "check.h"
#include "memory.h"

/* Weights this much smaller than the largest one do not show in a sum. */
static const double least_weight = 1e-20;

__extension__ typedef __int128 wide_integer;

/* Rows by their labels on both sides; only labels that occur. */
struct contingency {
    uint64_t n;
    int n_a, n_b;
    uint64_t *cell; /* n_a x n_b */
    uint64_t *size_a, *size_b;
};

/* place[label] = the rank of the label among those that occur where the other side has one too, from 0. */
static int rank_labels(const int16_t *label, const int16_t *other, size_t n_rows, int *place)
{
    int n = 0;
    for (int value = 0; value <= INT16_MAX; ++value)
        place[value] = -1;
    for (size_t row = 0; row < n_rows; ++row)
        if (label[row] > 0 && other[row] > 0)
            place[label[row]] = 0;
    for (int value = 0; value <= INT16_MAX; ++value)
        if (place[value] == 0)
            place[value] = n++;
    return n;
}

static enum strata_status count_rows(const int16_t *a, const int16_t *b, size_t n_rows, struct contingency *table,
                                     struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    size_t n_labels = (size_t)INT16_MAX + 1;
    int *place_a = strata_malloc_array(n_labels, sizeof *place_a),
        *place_b = strata_malloc_array(n_labels, sizeof *place_b);
    if (!place_a || !place_b)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: two clusterings to compare");
    table->n_a = rank_labels(a, b, n_rows, place_a);
    table->n_b = rank_labels(b, a, n_rows, place_b);
    table->cell = strata_calloc_array((size_t)table->n_a, (size_t)table->n_b * sizeof *table->cell);
    table->size_a = strata_calloc_array((size_t)table->n_a, sizeof *table->size_a);
    table->size_b = strata_calloc_array((size_t)table->n_b, sizeof *table->size_b);
    if (!table->cell || !table->size_a || !table->size_b)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: %d and %d clusters to compare", table->n_a, table->n_b);
    for (size_t row = 0; row < n_rows; ++row) {
        if (a[row] < 1 || b[row] < 1)
            continue;
        int i = place_a[a[row]], j = place_b[b[row]];
        ++table->cell[i * table->n_b + j];
        ++table->size_a[i];
        ++table->size_b[j];
        ++table->n;
    }
done:
    free(place_a);
    free(place_b);
    return status;
}

static wide_integer pairs(uint64_t n) { return (wide_integer)n * (n - (n > 0)) / 2; }

/* From the counts of pairs that both, one or none of the sides put together. */
static double adjusted_rand(const struct contingency *table)
{
    wide_integer both = 0, in_a = 0, in_b = 0, all = pairs(table->n);
    for (int i = 0; i < table->n_a * table->n_b; ++i)
        both += pairs(table->cell[i]);
    for (int i = 0; i < table->n_a; ++i)
        in_a += pairs(table->size_a[i]);
    for (int j = 0; j < table->n_b; ++j)
        in_b += pairs(table->size_b[j]);
    wide_integer only_a = in_a - both, only_b = in_b - both, none = all - both - only_a - only_b;
    if (only_a == 0 && only_b == 0)
        return 1;
    double above = 2 * ((double)(both * none) - (double)(only_a * only_b));
    return above / ((double)(in_a * (only_a + none)) + (double)(in_b * (only_b + none)));
}

static double entropy(const uint64_t *size, int n_sizes, double n)
{
    double sum = 0;
    for (int i = 0; i < n_sizes; ++i)
        sum -= (double)size[i] / n * log((double)size[i] / n);
    return sum;
}

/* The share of one cell in the mutual information. */
static double information(double count, double a, double b, double n)
{
    return count > 0 ? count / n * log(n * count / (a * b)) : 0;
}

static double mutual_information(const struct contingency *table)
{
    double sum = 0, n = (double)table->n;
    for (int i = 0; i < table->n_a; ++i)
        for (int j = 0; j < table->n_b; ++j)
            sum += information((double)table->cell[i * table->n_b + j], (double)table->size_a[i],
                               (double)table->size_b[j], n);
    return sum;
}

/* The expected share of a cell: its count is hypergeometric. From the mode outwards, with weights relative to it. */
static double expected_information(double a, double b, double n)
{
    double low = fmax(0, a + b - n), high = fmin(a, b),
           mode = fmin(fmax(floor((a + 1) * (b + 1) / (n + 2)), low), high);
    double mass = 1, sum = information(mode, a, b, n), weight = 1;
    for (double x = mode; x < high && weight > least_weight; ++x) {
        weight *= (a - x) * (b - x) / ((x + 1) * (n - a - b + x + 1));
        mass += weight;
        sum += weight * information(x + 1, a, b, n);
    }
    weight = 1;
    for (double x = mode; x > low && weight > least_weight; --x) {
        weight *= x * (n - a - b + x) / ((a - x + 1) * (b - x + 1));
        mass += weight;
        sum += weight * information(x - 1, a, b, n);
    }
    return sum / mass;
}

/* Does every cluster of one side have one partner on the other? Then what could be expected makes no difference. */
static bool is_same(const struct contingency *table)
{
    for (int i = 0; i < table->n_a; ++i)
        for (int j = 0; j < table->n_b; ++j) {
            uint64_t cell = table->cell[i * table->n_b + j];
            if (cell != 0 && (cell != table->size_a[i] || cell != table->size_b[j]))
                return false;
        }
    return true;
}

static double adjusted_information(const struct contingency *table)
{
    double n = (double)table->n, expected = 0;
    if (is_same(table))
        return 1;
    for (int i = 0; i < table->n_a; ++i)
        for (int j = 0; j < table->n_b; ++j)
            expected += expected_information((double)table->size_a[i], (double)table->size_b[j], n);
    double mean = (entropy(table->size_a, table->n_a, n) + entropy(table->size_b, table->n_b, n)) / 2;
    double range = mean - expected;
    range = range < 0 ? fmin(range, -DBL_EPSILON) : fmax(range, DBL_EPSILON);
    return (mutual_information(table) - expected) / range;
}

enum strata_status strata_agreement_measure(const int16_t *a, const int16_t *b, size_t n_rows,
                                            struct strata_agreement *agreement, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct contingency table = {0};
    *agreement = (struct strata_agreement){0, NAN, NAN};
    STRATA_TRY(count_rows(a, b, n_rows, &table, err));
    agreement->n = table.n;
    if (table.n > 0) {
        agreement->ari = adjusted_rand(&table);
        agreement->ami = adjusted_information(&table);
    }
done:
    free(table.cell);
    free(table.size_a);
    free(table.size_b);
    return status;
}
