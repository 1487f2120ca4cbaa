#include "wire.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "memory.h"

enum strata_status strata_wire_init(struct strata_wire *wire, int descriptor, struct strata_error *err)
{
    *wire = (struct strata_wire){.descriptor = descriptor, .buffer = strata_malloc_array(STRATA_WIRE_BUFFER_BYTES, 1)};
    return wire->buffer ? STRATA_OK : strata_fail_memory(err, "a wire", STRATA_WIRE_BUFFER_BYTES, 1);
}

void strata_wire_release(struct strata_wire *wire)
{
    free(wire->buffer);
    *wire = (struct strata_wire){.descriptor = -1};
}

static void stop(struct strata_wire *wire, enum strata_status status)
{
    if (wire->status == STRATA_OK)
        wire->status = status;
}

static void put(struct strata_wire *wire, const char *from, size_t n)
{
    while (n > 0 && wire->status == STRATA_OK) {
        ssize_t sent = send(wire->descriptor, from, n, MSG_NOSIGNAL);
        if (sent < 0 && errno != EINTR)
            stop(wire, STRATA_IO);
        if (sent > 0) {
            from += sent;
            n -= (size_t)sent;
        }
    }
}

/* In steps of a second: while this process is stopped, none passes. */
static bool is_ready(struct strata_wire *wire)
{
    enum { STEP_MILLISECONDS = 1000 };
    struct pollfd events = {.fd = wire->descriptor, .events = POLLIN};
    for (int second = 0; second < wire->patience_seconds; ++second) {
        int n = poll(&events, 1, STEP_MILLISECONDS);
        if (n > 0)
            return true;
        if (n < 0 && errno != EINTR)
            break;
    }
    return wire->patience_seconds == 0;
}

/* Up to n bytes, at least one; 0 on failure. */
static size_t get(struct strata_wire *wire, char *to, size_t n)
{
    for (;;) {
        if (!is_ready(wire)) {
            stop(wire, STRATA_BUSY);
            return 0;
        }
        ssize_t got = recv(wire->descriptor, to, n, 0);
        if (got > 0)
            return (size_t)got;
        if (got == 0 || errno != EINTR) {
            stop(wire, STRATA_IO);
            return 0;
        }
    }
}

static void flush(struct strata_wire *wire)
{
    put(wire, wire->buffer, wire->n_buffered);
    wire->n_buffered = wire->n_taken = 0;
}

void strata_wire_send(struct strata_wire *wire)
{
    if (!wire->is_sending)
        wire->n_buffered = wire->n_taken = 0;
    wire->is_sending = true;
}

void strata_wire_receive(struct strata_wire *wire)
{
    if (wire->is_sending)
        flush(wire);
    wire->is_sending = false;
}

static void send_bytes(struct strata_wire *wire, const char *from, size_t n)
{
    if (n > STRATA_WIRE_BUFFER_BYTES - wire->n_buffered)
        flush(wire);
    if (n > STRATA_WIRE_BUFFER_BYTES) {
        put(wire, from, n);
        return;
    }
    memcpy(wire->buffer + wire->n_buffered, from, n);
    wire->n_buffered += n;
}

static void receive_bytes(struct strata_wire *wire, char *to, size_t n)
{
    while (n > 0 && wire->status == STRATA_OK) {
        size_t ready = wire->n_buffered - wire->n_taken;
        if (ready == 0 && n >= STRATA_WIRE_BUFFER_BYTES) {
            size_t got = get(wire, to, n);
            to += got;
            n -= got;
            continue;
        }
        if (ready == 0) {
            wire->n_taken = 0;
            wire->n_buffered = get(wire, wire->buffer, STRATA_WIRE_BUFFER_BYTES);
            continue;
        }
        size_t take = ready < n ? ready : n;
        memcpy(to, wire->buffer + wire->n_taken, take);
        wire->n_taken += take;
        to += take;
        n -= take;
    }
    if (n > 0)
        memset(to, 0, n);
}

void strata_wire_pass_bytes(struct strata_wire *wire, void *bytes, size_t n)
{
    if (n == 0)
        return;
    if (wire->is_sending)
        send_bytes(wire, bytes, n);
    else
        receive_bytes(wire, bytes, n);
}

void strata_wire_pass_u64(struct strata_wire *wire, uint64_t *value)
{
    strata_wire_pass_bytes(wire, value, sizeof *value);
    if (wire->status != STRATA_OK && !wire->is_sending)
        *value = 0;
}

void strata_wire_pass_i64(struct strata_wire *wire, int64_t *value)
{
    uint64_t bits = (uint64_t)*value;
    strata_wire_pass_u64(wire, &bits);
    *value = (int64_t)bits;
}

void strata_wire_pass_double(struct strata_wire *wire, double *value)
{
    uint64_t bits;
    memcpy(&bits, value, sizeof bits);
    strata_wire_pass_u64(wire, &bits);
    memcpy(value, &bits, sizeof bits);
}

void strata_wire_pass_size(struct strata_wire *wire, size_t *value, size_t most)
{
    uint64_t number = *value;
    strata_wire_pass_u64(wire, &number);
    if (number > most) {
        stop(wire, STRATA_REJECTED);
        number = 0;
    }
    *value = (size_t)number;
}

void strata_wire_pass_bool(struct strata_wire *wire, bool *value)
{
    size_t number = *value;
    strata_wire_pass_size(wire, &number, 1);
    *value = number;
}

void strata_wire_pass_int(struct strata_wire *wire, int *value, int least, int most)
{
    int64_t number = *value;
    strata_wire_pass_i64(wire, &number);
    if (!wire->is_sending && (number < least || number > most)) {
        stop(wire, STRATA_REJECTED);
        number = least;
    }
    *value = (int)number;
}

void strata_wire_pass_array(struct strata_wire *wire, void **array, size_t n, size_t size)
{
    bool is_there = *array;
    strata_wire_pass_bool(wire, &is_there);
    if (!wire->is_sending) {
        *array = is_there ? strata_malloc_array(n, size) : NULL;
        if (is_there && !*array)
            stop(wire, STRATA_MEMORY);
    }
    if (*array)
        strata_wire_pass_bytes(wire, *array, n * size);
}

void strata_wire_pass_text(struct strata_wire *wire, char **text, size_t most)
{
    void *bytes = *text;
    size_t n = *text ? strlen(*text) + 1 : 0;
    strata_wire_pass_size(wire, &n, most + 1);
    strata_wire_pass_array(wire, &bytes, n, 1);
    if (wire->is_sending)
        return;
    *text = bytes;
    if (*text && (n == 0 || (*text)[n - 1] != '\0')) {
        stop(wire, STRATA_REJECTED);
        free(*text);
        *text = NULL;
    }
}

void strata_wire_pass_texts(struct strata_wire *wire, char ***texts, size_t n, size_t most)
{
    bool is_there = *texts;
    strata_wire_pass_bool(wire, &is_there);
    if (!wire->is_sending) {
        *texts = is_there ? strata_calloc_array(n, sizeof **texts) : NULL;
        if (is_there && !*texts)
            stop(wire, STRATA_MEMORY);
    }
    for (size_t i = 0; *texts && i < n; ++i) {
        strata_wire_pass_text(wire, &(*texts)[i], most);
        strata_wire_refuse_if(wire, !(*texts)[i]);
    }
}

void strata_wire_refuse_if(struct strata_wire *wire, bool is_wrong)
{
    if (is_wrong)
        stop(wire, STRATA_REJECTED);
}

void strata_wire_pass_outcome(struct strata_wire *wire, enum strata_status *outcome, struct strata_error *err)
{
    int number = (int)*outcome;
    size_t n = number == STRATA_OK ? 0 : strlen(err->message);
    strata_wire_pass_int(wire, &number, STRATA_OK, STRATA_NOTHING_NEW);
    strata_wire_pass_size(wire, &n, sizeof err->message - 1);
    if (number == STRATA_OK) {
        *outcome = STRATA_OK;
        return;
    }
    strata_wire_pass_bytes(wire, err->message, n);
    err->message[n] = '\0';
    *outcome = err->status = (enum strata_status)number;
}
