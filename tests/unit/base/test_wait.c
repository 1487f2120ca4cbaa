#include "wait.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdint.h>

/* Threads pass a turn around, more of them than there are processors: each sees it and none waits for ever. */
enum { THREADS = 16, ROUNDS = 200 };
static uint64_t turn, order[THREADS * ROUNDS];

static void *take_turns(void *context)
{
    const uint64_t first = (uint64_t)(uintptr_t)context;
    for (uint64_t number = first; number < THREADS * ROUNDS; number += THREADS) {
        for (struct strata_wait wait = {0}; __atomic_load_n(&turn, __ATOMIC_ACQUIRE) != number; strata_wait_step(&wait))
            ;
        order[number] = first;
        __atomic_store_n(&turn, number + 1, __ATOMIC_RELEASE);
    }
    return NULL;
}

Test(wait, turns_of_many_threads)
{
    pthread_t thread[THREADS];
    for (uintptr_t i = 0; i < THREADS; ++i)
        cr_assert_eq(pthread_create(&thread[i], NULL, take_turns, (void *)i), 0);
    for (int i = 0; i < THREADS; ++i)
        cr_assert_eq(pthread_join(thread[i], NULL), 0);
    cr_assert_eq(turn, THREADS * ROUNDS);
    for (uint64_t number = 0; number < THREADS * ROUNDS; ++number)
        cr_assert_eq(order[number], number % THREADS);
}

/* However long it takes: the count of steps has an end. */
Test(wait, steps_do_not_overflow)
{
    struct strata_wait wait = {0};
    for (int i = 0; i < 3 * STRATA_WAIT_SPINS; ++i)
        strata_wait_step(&wait);
    cr_assert_eq(wait.n_steps, STRATA_WAIT_SPINS);
}
