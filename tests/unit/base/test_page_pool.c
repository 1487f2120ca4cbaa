#include "page_pool.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PAGES = 64 };

static char *map(size_t n_bytes)
{
    char *memory = mmap(NULL, n_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    cr_assert_neq(memory, MAP_FAILED);
    return memory;
}

/* Whole pages inside the range come from the pool, the bytes before and behind them stay. */
Test(page_pool, moves_pages_to_where_they_are_needed)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE), n = PAGES * page;
    struct strata_page_pool pool = {0};
    char *old = map(n), *memory = map(n);
    memset(old, 7, n);
    memory[0] = 1;
    memory[n - 1] = 2;
    strata_page_pool_give(&pool, old, n);
    strata_page_pool_fill(&pool, memory + 1, n - 2);
    cr_assert_eq(memory[0], 1);
    cr_assert_eq(memory[page - 1], 0);
    for (size_t i = page; i < n - page; ++i)
        cr_assert_eq(memory[i], 7);
    cr_assert_eq(memory[n - page], 0);
    cr_assert_eq(memory[n - 1], 2);
    memset(memory, 9, n);
    strata_page_pool_release(&pool);
    cr_assert_eq(munmap(memory, n), 0);
}

Test(page_pool, gives_what_it_has)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE), n = PAGES * page;
    struct strata_page_pool pool = {0};
    char *memory = map(n);
    for (int i = 1; i <= 3; ++i) {
        char *old = map(2 * page);
        memset(old, i, 2 * page);
        strata_page_pool_give(&pool, old, 2 * page);
    }
    strata_page_pool_fill(&pool, memory, 3 * page);
    strata_page_pool_fill(&pool, memory + 3 * page, n - 3 * page);
    size_t filled = 0;
    for (size_t i = 0; i < PAGES; ++i)
        filled += memory[i * page] != 0;
    cr_assert_eq(filled, 6u);
    for (size_t i = 0; i < 6 * page; ++i)
        cr_assert_neq(memory[i], 0);
    for (size_t i = 6 * page; i < n; ++i)
        cr_assert_eq(memory[i], 0);
    strata_page_pool_fill(&pool, memory + 10 * page, page); /* empty by now */
    cr_assert_eq(memory[10 * page], 0);
    strata_page_pool_release(&pool);
    strata_page_pool_release(&pool);
    cr_assert_eq(munmap(memory, n), 0);
}

Test(page_pool, parts_of_a_page_are_no_page)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    struct strata_page_pool pool = {0};
    char *old = map(page), *memory = map(2 * page);
    memset(old, 7, page);
    strata_page_pool_give(&pool, old, page);
    strata_page_pool_fill(&pool, memory + 1, page);
    strata_page_pool_fill(&pool, memory + 1, 5);
    strata_page_pool_fill(&pool, memory, 0);
    for (size_t i = 0; i < 2 * page; ++i)
        cr_assert_eq(memory[i], 0);
    strata_page_pool_release(&pool);
    cr_assert_eq(munmap(memory, 2 * page), 0);
}
