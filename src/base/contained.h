/* A process for work on bytes that cannot be trusted with a library that is not made for that.
 *
 * The child is a copy of this process with nothing open but a socket and one file. It may read files and compute: no
 * other file is written, nothing is sent anywhere, no program is started (seccomp, where the kernel has it). Processor
 * time and memory are limited. What it finds out comes back over a wire, value by value, and is checked as what a
 * stranger says. Its crash, its endless loop and its silence are an error of the parent's and nothing else.
 *
 * The child calls malloc and the library, and enters no parallel region, so it can be started while other threads
 * live. No other thread may be inside the library meanwhile.
 */
#ifndef STRATA_BASE_CONTAINED_H
#define STRATA_BASE_CONTAINED_H

#include <sys/types.h>

#include "wire.h"

/* `{0}` is one that was never started. */
struct strata_contained {
    pid_t child;
    const char *path; /* of the file that is read, for messages; borrowed */
    struct strata_wire wire;
};

/* What runs in the child, with its end of the wire, receiving. It ends when this returns or the wire breaks. */
typedef void strata_contained_work(void *context, struct strata_wire *wire);

/* Start it. `descriptor`: a file that stays open in the child, under the same number; -1: none.
 * `memory_bytes`: what it may take beyond what this process has now, 2 GiB at most; 0: as much. On failure there is
 * nothing to stop. */
enum strata_status strata_contained_start(struct strata_contained *contained, strata_contained_work *work,
                                          void *context, int descriptor, const char *path, uint64_t memory_bytes,
                                          struct strata_error *err) STRATA_MUST_USE;

/* Has all that was passed over the wire come through? Otherwise why not: STRATA_REJECTED and "PATH is damaged or
 * hostile: ..." where the child was ended by a signal, a limit or its silence. */
enum strata_status strata_contained_check(struct strata_contained *contained, struct strata_error *err) STRATA_MUST_USE;

void strata_contained_stop(struct strata_contained *contained);

/* In the child, before each piece of work: its processor time is counted from here. */
void strata_contained_allow_time(void);

/* Something that is read from a file at once: `read` runs in the child and fills `result`, which `pass` then hands
 * over; in the parent `pass` fills it, and what it holds after a failure is the caller's to release. */
struct strata_contained_reading {
    const char *path;
    void *result;
    enum strata_status (*read)(void *result, struct strata_error *err);
    void (*pass)(void *result, struct strata_wire *wire);
};
enum strata_status strata_contained_read(const struct strata_contained_reading *reading,
                                         struct strata_error *err) STRATA_MUST_USE;

#endif
