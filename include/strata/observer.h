/* What a long operation tells its caller: log lines and progress. The library itself prints nothing. */
#ifndef STRATA_OBSERVER_H
#define STRATA_OBSERVER_H

#include <stdint.h>
#include <strata/export.h>

enum strata_event_kind { STRATA_EVENT_LOG, STRATA_EVENT_WARNING, STRATA_EVENT_PROGRESS };

struct strata_event {
    enum strata_event_kind kind;
    const char *stage; /* "ingest", "features", ...; never NULL */
    const char *text;  /* LOG and WARNING: one line without newline; PROGRESS: NULL */
    uint64_t rows;     /* PROGRESS: rows (or customers) done so far in this stage */
    uint64_t bytes;    /* PROGRESS: bytes done so far; 0 where bytes make no sense */
    double share;      /* PROGRESS: 0..1 of the stage, NaN if unknown */
    double seconds;    /* since the stage began */
};

/* `notify` is called by one thread at a time, from any thread; it must not call back into strata. */
struct strata_observer {
    void (*notify)(void *context, const struct strata_event *event);
    void *context;
};

#endif
