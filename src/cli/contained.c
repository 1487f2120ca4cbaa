#include "contained.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <strata/status.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "message.h"

enum { PROCESSOR_SECONDS = 20 };

static void limit(void)
{
    const struct rlimit seconds = {PROCESSOR_SECONDS, PROCESSOR_SECONDS}, no_core = {0, 0};
    (void)setrlimit(RLIMIT_CPU, &seconds);
    (void)setrlimit(RLIMIT_CORE, &no_core);
}

int cli_run_contained(int (*work)(void *context), void *context, const char *path)
{
    struct strata_error err = {0};
    int state;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        limit();
        exit(cli_finish(work(context)));
    }
    if (child < 0 || waitpid(child, &state, 0) < 0) {
        strata_fail(&err, STRATA_IO, "cannot start a process to read %s: %s", path, strerror(errno));
        return cli_fail(&err, CLI_TEXT);
    }
    if (WIFEXITED(state))
        return WEXITSTATUS(state);
    if (WTERMSIG(state) == SIGPIPE) { /* who read the output has gone */
        raise(SIGPIPE);
        return 0;
    }
    strata_fail(&err, STRATA_IO, "%s is damaged: reading it ended with signal %d (%s)", path, WTERMSIG(state),
                strsignal(WTERMSIG(state)));
    return cli_fail(&err, CLI_TEXT);
}
