#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "chunk_codec.h"

Test(chunk_codec, shuffle_gathers_bytes_by_place)
{
    const unsigned char in[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    unsigned char out[12];
    strata_chunk_shuffle(in, out, 3, 4);
    cr_expect_arr_eq(out, ((unsigned char[]){1, 5, 9, 2, 6, 10, 3, 7, 11, 4, 8, 12}), 12);
    strata_chunk_shuffle(in, out, 12, 1);
    cr_expect_arr_eq(out, in, 12);
}

Test(chunk_codec, shuffle_is_the_transposition_for_any_length_and_size)
{
    enum { MAX_N = 100, MAX_SIZE = 9 };
    unsigned char in[MAX_N * MAX_SIZE], out[MAX_N * MAX_SIZE];
    for (size_t i = 0; i < sizeof in; ++i)
        in[i] = (unsigned char)(i * 31 + i / 7);
    for (size_t size = 1; size <= MAX_SIZE; ++size)
        for (size_t n = 0; n <= MAX_N; ++n) {
            strata_chunk_shuffle(in, out, n, size);
            for (size_t i = 0; i < n; ++i)
                for (size_t b = 0; b < size; ++b)
                    cr_assert_eq(out[b * n + i], in[i * size + b], "n %zu size %zu", n, size);
        }
}

Test(chunk_codec, deflate_fits_its_bound_and_comes_back)
{
    enum { N = 10000 };
    unsigned char *in = malloc(N), *back = malloc(N), *out = malloc(strata_chunk_bound(N));
    struct libdeflate_compressor *compressor = libdeflate_alloc_compressor(STRATA_DEFLATE_LEVEL);
    struct libdeflate_decompressor *decompressor = libdeflate_alloc_decompressor();
    unsigned state = 1;
    for (int compressible = 0; compressible < 2; ++compressible) {
        for (size_t i = 0; i < N; ++i)
            in[i] =
                compressible ? (unsigned char)(i / 100) : (unsigned char)((state = state * 1103515245 + 12345) >> 16);
        size_t n_bytes = strata_chunk_deflate(compressor, in, N, out);
        cr_assert(n_bytes > 0 && n_bytes <= strata_chunk_bound(N));
        cr_assert_eq(libdeflate_zlib_decompress(decompressor, out, n_bytes, back, N, NULL), LIBDEFLATE_SUCCESS);
        cr_expect_arr_eq(back, in, N);
    }
    libdeflate_free_compressor(compressor);
    libdeflate_free_decompressor(decompressor);
    free(in);
    free(back);
    free(out);
}
