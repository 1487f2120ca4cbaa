/* Inside ingest: all files in parallel blocks. */
#ifndef STRATA_INGEST_TEXT_H
#define STRATA_INGEST_TEXT_H

#include "byte_source.h"
#include "convert.h"
#include "plain_columns.h"
#include "structure.h"

/* The state of a file that its blocks hand on in order: that is what makes the parallel parser exact. */
struct strata_text_chain {
    struct strata_byte_source *source;
    struct strata_byte_source own; /* closed at the end; a pipe's is the file's */
    uint64_t turn;                 /* the block whose turn it is; atomic */
    uint64_t quotes;               /* in the blocks before */
    uint64_t line;                 /* at the beginning of the block whose turn it is */
    struct strata_checksum *hash;  /* of a plain file's bytes; NULL for others */
    uint64_t hash_turn;            /* the block whose bytes are next in it; atomic */
};

/* Everything that the threads share. */
struct strata_text_job {
    struct strata_ingest *ingest;
    const struct strata_batch_sink *sink;
    struct strata_text_chain *chain; /* one per file */
    const struct strata_structure_variant *variant;
    const struct strata_plain_column_variant *columns;
    size_t block_bytes;
    size_t row_bytes; /* behind a block that a thread holds of a row; a file with longer ones needs care */
    uint64_t n_bytes; /* of all files */
    bool has_pipe;    /* of whose bytes nobody knows how many there are */
    uint64_t bytes_done, rows_done; /* atomic */
    double started;
    bool stop; /* atomic: an error, or a file whose quotes break the rule */
    enum strata_status status;
    struct strata_error error; /* the first */
};

/* One thread's memory. */
struct strata_text_worker {
    struct strata_text_job *job;
    int number;
    char *memory; /* that the buffer lies in */
    char *buffer;
    size_t capacity;
    uint32_t *position;
    char (*scratch)[STRATA_RAW_FIELD_MAX + STRATA_FIELD_PADDING];
    struct strata_batch_builder builder;
    struct strata_converter converter;
    struct strata_rejects rejects;
    size_t n_kept; /* of the rejects, those of the file */
    double last_notice;
};

/* Open a file of delimited text. */
enum strata_status strata_text_open(struct strata_byte_source *source, const struct strata_ingest *ingest,
                                    const struct strata_ingest_file *file, struct strata_error *err) STRATA_MUST_USE;

/* One attempt at all files of delimited text. *again: one turned out to need care, so that all must be read again. */
enum strata_status strata_text_read(struct strata_ingest *ingest, const struct strata_batch_sink *sink, bool *again,
                                    struct strata_error *err) STRATA_MUST_USE;

/* Latch the first error and make every thread stop. */
void strata_text_stop(struct strata_text_job *job, enum strata_status status, const struct strata_error *error);

enum strata_status strata_text_worker_init(struct strata_text_worker *worker, struct strata_text_job *job, int number,
                                           struct strata_error *err) STRATA_MUST_USE;
void strata_text_worker_release(struct strata_text_worker *worker);

/* Begin with a file; end it by adding the worker's account to the file's. */
void strata_text_worker_begin(struct strata_text_worker *worker, size_t file);
void strata_text_worker_end(struct strata_text_worker *worker, size_t file);

/* Convert a row and pass full batches on. */
enum strata_status strata_text_row(struct strata_text_worker *worker, size_t file,
                                   struct strata_field field[STRATA_N_ROLES], uint64_t line, uint64_t byte,
                                   struct strata_error *err) STRATA_MUST_USE;
enum strata_status strata_text_bad_row(struct strata_text_worker *worker, size_t file, enum strata_reject_reason reason,
                                       size_t column, uint64_t line, uint64_t byte,
                                       struct strata_error *err) STRATA_MUST_USE;
enum strata_status strata_text_flush(struct strata_text_worker *worker, size_t file,
                                     struct strata_error *err) STRATA_MUST_USE;

/* Count bytes of text (what counts of a compressed file is what was read of it) and rows done; the thread 0 tells the
 * observer now and then. */
void strata_text_progress(struct strata_text_worker *worker, size_t file, uint64_t bytes, uint64_t rows);

/* The block of a file that begins at `offset`; *is_past_end if there is none. A file whose quotes break the rule is
 * marked as careful and the job stopped. */
enum strata_status strata_text_block(struct strata_text_worker *worker, size_t file, uint64_t offset, bool *is_past_end,
                                     struct strata_error *err) STRATA_MUST_USE;

/* A whole file, row by row. */
enum strata_status strata_text_careful(struct strata_text_worker *worker, size_t file,
                                       struct strata_error *err) STRATA_MUST_USE;

#endif
