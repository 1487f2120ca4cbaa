/* From the raw fields of a row to a row of a batch, or to the reason why not. */
#ifndef STRATA_INGEST_CONVERT_H
#define STRATA_INGEST_CONVERT_H

#include "plan.h"

enum {
    STRATA_BATCH_ROWS = 2048,
    STRATA_RAW_FIELD_MAX = 2 * STRATA_KEY_MAX_BYTES + 2, /* every byte a doubled quote, and the quotes around */
};

/* A batch being filled; one per thread. */
struct strata_batch_builder {
    unsigned fields; /* enum strata_batch_fields */
    struct strata_batch batch;
    struct strata_key *customer, *order;
    int32_t *day;
    int64_t *amount;
    uint64_t *channel, *category;
    struct strata_fingerprint *fingerprint;
};

enum strata_status strata_batch_builder_init(struct strata_batch_builder *builder, unsigned fields,
                                             struct strata_error *err) STRATA_MUST_USE;
void strata_batch_builder_release(struct strata_batch_builder *builder);

/* Hand on what has gathered of a file, and begin again. */
enum strata_status strata_batch_builder_flush(struct strata_batch_builder *builder, size_t file, int thread,
                                              const struct strata_batch_sink *sink,
                                              struct strata_error *err) STRATA_MUST_USE;

/* What a thread needs to convert the rows of one file; other files need another one. */
struct strata_converter {
    const struct strata_text_plan *plan;          /* of delimited text; NULL for a source of columns */
    const int *field;                             /* STRATA_N_ROLES, -1: not mapped */
    const struct strata_time_format *time_format; /* of times that are text or numbers */
    const struct strata_ingest_options *options;
    const struct strata_amount_format *amount;
    struct strata_key_arena *arena;
    struct strata_batch_builder *builder;
    struct strata_time_memo time_memo;
    char (*scratch)[STRATA_RAW_FIELD_MAX + STRATA_FIELD_PADDING]; /* one per role, for fields without their quotes;
                                                                   * delimited text only */
    struct strata_ingest_account account;                         /* of this thread's rows of this file */
};

enum strata_row_outcome { STRATA_ROW_USED, STRATA_ROW_EXCLUDED, STRATA_ROW_REJECTED };

/* Convert the row whose raw fields are field[role], for the roles that the plan maps; they lose their quotes in place.
 * STRATA_FIELD_PADDING bytes behind every field must be readable. A used row is added to the batch,
 * which must have room. *outcome says what became of it; where it is REJECTED, the reason, column and value of `reject`
 * are filled. The account is kept. Fails only for lack of memory. */
enum strata_status strata_convert_row(struct strata_converter *converter, struct strata_field field[STRATA_N_ROLES],
                                      enum strata_row_outcome *outcome, struct strata_reject *reject,
                                      struct strata_error *err) STRATA_MUST_USE;

/* Account for a row that is bad as a whole. */
void strata_convert_bad_row(struct strata_converter *converter);

#endif
