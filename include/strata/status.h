/* Status codes and the error that a caller owns.
 *
 * Every function of strata that can fail returns an `enum strata_status` that must be used, and takes a
 * caller-owned `struct strata_error *` last. On failure the error says what went wrong, where, and what to do.
 * The library never prints and never exits.
 */
#ifndef STRATA_STATUS_H
#define STRATA_STATUS_H

#include <stdarg.h>
#include <strata/export.h>

/* X(NAME, exit code of the command line, meaning) */
#define STRATA_STATUS_LIST(X)                                                                                          \
    X(OK, 0, "done")                                                                                                   \
    X(INTERNAL, 1, "internal error")                                                                                   \
    X(USAGE, 2, "usage or configuration error")                                                                        \
    X(REJECTED, 3, "input rejected")                                                                                   \
    X(GATE, 4, "a quality gate failed")                                                                                \
    X(IO, 5, "input/output error")                                                                                     \
    X(MEMORY, 5, "out of memory")                                                                                      \
    X(BUSY, 6, "another run holds the output")                                                                         \
    X(NOTHING_NEW, 99, "nothing new to do")

enum strata_status {
#define STRATA_STATUS_ENUM(name, code, meaning) STRATA_##name,
    STRATA_STATUS_LIST(STRATA_STATUS_ENUM)
#undef STRATA_STATUS_ENUM
};

#define STRATA_ERROR_CAPACITY 4096

/* Owned by the caller; `{0}` is a valid empty error. `message` is UTF-8, may hold several lines, always terminated. */
struct strata_error {
    enum strata_status status;
    char message[STRATA_ERROR_CAPACITY];
};

/* Exit code that the command line uses for a status. */
STRATA_API int strata_status_exit_code(enum strata_status status);

/* One English phrase for a status. Never NULL. */
STRATA_API const char *strata_status_meaning(enum strata_status status);

/* Fill `err` (may be NULL) and return `status`. A message that does not fit is cut. */
STRATA_API enum strata_status strata_fail(struct strata_error *err, enum strata_status status, const char *format, ...)
    STRATA_PRINTF(3, 4);

#endif
