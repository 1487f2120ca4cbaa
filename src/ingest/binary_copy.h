/* Rows as PostgreSQL's COPY ... TO STDOUT (FORMAT binary) sends them.
 *
 * A stream begins with a signature and ends with a trailer; between them each row is a count of fields (16 bits) and,
 * for each field, its length in bytes (32 bits, -1: NULL) and its value in the binary form of its type. Everything is
 * in network byte order. Nothing that a server sends is trusted: lengths, counts and digits are checked.
 */
#ifndef STRATA_INGEST_BINARY_COPY_H
#define STRATA_INGEST_BINARY_COPY_H

#include "column_source.h"

/* How a value is sent. */
enum strata_copy_form {
    STRATA_COPY_TEXT,
    STRATA_COPY_PADDED_TEXT, /* char(n): the blanks at its end are padding and left out */
    STRATA_COPY_NUMERIC,     /* handed on as the text that PostgreSQL writes: 12.50, NaN, -Infinity */
    STRATA_COPY_INT16,
    STRATA_COPY_INT32,
    STRATA_COPY_INT64,
    STRATA_COPY_FLOAT32,
    STRATA_COPY_FLOAT64,
    STRATA_COPY_DATE,
    STRATA_COPY_TIMESTAMP,
    STRATA_COPY_TIMESTAMPTZ,
    STRATA_COPY_UUID,
};

/* What it is handed on as. */
enum strata_value_type strata_copy_value_type(enum strata_copy_form form);

/* STRATA_COPY_ROWS: of a block, at most. STRATA_COPY_NUMERIC_BYTES: the text of a longer number is cut to these, which
 * is more than any field may have. */
enum { STRATA_COPY_ROWS = 2048, STRATA_COPY_NUMERIC_BYTES = 4224 };

/* One COPY, message by message. `{0}` is at its beginning. */
struct strata_copy_stream {
    bool has_begun, has_ended;
    uint64_t n_rows;
};

/* Take a message, which holds at most one row (and the first one the signature before it): the row is
 * message[*row_at .. n), none if *row_at is n. STRATA_REJECTED if it is no such stream. */
enum strata_status strata_copy_stream_take(struct strata_copy_stream *stream, const char *message, size_t n,
                                           size_t *row_at, struct strata_error *err) STRATA_MUST_USE;

/* The server says that this was all, and that it sent `n_rows`. STRATA_REJECTED if something is missing. */
enum strata_status strata_copy_stream_finish(const struct strata_copy_stream *stream, uint64_t n_rows,
                                             struct strata_error *err) STRATA_MUST_USE;

/* From rows to blocks; one per thread. Release of a zeroed one is a no-op. */
struct strata_copy_decoder {
    int n_fields;
    enum strata_role role[STRATA_N_ROLES]; /* of each field */
    enum strata_copy_form form[STRATA_N_ROLES];
    int n_numeric;
    void *values[STRATA_N_ROLES]; /* by field: STRATA_COPY_ROWS of them */
    uint64_t *valid[STRATA_N_ROLES];
    char *numbers; /* texts of NUMERIC fields */
};

/* For rows of n_fields fields. */
enum strata_status strata_copy_decoder_init(struct strata_copy_decoder *decoder, int n_fields,
                                            const enum strata_role role[], const enum strata_copy_form form[],
                                            struct strata_error *err) STRATA_MUST_USE;
void strata_copy_decoder_release(struct strata_copy_decoder *decoder);

/* The rows at rows[0..n), as many as fit in a block: *n_taken bytes; all rows are whole. Texts stay where they are, so
 * the block lives as long as `rows` and until the next call. block->first_row is left alone. STRATA_REJECTED if the
 * bytes are no such rows. */
enum strata_status strata_copy_decode(struct strata_copy_decoder *decoder, const char *rows, size_t n, size_t *n_taken,
                                      struct strata_column_block *block, struct strata_error *err) STRATA_MUST_USE;

#endif
