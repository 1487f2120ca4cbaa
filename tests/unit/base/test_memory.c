#include <criterion/criterion.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

static void expect_usable(void *memory, size_t n_bytes)
{
    unsigned char *bytes = memory;
    cr_assert_not_null(memory);
    cr_assert_eq((uintptr_t)memory % 64, 0);
    memset(bytes, 0xA5, n_bytes);
    for (size_t i = 0; i < n_bytes; ++i)
        cr_assert(bytes[i] == 0xA5, "byte %zu", i);
    free(memory);
}

Test(memory, arrays_of_all_sizes_are_aligned_and_can_be_written)
{
    const size_t megabyte = 1 << 20,
                 size[] = {
                     0, 1, 63, 64, 65, megabyte, 2 * megabyte - 1, 2 * megabyte, 2 * megabyte + 1, 5 * megabyte + 12};
    for (size_t i = 0; i < sizeof size / sizeof *size; ++i) {
        expect_usable(strata_malloc_array(size[i], 1), size[i]);
    }
}

Test(memory, zeroed_arrays_are_zero)
{
    unsigned char *bytes = strata_calloc_array(1000, 3);
    cr_assert_not_null(bytes);
    for (size_t i = 0; i < 3000; ++i)
        cr_assert_eq(bytes[i], 0);
    free(bytes);
}

Test(memory, products_that_overflow_give_no_memory)
{
    const size_t half = SIZE_MAX / 2 + 2;
    cr_assert_null(strata_malloc_array(half, 2));
    cr_assert_null(strata_calloc_array(half, 2));
    cr_assert_null(strata_malloc_array(SIZE_MAX, 1));
}
