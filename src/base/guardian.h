/* A process that outlives this one, to remove what it leaves behind.
 *
 * A killed process cannot clean up. The guardian is a shell in a session of its own that waits at a pipe whose other
 * end this process holds: when the pipe closes without a word, the process has died, however it did, and the folder
 * goes. It takes no memory of this process with it. Where there is no shell, nobody guards.
 */
#ifndef STRATA_BASE_GUARDIAN_H
#define STRATA_BASE_GUARDIAN_H

#include <sys/types.h>

/* `{0}` guards nothing. */
struct strata_guardian {
    pid_t child;
    int pipe;
};

/* Remove the folder at `path`, a whole path that need not exist yet, with all that is in it, once this process has
 * died. */
void strata_guardian_start(struct strata_guardian *guardian, const char *path);

/* There is nothing left to remove. */
void strata_guardian_stop(struct strata_guardian *guardian);

#endif
