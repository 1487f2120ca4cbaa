#include "chunk_codec.h"

#include <string.h>

/* Some elements per step: with the size a constant the compiler makes this a transposition in registers. */
static inline void shuffle_fixed(const unsigned char *restrict in, unsigned char *restrict out, size_t n, size_t size)
{
    enum { STEP = 16 };
    size_t whole = n / STEP * STEP;
    for (size_t i = 0; i < whole; i += STEP)
        for (size_t b = 0; b < size; ++b)
            for (size_t j = 0; j < STEP; ++j)
                out[b * n + i + j] = in[(i + j) * size + b];
    for (size_t i = whole; i < n; ++i)
        for (size_t b = 0; b < size; ++b)
            out[b * n + i] = in[i * size + b];
}

void strata_chunk_shuffle(const void *in, void *out, size_t n, size_t size)
{
    switch (size) {
    case 1: memcpy(out, in, n); break;
    case 2: shuffle_fixed(in, out, n, 2); break;
    case 4: shuffle_fixed(in, out, n, 4); break;
    case 8: shuffle_fixed(in, out, n, 8); break;
    default: shuffle_fixed(in, out, n, size);
    }
}

size_t strata_chunk_bound(size_t n_bytes) { return libdeflate_zlib_compress_bound(NULL, n_bytes); }

size_t strata_chunk_deflate(struct libdeflate_compressor *compressor, const void *in, size_t n_bytes, void *out)
{
    return libdeflate_zlib_compress(compressor, in, n_bytes, out, strata_chunk_bound(n_bytes));
}
