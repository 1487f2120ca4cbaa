/* Straight-line error handling: one exit, one clean-up.
 *
 *     enum strata_status status = STRATA_OK;
 *     STRATA_TRY(step(&thing, err));
 * done:
 *     thing_release(&thing);
 *     return status;
 */
#ifndef STRATA_BASE_CHECK_H
#define STRATA_BASE_CHECK_H

#include <strata/status.h>

#define STRATA_TRY(call)                                                                                               \
    do {                                                                                                               \
        status = (call);                                                                                               \
        if (status != STRATA_OK)                                                                                       \
            goto done;                                                                                                 \
    } while (0)

/* Give up with a message: `STRATA_GIVE_UP(err, STRATA_IO, "cannot open %s", path);` */
#define STRATA_GIVE_UP(err, code, ...)                                                                                 \
    do {                                                                                                               \
        status = strata_fail((err), (code), __VA_ARGS__);                                                              \
        goto done;                                                                                                     \
    } while (0)

#endif
