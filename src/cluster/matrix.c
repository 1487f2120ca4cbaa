#include "matrix.h"

#include <stdlib.h>

gsl_matrix *strata_matrix_alloc(size_t n_rows, size_t n_columns)
{
    size_t n_values;
    if (__builtin_mul_overflow(n_rows, n_columns, &n_values))
        return NULL;
    gsl_matrix *matrix = malloc(sizeof *matrix);
    gsl_block *block = malloc(sizeof *block);
    double *data = calloc(n_values ? n_values : 1, sizeof *data);
    if (!matrix || !block || !data) {
        free(matrix);
        free(block);
        free(data);
        return NULL;
    }
    *block = (gsl_block){.size = n_values, .data = data};
    *matrix =
        (gsl_matrix){.size1 = n_rows, .size2 = n_columns, .tda = n_columns, .data = data, .block = block, .owner = 1};
    return matrix;
}
