/* Waiting for another thread that will be done in a moment:
 *
 *     for (struct strata_wait wait = {0}; !is_done(); strata_wait_step(&wait))
 *         if (has_failed())
 *             return false;
 */
#ifndef STRATA_BASE_WAIT_H
#define STRATA_BASE_WAIT_H

#include <sched.h>

struct strata_wait {
    int n_steps;
};

/* Looking this often takes about as long as leaving the processor and coming back to it (half a microsecond). Who waits
 * for less does not pay for that; who waits for longer pays twice at most; and where there are more threads than
 * processors, the one that is waited for gets to run. */
enum { STRATA_WAIT_SPINS = 1000 };

static inline void strata_wait_step(struct strata_wait *wait)
{
    if (wait->n_steps < STRATA_WAIT_SPINS)
        ++wait->n_steps;
    else
        (void)sched_yield();
}

#endif
