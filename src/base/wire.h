/* Values between two processes of the same program, of which one may have been taken over.
 *
 * Each value is named once, for both directions: `strata_wire_pass_...(wire, &value)` sends it, or receives it and then
 * checks what can be checked. Failures stick: after the first one nothing is passed any more, values that should have
 * been received are zero or empty, and whoever asks for `status` at the end learns of it. So what is passed can be
 * written without a branch for each value.
 */
#ifndef STRATA_BASE_WIRE_H
#define STRATA_BASE_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <strata/status.h>

enum { STRATA_WIRE_BUFFER_BYTES = 64 << 10 };

struct strata_wire {
    int descriptor;            /* of a stream, borrowed */
    bool is_sending;           /* which way values pass now */
    enum strata_status status; /* STRATA_IO: the other end has gone; STRATA_BUSY: it is silent for too long;
                                * STRATA_REJECTED: it sends what cannot be; STRATA_MEMORY */
    int patience_seconds;      /* to wait for the other end; 0: for ever */
    size_t n_buffered, n_taken;
    char *buffer; /* STRATA_WIRE_BUFFER_BYTES, owned */
};

/* A wire over `descriptor`, receiving. */
enum strata_status strata_wire_init(struct strata_wire *wire, int descriptor, struct strata_error *err) STRATA_MUST_USE;
void strata_wire_release(struct strata_wire *wire);

/* From now on values are sent, or, once all that was sent is on its way, received. */
void strata_wire_send(struct strata_wire *wire);
void strata_wire_receive(struct strata_wire *wire);

void strata_wire_pass_bytes(struct strata_wire *wire, void *bytes, size_t n);
void strata_wire_pass_u64(struct strata_wire *wire, uint64_t *value);
void strata_wire_pass_i64(struct strata_wire *wire, int64_t *value);
void strata_wire_pass_double(struct strata_wire *wire, double *value);
void strata_wire_pass_bool(struct strata_wire *wire, bool *value);

/* Received values lie within these bounds. */
void strata_wire_pass_size(struct strata_wire *wire, size_t *value, size_t most);
void strata_wire_pass_int(struct strata_wire *wire, int *value, int least, int most);

/* A string of up to `most` bytes, or NULL; a received one is malloc memory. */
void strata_wire_pass_text(struct strata_wire *wire, char **text, size_t most);

/* n elements of `size` bytes, or NULL; a received array is of strata_malloc_array. */
void strata_wire_pass_array(struct strata_wire *wire, void **array, size_t n, size_t size);

/* n strings, none of them NULL, in an array that may be NULL. */
void strata_wire_pass_texts(struct strata_wire *wire, char ***texts, size_t n, size_t most);

/* What was received cannot be. */
void strata_wire_refuse_if(struct strata_wire *wire, bool is_wrong);

/* How something ended, with its message. */
void strata_wire_pass_outcome(struct strata_wire *wire, enum strata_status *outcome, struct strata_error *err);

#endif
