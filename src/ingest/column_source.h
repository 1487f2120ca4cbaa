/* Inputs that have typed columns: HDF5 files, Parquet files and queries through DuckDB, PostgreSQL.
 *
 * A kind of source says which inputs it takes, opens one, names its columns, and hands out blocks of rows. Everything
 * else is the same for all kinds and done by column_read.c: which column is what, the conversion of values to keys,
 * days and amounts as if they had been written as text, bad rows, exclusions, the account, progress. So the same rows
 * give the same snapshot from any source.
 */
#ifndef STRATA_INGEST_COLUMN_SOURCE_H
#define STRATA_INGEST_COLUMN_SOURCE_H

#include "dialect.h"
#include "input_file.h"
#include "record.h"

/* What a value is, and its C type in strata_value_column.values. */
enum strata_value_type {
    STRATA_VALUE_TEXT,       /* struct strata_field; no padding behind it */
    STRATA_VALUE_NUMERAL,    /* the same: a number in plain digits with a point, whatever notation texts are in */
    STRATA_VALUE_INT64,      /* int64_t */
    STRATA_VALUE_UINT64,     /* uint64_t */
    STRATA_VALUE_FLOAT32,    /* float: means the shortest decimal number that reads back as it */
    STRATA_VALUE_FLOAT64,    /* double: likewise */
    STRATA_VALUE_DECIMAL64,  /* int64_t, times 10^-decimals */
    STRATA_VALUE_DECIMAL128, /* __int128, times 10^-decimals */
    STRATA_VALUE_DATE,       /* int32_t days since 1970-01-01; INT32_MIN, INT32_MAX: minus and plus infinity */
    STRATA_VALUE_LOCAL_TIME, /* int64_t microseconds since 1970-01-01 00:00 on the clock of the run's time zone */
    STRATA_VALUE_INSTANT,    /* int64_t microseconds since 1970-01-01 00:00 UTC */
    STRATA_VALUE_UUID,       /* 16 bytes in the order of the text, which is written in lower case */
    STRATA_N_VALUE_TYPES
};

static inline bool strata_value_is_field(enum strata_value_type type)
{
    return type == STRATA_VALUE_TEXT || type == STRATA_VALUE_NUMERAL;
}

struct strata_value_column {
    const void *values;    /* n_rows of them */
    const uint64_t *valid; /* bit i: row i has a value, else it is like an empty field; NULL: all have */
};

/* Some rows, borrowed until the same reader asks for the next. */
struct strata_column_block {
    size_t n_rows;
    /* Its number from 1, for messages: rows count on inside a block, and from block to block of a reader they rise.
     * Where the source knows no order of rows, as they come. */
    uint64_t first_row;
    struct strata_value_column column[STRATA_N_ROLES]; /* of the roles that were asked for */
};

/* A column of an open source. */
struct strata_source_column {
    char *name; /* owned by the source */
    enum strata_value_type type;
    int decimals; /* of DECIMAL64, DECIMAL128 */
};

/* What the user said of an input. Strings are borrowed. */
struct strata_source_request {
    const char *path;      /* of --transactions; NULL with --source */
    const char *from;      /* --source: "duckdb", "postgresql://..."; NULL with a path */
    const char *query;     /* --query; NULL: none */
    const char *table;     /* --table: of the database, or group or dataset of the HDF5 file; NULL: none */
    int threads;           /* readers */
    uint64_t memory_bytes; /* that the source may take; 0: no limit */
    const char *temp_dir;  /* for what a query cannot hold in memory; NULL: none */
};

struct strata_column_source {
    const struct strata_column_source_kind *kind; /* `open` sets it */
    void *state;                                  /* of the kind */
    size_t n_columns;
    struct strata_source_column *column;
    char *place; /* what of it is read, for descriptions: "group /orders", "query"; owned by the source; NULL: all */
    uint64_t n_rows;              /* UINT64_MAX: not known */
    uint64_t n_bytes;             /* of the file; 0: no file */
    uint64_t hash_high, hash_low; /* XXH3-128 of the file's bytes, once `finish` has succeeded; 0: no file */
};

/* Errors: STRATA_REJECTED where the input cannot be understood or is damaged, STRATA_IO where it cannot be read or
 * reached, STRATA_USAGE where the request contradicts itself or a library is missing. No message and no name ever holds
 * a password. */
struct strata_column_source_kind {
    const char *name;   /* "hdf5", "parquet", "postgresql", for descriptions */
    const char *source; /* what --source says for it, for messages: "postgresql://..."; NULL: it is for files only */

    /* Is this request one of the kind's? By its path, its first bytes (`magic`, n_magic of them, zero for what is no
     * file), or `from`. */
    bool (*takes)(const struct strata_source_request *request, const char *magic, size_t n_magic);

    /* Is a regular file that no kind takes by its first bytes one of the kind's, by what is deeper in it? NULL: never.
     */
    enum strata_status (*takes_file)(const struct strata_input_file *file, bool *takes, struct strata_error *err);

    /* Fill `source`: its columns, and how many rows where that is known. On failure there is nothing to close. A source
     * is opened for one reader before the run and perhaps read in part; then it is rewound, or closed and opened again,
     * to be read: what is costly belongs into `select`. */
    enum strata_status (*open)(struct strata_column_source *source, const struct strata_source_request *request,
                               struct strata_error *err);

    /* Back to where `open` left it, whatever was read since, for so many readers. Columns and rows are the very same.
     * On failure it can only be closed. NULL: it cannot. */
    enum strata_status (*rewind)(struct strata_column_source *source, int threads, struct strata_error *err);

    /* Which columns will be read: column[role] is an index, -1 for none. Called once, or once more behind `rewind`, on
     * one thread. */
    enum strata_status (*select)(struct strata_column_source *source, const int column[STRATA_N_ROLES],
                                 struct strata_error *err);

    /* The next rows for a reader, 0..threads-1; n_rows 0: nothing is left for it. Readers call at the same time. */
    enum strata_status (*next)(struct strata_column_source *source, int reader, struct strata_column_block *block,
                               struct strata_error *err);

    /* What a row's number is in the end, where that is known only when all are read: of one that `first_row` gave.
     * Asked for after `finish`, of bad rows. NULL: the same. */
    uint64_t (*row_number)(const struct strata_column_source *source, uint64_t number);

    /* Once all readers are through: is what was read whole and unchanged? Fills in the hash of a file. NULL: nothing to
     * do. */
    enum strata_status (*finish)(struct strata_column_source *source, struct strata_error *err);

    void (*close)(struct strata_column_source *source);
};

/* The kind that takes a request, NULL if none does. */
const struct strata_column_source_kind *strata_source_kind_find(const struct strata_source_request *request,
                                                                const char *magic, size_t n_magic);

/* The kind that takes a regular file by what is deeper in it, NULL if none does. STRATA_IO if it cannot be read. */
enum strata_status strata_source_kind_find_in_file(const struct strata_input_file *file,
                                                   const struct strata_column_source_kind **kind,
                                                   struct strata_error *err) STRATA_MUST_USE;

/* What --source may say, separated by commas; empty if nothing. */
void strata_source_kinds_list(char *out, size_t capacity);

#endif
