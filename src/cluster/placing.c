#include "placing.h"

#include <math.h>
#include <string.h>

#include "transforms.h"

/* Doubles of one column's worth of a block, at most. */
enum { BLOCK_VALUES = 65536, LEAST_ROWS = 16 };

size_t strata_placing_rows(const struct strata_placing *placing)
{
    size_t rows = BLOCK_VALUES / (size_t)placing->preparation->d;
    return rows > STRATA_BLOCK_ROWS ? STRATA_BLOCK_ROWS : rows < LEAST_ROWS ? LEAST_ROWS : rows;
}

size_t strata_placing_room(const struct strata_placing *placing)
{
    const struct strata_preparation *preparation = placing->preparation;
    return (preparation->whitening ? 2 : 1) * (size_t)preparation->d * strata_placing_rows(placing);
}

void strata_placing_transform(const struct strata_placing *placing, int c, size_t first, size_t n, double *value)
{
    const struct strata_preparation *preparation = placing->preparation;
    const struct strata_transform *transform = &strata_transforms[preparation->transform];
    strata_rows_read(placing->column[c], first, n, value);
    for (size_t i = 0; i < n; ++i)
        if (!strata_preparation_takes(preparation, value[i]))
            value[i] = preparation->imputed[c];
    if (transform->forward)
        transform->forward(preparation, c, value, n);
}

/* z of n rows from s; each in columns `stride` apart. */
static void whiten(const struct strata_preparation *preparation, const double *s, size_t stride, size_t n, double *z)
{
    size_t d = (size_t)preparation->d;
    for (size_t c = 0; c < d; ++c) {
        memset(z + c * stride, 0, n * sizeof *z);
        for (size_t j = 0; j < d; ++j) {
            double factor = preparation->whitening[c * d + j];
            for (size_t i = 0; i < n; ++i)
                z[c * stride + i] += factor * s[j * stride + i];
        }
    }
}

void strata_placing_scale(const struct strata_placing *placing, size_t first, size_t n, double *room)
{
    const struct strata_preparation *preparation = placing->preparation;
    size_t d = (size_t)preparation->d, stride = strata_placing_rows(placing);
    double *s = preparation->whitening ? room + d * stride : room;
    for (size_t c = 0; c < d; ++c) {
        double *value = s + c * stride;
        strata_placing_transform(placing, (int)c, first, n, value);
        for (size_t i = 0; i < n; ++i)
            value[i] = (value[i] - preparation->shift[c]) / preparation->divisor[c];
    }
    if (preparation->whitening)
        whiten(preparation, s, stride, n, room);
}

void strata_preparation_scale(const struct strata_preparation *preparation, const double *raw, double *room,
                              double *scaled)
{
    const struct strata_transform *transform = &strata_transforms[preparation->transform];
    double *s = preparation->whitening ? room : scaled;
    for (int c = 0; c < preparation->d; ++c) {
        s[c] = raw[c];
        if (transform->forward)
            transform->forward(preparation, c, &s[c], 1);
        s[c] = (s[c] - preparation->shift[c]) / preparation->divisor[c];
    }
    if (preparation->whitening)
        whiten(preparation, s, 1, 1, scaled);
}

/* A row of the matrix is a direction over the square root of its variance, its length the inverse of that root. */
void strata_preparation_unwhiten(const struct strata_preparation *preparation, const double *z, double *s)
{
    size_t d = (size_t)preparation->d;
    memset(s, 0, d * sizeof *s);
    for (size_t c = 0; c < d; ++c) {
        const double *row = preparation->whitening + c * d;
        double squares = 0;
        for (size_t j = 0; j < d; ++j)
            squares += row[j] * row[j];
        for (size_t j = 0; squares > 0 && j < d; ++j)
            s[j] += row[j] / squares * z[c];
    }
}

void strata_preparation_unscale(const struct strata_preparation *preparation, const double *scaled, double *raw)
{
    const struct strata_transform *transform = &strata_transforms[preparation->transform];
    if (preparation->whitening)
        strata_preparation_unwhiten(preparation, scaled, raw);
    else
        memcpy(raw, scaled, (size_t)preparation->d * sizeof *raw);
    for (int c = 0; c < preparation->d; ++c) {
        double t = raw[c] * preparation->divisor[c] + preparation->shift[c];
        raw[c] = transform->back ? transform->back(preparation, c, t) : t;
    }
}
