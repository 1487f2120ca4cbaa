#include "plain_columns_kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include "structure.h"

#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq")))

#define ALWAYS_INLINE static inline __attribute__((always_inline))

enum { GROUP = STRATA_PLAIN_GROUP, FIELDS_MAX = 16 };

/* One position of each of 16 rows in a row, which lie in n_fields vectors. */
struct stride {
    size_t n_fields;
    __m512i index;              /* of all vectors together */
    __mmask16 mask[FIELDS_MAX]; /* the rows for which it is in this vector */
};

AVX512 ALWAYS_INLINE struct stride stride_of(size_t n_fields, size_t number)
{
    const __m512i rows = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    struct stride stride = {.n_fields = n_fields};
    stride.index =
        _mm512_add_epi32(_mm512_mullo_epi32(rows, _mm512_set1_epi32((int)n_fields)), _mm512_set1_epi32((int)number));
    __m512i vector = _mm512_srli_epi32(stride.index, 4);
    for (size_t v = 0; v < n_fields; ++v)
        stride.mask[v] = _mm512_cmpeq_epi32_mask(vector, _mm512_set1_epi32((int)v));
    return stride;
}

AVX512 ALWAYS_INLINE __m512i take(const struct stride *stride, const uint32_t *position)
{
    __m512i taken = _mm512_permutexvar_epi32(stride->index, _mm512_loadu_si512(position));
    for (size_t v = 1; v < stride->n_fields; ++v)
        taken = _mm512_mask_permutexvar_epi32(taken, stride->mask[v], stride->index,
                                              _mm512_loadu_si512(position + v * GROUP));
    return taken;
}

/* The last of each row is a newline, and there are no more newlines than rows. */
AVX512 ALWAYS_INLINE size_t count(const uint32_t *position, size_t n_fields, size_t n)
{
    size_t row = 0;
    const __m512i one = _mm512_set1_epi32(1);
    if (n_fields <= FIELDS_MAX) {
        const struct stride last = stride_of(n_fields, n_fields - 1);
        for (; row + GROUP <= n; row += GROUP) {
            const uint32_t *here = position + row * n_fields;
            __m512i newlines = _mm512_setzero_si512();
            for (size_t v = 0; v < n_fields; ++v)
                newlines = _mm512_add_epi32(newlines, _mm512_and_si512(_mm512_loadu_si512(here + v * GROUP), one));
            if (_mm512_testn_epi32_mask(take(&last, here), one) || _mm512_reduce_add_epi32(newlines) != GROUP)
                break;
        }
    }
    return row + strata_plain_count_portable(position + row * n_fields, n_fields, n - row);
}

/* The ends of the field of rows in whole groups. */
AVX512 ALWAYS_INLINE void take_ends(const struct strata_plain_split *split, size_t n_fields, size_t number, size_t n,
                                    uint32_t *end)
{
    if (n == 0) /* nor can there be more fields than a stride has room for */
        return;
    const struct stride stride = stride_of(n_fields, number);
    for (size_t i = 0; i < n; i += GROUP)
        _mm512_storeu_si512(end + i, _mm512_srli_epi32(take(&stride, split->position + i * n_fields), 1));
}

AVX512 ALWAYS_INLINE void split_rows(const struct strata_plain_split *split, size_t n_fields,
                                     struct strata_plain_column *column)
{
    /* The ends of a field, before them that of what is before the first row: for the first field, that of the last. */
    uint32_t ends[2][1 + STRATA_PLAIN_ROWS], *before = ends[0], *own = ends[1];
    const size_t n = n_fields <= FIELDS_MAX ? split->n / GROUP * GROUP : 0;
    size_t known = SIZE_MAX;
    for (size_t c = 0; c < split->n_columns; ++c) {
        const size_t number = (size_t)split->field[c], number_before = number ? number - 1 : n_fields - 1;
        if (known != number_before)
            take_ends(split, n_fields, number_before, n, before + 1);
        take_ends(split, n_fields, number, n, own + 1);
        before[0] = (uint32_t)split->start - 1;
        const uint32_t *shifted = number ? before + 1 : before;
        for (size_t i = 0; i < n; i += GROUP) {
            __m512i from = _mm512_add_epi32(_mm512_loadu_si512(shifted + i), _mm512_set1_epi32(1));
            _mm512_storeu_si512(column[c].from + i, from);
            _mm512_storeu_si512(column[c].n + i, _mm512_sub_epi32(_mm512_loadu_si512(own + 1 + i), from));
        }
        uint32_t *other = before;
        before = own;
        own = other;
        known = number;
    }
    strata_plain_split_rows(split, n, column);
}

/* With few fields, the loops over them are unrolled and the masks stay in registers. */
AVX512 size_t strata_plain_count_avx512(const uint32_t *position, size_t n_fields, size_t n)
{
    switch (n_fields) {
    case 2: return count(position, 2, n);
    case 3: return count(position, 3, n);
    case 4: return count(position, 4, n);
    case 5: return count(position, 5, n);
    case 6: return count(position, 6, n);
    case 7: return count(position, 7, n);
    case 8: return count(position, 8, n);
    default: return count(position, n_fields, n);
    }
}

AVX512 void strata_plain_split_avx512(const struct strata_plain_split *split, struct strata_plain_column *column)
{
    switch (split->n_fields) {
    case 2: split_rows(split, 2, column); break;
    case 3: split_rows(split, 3, column); break;
    case 4: split_rows(split, 4, column); break;
    case 5: split_rows(split, 5, column); break;
    case 6: split_rows(split, 6, column); break;
    case 7: split_rows(split, 7, column); break;
    case 8: split_rows(split, 8, column); break;
    default: split_rows(split, split->n_fields, column); break;
    }
}

#endif
