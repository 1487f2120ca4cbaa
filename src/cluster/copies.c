#include "copies.h"

#include <math.h>
#include <string.h>

void strata_copies_weigh(const struct strata_points *points, const uint16_t *label, const uint64_t *size, int k,
                         double *mass)
{
    memset(mass, 0, (size_t)k * sizeof *mass);
    for (size_t row = 0; points->weight && row < points->n; ++row)
        mass[label[row]] += points->weight[row];
    for (int j = 0; j < k; ++j)
        mass[j] = points->weight ? mass[j] * points->weight_unit : (double)size[j];
}

double strata_copies_place(double mass, uint64_t i, uint64_t n, double u)
{
    uint64_t count = strata_copies_count(mass);
    /* i x count / n without a product that could overflow. */
    uint64_t whole = count / n, rest = count % n;
    uint64_t first = i * whole + i * rest / n, length = (i + 1) * whole + (i + 1) * rest / n - first;
    double in = u * (double)length, row = floor(in);
    /* Whole weights have their borders at whole numbers, which rounding must not reach. */
    return ((double)first + row + fmin(in - row, 1 - 0x1p-20)) * (mass / (double)count);
}
