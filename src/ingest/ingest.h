/* Transactions in, transaction batches out: delimited text, plain or compressed, from files or pipes, and sources of
 * typed columns (column_source.h).
 *
 * Opening settles everything that can be known before the rows are read: which files, which delimiter, header and
 * columns, which layout of times. Reading parses all files in parallel blocks, exactly: a block's state (inside quotes
 * or not) follows from the blocks before it, never from a guess. Every row is used, rejected or excluded, and counted
 * with its amount.
 */
#ifndef STRATA_INGEST_INGEST_H
#define STRATA_INGEST_INGEST_H

#include <stdbool.h>
#include <strata/observer.h>

#include "amount_format.h"
#include "batch.h"
#include "calendar.h"
#include "dialect.h"
#include "encoding.h"
#include "rejects.h"

struct strata_ingest_options {
    const char *const *transactions; /* n_transactions paths or glob patterns; "-" is standard input */
    size_t n_transactions;
    const char *source;                 /* instead of transactions: "duckdb", "postgresql://..."; NULL: none */
    const char *query;                  /* of a source; NULL: none */
    const char *table;                  /* of a source or of HDF5 files; NULL: none */
    const char *column[STRATA_N_ROLES]; /* header name or number from 1; NULL: recognise; "": not mapped */
    const char *encoding;               /* as strata_encoding_check takes it; NULL: "auto" */
    enum strata_delimiter delimiter;
    enum strata_header header;
    const char *time_format; /* "auto" or as strata_time_format_declare takes it */
    const struct strata_time_zone *time_zone;
    const struct strata_amount_format *amount; /* NULL: 4 decimals, plain */
    const char *exclude_order_prefix;          /* NULL: none */
    bool exclude_returns;                      /* rows with an amount below zero */
    bool exclude_zero_amounts;
    bool with_origin;      /* batches will be filtered by file: STRATA_HAS_ORIGIN */
    bool with_fingerprint; /* duplicates will be dropped: STRATA_HAS_FINGERPRINT */
    bool skip_bad_rows;
    uint64_t max_bad_rows; /* with skip_bad_rows: more of them reject the run */
    int threads;
    uint64_t source_memory_bytes; /* that windows and libraries of sources may take, three quarters of it bad rows; 0:
                                     no limit */
    const char *source_temp_dir;  /* for what they cannot hold in memory; NULL: none */
    size_t block_bytes;           /* 0: the default; tests use small ones */
    const struct strata_observer *observer; /* may be NULL */
};

__extension__ typedef __int128 strata_amount_total;

/* Rows and amounts (minor units). read = used + rejected + excluded. The amount of a rejected row counts where it could
 * be read at all. */
struct strata_ingest_account {
    uint64_t read, used, rejected, excluded;
    strata_amount_total amount_read, amount_used, amount_rejected, amount_excluded;
    uint64_t ruled_out; /* currencies that some amount's sign or code rules out: see amount_format.h */
};

/* Why a file of delimited text is read row by row. */
enum strata_care {
    STRATA_CARE_NONE,
    STRATA_CARE_QUOTES,   /* they break RFC 4180 */
    STRATA_CARE_LONG_ROW, /* each of all threads could not hold such a row */
};

struct strata_ingest_file {
    char *path; /* "standard input" for "-"; of a source that is no file what options.source says, without passwords */
    struct strata_byte_source *pipe; /* what can be read only once stays open; NULL for others */
    uint64_t n_bytes;                /* as they are stored, compressed or not; of a pipe, once it is read */
    uint64_t device, inode;
    uint64_t hash_high, hash_low; /* XXH3-128 of these bytes, taken while reading */
    struct strata_ingest_account account;
    struct strata_text_plan *plan;      /* how delimited text is read; or else */
    struct strata_column_plan *columns; /* how typed columns are; once opened one of them */
    enum strata_care care;
    uint64_t care_line; /* with STRATA_CARE_LONG_ROW: where a long row begins */
    bool is_standard_input;
    bool has_bytes;                /* it is a file: its bytes are known */
    uint64_t n_guessed_characters; /* beyond ASCII, of text whose encoding was guessed */
};

struct strata_ingest {
    struct strata_ingest_options options;
    unsigned fields; /* enum strata_batch_fields of the batches */
    size_t n_files;
    struct strata_ingest_file *file;
    struct strata_rejects rejects; /* sorted by file and byte after reading; without skip_bad_rows not all, but the
                                    * first of each file */
    struct strata_reject_rule reject_rule;
    struct strata_key_arena *key_arena; /* options.threads: the texts of long customer ids; outlives the table */
};

/* Who takes the batches. `append` is called with the number of the calling thread; `restart` means: forget all that
 * came so far, the files will be read again. */
struct strata_batch_sink {
    void *context;
    enum strata_status (*append)(void *context, int thread, const struct strata_batch *batch, struct strata_error *err);
    enum strata_status (*restart)(void *context, struct strata_error *err);
};

/* STRATA_REJECTED where the files cannot be understood (no such column, two candidates, ambiguous dates, empty),
 * STRATA_IO where they cannot be read, STRATA_USAGE where the options contradict each other. The options' strings are
 * borrowed. */
enum strata_status strata_ingest_open(struct strata_ingest *ingest, const struct strata_ingest_options *options,
                                      struct strata_error *err) STRATA_MUST_USE;

/* Read everything, once. STRATA_REJECTED if there are bad rows and they are not skipped, or too many. */
enum strata_status strata_ingest_read(struct strata_ingest *ingest, const struct strata_batch_sink *sink,
                                      struct strata_error *err) STRATA_MUST_USE;

/* Also releases the key arenas: keys of long customer ids become invalid. */
void strata_ingest_release(struct strata_ingest *ingest);

/* Add one thread's account to a file's; any number of threads at a time. */
void strata_ingest_account_add(struct strata_ingest_account *sum, const struct strata_ingest_account *part);

/* The sum of the files' accounts. */
struct strata_ingest_account strata_ingest_total(const struct strata_ingest *ingest);

/* Where the row of a bad row is: "FILE, line 7, column 3" or "FILE, row 7, column 3". */
void strata_ingest_place(const struct strata_ingest *ingest, const struct strata_reject *reject, char *out,
                         size_t capacity);

/* What was recognised in a file, one line: delimiter or kind of source, columns, layout of times. malloc'ed; NULL if
 * out of memory. */
char *strata_ingest_describe(const struct strata_ingest_file *file);

#endif
