"""libstrata's k-means by ctypes, on row-major float32 rows."""
import ctypes
import sys
import time

import numpy

FLOAT32, FLOAT64 = 0, 1


class Data(ctypes.Structure):
    """struct strata_kmeans_data."""

    _fields_ = [("n_rows", ctypes.c_size_t), ("n_columns", ctypes.c_size_t), ("type", ctypes.c_int),
                ("values", ctypes.c_void_p), ("columns", ctypes.c_void_p), ("row_stride", ctypes.c_ssize_t),
                ("column_stride", ctypes.c_ssize_t), ("weights", ctypes.c_void_p)]


class Options(ctypes.Structure):
    """struct strata_kmeans_options."""

    _fields_ = [("k", ctypes.c_int), ("restarts", ctypes.c_int), ("swaps", ctypes.c_int),
                ("max_iterations", ctypes.c_int), ("tolerance", ctypes.c_double), ("seed", ctypes.c_uint64),
                ("threads", ctypes.c_int), ("seeding", ctypes.c_int), ("precision", ctypes.c_int),
                ("sample_rows", ctypes.c_size_t),
                ("centroids", ctypes.c_void_p)]


class Matrix(ctypes.Structure):
    """gsl_matrix."""

    _fields_ = [("size1", ctypes.c_size_t), ("size2", ctypes.c_size_t), ("tda", ctypes.c_size_t),
                ("data", ctypes.POINTER(ctypes.c_double)), ("block", ctypes.c_void_p), ("owner", ctypes.c_int)]


class Result(ctypes.Structure):
    """struct strata_kmeans_result."""

    _fields_ = [("k", ctypes.c_int), ("centroids", ctypes.POINTER(Matrix)), ("sizes", ctypes.c_void_p),
                ("inertia", ctypes.c_double), ("iterations", ctypes.c_int), ("converged", ctypes.c_int)]


def _check(status, error):
    if status != 0:
        sys.exit(f"error: {error.raw[4:].split(bytes(1))[0].decode(errors='replace')}")


def _data_of(rows):
    return ctypes.byref(Data(n_rows=rows.shape[0], n_columns=rows.shape[1], values=rows.ctypes.data))


def _matrix_of(centroids):
    k, d = centroids.shape
    return Matrix(k, d, d, centroids.ctypes.data_as(ctypes.POINTER(ctypes.c_double)), None, 0)


class Library:
    def __init__(self, shared_object, threads):
        self.shared, self.threads = ctypes.CDLL(shared_object), threads

    def fit(self, rows, k, start=None, **options):
        """Seconds, iterations and centroids of a fit; with `start` from these centroids. options: those of struct
        strata_kmeans_options that are not to have their defaults."""
        wanted, result, error = Options(), Result(), ctypes.create_string_buffer(4096)
        self.shared.strata_kmeans_options_init(ctypes.byref(wanted))
        wanted.k, wanted.threads = k, self.threads
        for name, value in options.items():
            setattr(wanted, name, value)
        if start is not None:
            matrix = _matrix_of(start)
            wanted.centroids = ctypes.addressof(matrix)
        labels = numpy.empty(len(rows), dtype=numpy.int32)
        began = time.perf_counter()
        _check(self.shared.strata_kmeans_fit(_data_of(rows), ctypes.byref(wanted), labels.ctypes.data_as(ctypes.c_void_p),
                                             ctypes.byref(result), error), error)
        seconds = time.perf_counter() - began
        matrix = result.centroids.contents
        centroids = numpy.ctypeslib.as_array(matrix.data, (matrix.size1, matrix.tda))[:, :matrix.size2].copy()
        iterations = result.iterations
        self.shared.strata_kmeans_result_release(ctypes.byref(result))
        return seconds, iterations, centroids

    def sum_of_squares(self, rows, centroids):
        """sum |x - nearest|^2, in double precision."""
        labels = numpy.empty(len(rows), dtype=numpy.int32)
        error = ctypes.create_string_buffer(4096)
        centroids = numpy.ascontiguousarray(centroids)
        matrix = _matrix_of(centroids)
        _check(self.shared.strata_kmeans_assign(_data_of(rows), ctypes.byref(matrix), self.threads,
                                                labels.ctypes.data_as(ctypes.c_void_p), error), error)
        total = 0.0
        for first in range(0, len(rows), 1 << 18):
            part = slice(first, first + (1 << 18))
            total += ((rows[part] - centroids[labels[part]]) ** 2).sum()
        return total
