#include "contained_reply.h"

#include <sys/socket.h>
#include <unistd.h>

#include "contained.h"
#include "fuzz.h"

static const uint8_t *reply;
static size_t n_reply;
static int other_end;

void fuzz_reply(const uint8_t *bytes, size_t n)
{
    reply = bytes;
    n_reply = n;
}

/* All of it fits into a socket's buffer, and no more comes; requests go unread. */
enum strata_status strata_contained_start(struct strata_contained *contained, strata_contained_work *work,
                                          void *context, int descriptor, const char *path, uint64_t memory_bytes,
                                          struct strata_error *err)
{
    int ends[2];
    (void)memory_bytes;
    (void)work;
    (void)context;
    (void)descriptor;
    *contained = (struct strata_contained){.child = 1, .path = path};
    FUZZ_CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0, "no sockets");
    FUZZ_CHECK(strata_wire_init(&contained->wire, ends[0], err) == STRATA_OK, "out of memory");
    FUZZ_CHECK(send(ends[1], reply, n_reply, MSG_NOSIGNAL) == (ssize_t)n_reply, "%zu bytes", n_reply);
    (void)shutdown(ends[1], SHUT_WR);
    other_end = ends[1];
    return STRATA_OK;
}

enum strata_status strata_contained_check(struct strata_contained *contained, struct strata_error *err)
{
    if (contained->wire.status == STRATA_OK)
        return STRATA_OK;
    return strata_fail(err, contained->wire.status, "%s: the wire is broken", contained->path);
}

void strata_contained_stop(struct strata_contained *contained)
{
    if (contained->child) {
        (void)close(contained->wire.descriptor);
        (void)close(other_end);
        strata_wire_release(&contained->wire);
    }
    *contained = (struct strata_contained){0};
}

void strata_contained_allow_time(void) {}

enum strata_status strata_contained_read(const struct strata_contained_reading *reading, struct strata_error *err)
{
    struct strata_contained contained;
    enum strata_status outcome = STRATA_OK;
    enum strata_status status = strata_contained_start(&contained, NULL, NULL, -1, reading->path, 0, err);
    strata_wire_pass_outcome(&contained.wire, &outcome, err);
    if (outcome == STRATA_OK)
        reading->pass(reading->result, &contained.wire);
    status = strata_contained_check(&contained, err);
    strata_contained_stop(&contained);
    return status == STRATA_OK ? outcome : status;
}
