#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "page_array.h"
#include "page_pool.h"

/* Bytes stay while the array grows, new ones are zero, and a colour never changes the place of a byte. */
Test(page_array, grows)
{
    static const size_t sizes[] = {1, 4096, 4097, 3000000, 3000001, 20000000, 5};
    for (unsigned colour = 0; colour < 70; colour += 23) {
        struct strata_page_array array = {0};
        struct strata_error err = {0};
        size_t n = 0;
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; ++i) {
            cr_assert_eq(strata_page_array_resize(&array, sizes[i], colour, &err), STRATA_OK, "%s", err.message);
            cr_assert_eq((uintptr_t)array.memory % 64, 0u);
            unsigned char *byte = array.memory;
            for (size_t b = 0; b < sizes[i]; ++b)
                cr_assert_eq(byte[b], b < n ? b % 251 : 0);
            for (size_t b = n; b < sizes[i]; ++b)
                byte[b] = (unsigned char)(b % 251);
            n = sizes[i] > n ? sizes[i] : n;
        }
        strata_page_array_release(&array);
        cr_assert_null(array.memory);
        strata_page_array_release(&array);
    }
}

/* Without address space the array is as before. */
Test(page_array, an_exhausted_address_space_is_an_error)
{
    struct strata_page_array array = {0};
    struct strata_error err = {0};
    enum { MIB = 1 << 20 };
    cr_assert_eq(strata_page_array_resize(&array, 64 * MIB, 1, &err), STRATA_OK);
    memset(array.memory, 7, 1000);
    cr_assert_eq(strata_page_array_resize(&array, SIZE_MAX, 1, &err), STRATA_MEMORY);
    cr_assert_eq(strata_page_array_resize(&array, SIZE_MAX / 2, 1, &err), STRATA_MEMORY);
    cr_assert(strstr(err.message, "out of memory"), "%s", err.message);
    cr_assert_eq(((unsigned char *)array.memory)[999], 7);
    cr_assert_eq(strata_page_array_resize(&array, 65 * MIB, 1, &err), STRATA_OK);
    cr_assert_eq(((unsigned char *)array.memory)[999], 7);
    strata_page_array_release(&array);
}

/* Also where some of its pages have come from a pool. */
Test(page_array, grows_in_pieces)
{
    enum { MIB = 1 << 20 };
    struct strata_page_array array = {0};
    struct strata_page_pool pool = {0};
    struct strata_error err = {0};
    cr_assert_eq(strata_page_array_resize(&array, 4 * MIB, 3, &err), STRATA_OK);
    for (int i = 0; i < 4; ++i) {
        char *old = mmap(NULL, MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        cr_assert_neq(old, MAP_FAILED);
        memset(old, 1, MIB);
        strata_page_pool_give(&pool, old, MIB);
    }
    strata_page_pool_fill(&pool, (char *)array.memory + MIB / 2, 3 * MIB);
    char *byte = array.memory;
    for (int i = 0; i < 4 * MIB; ++i)
        byte[i] = (char)(i % 101);
    cr_assert_eq(strata_page_array_resize(&array, 64 * MIB, 3, &err), STRATA_OK, "%s", err.message);
    byte = array.memory;
    for (int i = 0; i < 4 * MIB; ++i)
        cr_assert_eq(byte[i], i % 101);
    cr_assert_eq(byte[4 * MIB], 0);
    strata_page_pool_release(&pool);
    strata_page_array_release(&array);
}
