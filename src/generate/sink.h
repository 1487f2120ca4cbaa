/* Where a generated log goes: a file that appears when it is whole, an existing pipe or device, or standard output. */
#ifndef STRATA_GENERATE_SINK_H
#define STRATA_GENERATE_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <strata/status.h>

struct strata_sink {
    int fd;
    bool owns_fd;     /* not standard output */
    const char *path; /* borrowed; for messages */
    char *temporary;  /* the name until it is whole; NULL: written in place */
};

/* "-" is standard output. */
enum strata_status strata_sink_open(struct strata_sink *sink, const char *path,
                                    struct strata_error *err) STRATA_MUST_USE;

/* Write all of it. A reader that has gone is an error, never a signal. */
enum strata_status strata_sink_write(struct strata_sink *sink, const char *bytes, size_t n,
                                     struct strata_error *err) STRATA_MUST_USE;

/* Close and give the file its name. */
enum strata_status strata_sink_publish(struct strata_sink *sink, struct strata_error *err) STRATA_MUST_USE;

/* Close; a file that was not published disappears. No-op after publishing. */
void strata_sink_release(struct strata_sink *sink);

#endif
