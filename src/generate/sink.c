#include "sink.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

static enum strata_status fail_io(const struct strata_sink *sink, const char *what, const char *advice,
                                  struct strata_error *err)
{
    int number = errno;
    const char *name = strcmp(sink->path, "-") ? sink->path : "standard output";
    return strata_fail(err, STRATA_IO, "cannot %s %s: %s%s", what, name, strerror(number), advice);
}

enum strata_status strata_sink_open(struct strata_sink *sink, const char *path, struct strata_error *err)
{
    *sink = (struct strata_sink){.fd = -1, .path = path};
    if (!strcmp(path, "-")) {
        sink->fd = STDOUT_FILENO;
        return STRATA_OK;
    }
    struct stat existing;
    if (stat(path, &existing) == 0 && !S_ISREG(existing.st_mode)) {
        sink->fd = open(path, O_WRONLY | O_CLOEXEC);
        if (sink->fd < 0)
            return fail_io(sink, "write to", "; give the name of a file", err);
        sink->owns_fd = true;
        return STRATA_OK;
    }
    if (asprintf(&sink->temporary, "%s.%ld.partial", path, (long)getpid()) < 0) {
        sink->temporary = NULL;
        return strata_fail(err, STRATA_MEMORY, "out of memory for a file name");
    }
    sink->fd = open(sink->temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (sink->fd < 0) {
        enum strata_status status = fail_io(sink, "create", "; is its directory there and writable?", err);
        free(sink->temporary);
        sink->temporary = NULL;
        return status;
    }
    sink->owns_fd = true;
    return STRATA_OK;
}

/* write(), with the SIGPIPE that it may raise taken back unless somebody else had one pending. */
static ssize_t write_without_signal(int fd, const char *bytes, size_t n)
{
    sigset_t pipe_only, before, pending;
    sigemptyset(&pipe_only);
    sigaddset(&pipe_only, SIGPIPE);
    sigpending(&pending);
    bool was_pending = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &pipe_only, &before);
    ssize_t written = write(fd, bytes, n);
    int number = errno;
    if (written < 0 && number == EPIPE && !was_pending)
        while (sigtimedwait(&pipe_only, NULL, &(struct timespec){0}) < 0 && errno == EINTR)
            ;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = number;
    return written;
}

enum strata_status strata_sink_write(struct strata_sink *sink, const char *bytes, size_t n, struct strata_error *err)
{
    while (n > 0) {
        ssize_t written = write_without_signal(sink->fd, bytes, n);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return fail_io(sink, "write to", errno == ENOSPC ? "; free some space or choose another place" : "", err);
        bytes += written;
        n -= (size_t)written;
    }
    return STRATA_OK;
}

enum strata_status strata_sink_publish(struct strata_sink *sink, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    if (!sink->owns_fd)
        goto done;
    sink->owns_fd = false;
    if (close(sink->fd) < 0) {
        status = fail_io(sink, "write to", "", err);
        goto done;
    }
    if (sink->temporary) {
        if (rename(sink->temporary, sink->path) < 0) {
            status = fail_io(sink, "create", "", err);
            goto done;
        }
        free(sink->temporary);
        sink->temporary = NULL;
    }
done:
    strata_sink_release(sink);
    return status;
}

void strata_sink_release(struct strata_sink *sink)
{
    if (sink->owns_fd)
        close(sink->fd);
    if (sink->temporary)
        unlink(sink->temporary);
    free(sink->temporary);
    *sink = (struct strata_sink){0};
}
