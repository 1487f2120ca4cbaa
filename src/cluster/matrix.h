/* gsl_matrix without GSL's error handler, which would end the program when memory runs out. */
#ifndef STRATA_CLUSTER_MATRIX_H
#define STRATA_CLUSTER_MATRIX_H

#include <gsl/gsl_matrix.h>

/* n_rows x n_columns zeros, to be given to gsl_matrix_free; NULL if there is no memory. */
gsl_matrix *strata_matrix_alloc(size_t n_rows, size_t n_columns);

#endif
