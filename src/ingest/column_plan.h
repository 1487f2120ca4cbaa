/* Inside ingest: inputs of typed columns, whatever their kind. */
#ifndef STRATA_INGEST_COLUMN_PLAN_H
#define STRATA_INGEST_COLUMN_PLAN_H

#include "column_source.h"
#include "ingest.h"
#include "time_format.h"

/* How one source is read: settled before its rows, from its columns and, where times are texts or numbers, samples. */
struct strata_column_plan {
    const struct strata_column_source_kind *kind;
    int field[STRATA_N_ROLES];  /* from 0; -1: not mapped */
    char *name[STRATA_N_ROLES]; /* of the columns; NULL where not mapped; owned */
    char *place;                /* of the source; NULL: none; owned */
    enum strata_value_type type[STRATA_N_ROLES];
    int decimals[STRATA_N_ROLES];
    struct strata_time_format time_format; /* always with the zone of the run */
    bool is_open;                          /* what can be rewound stays open until it is read */
    struct strata_column_source source;
};

/* Open the source, settle which column is what and how its times are written; close it unless it can be rewound. */
enum strata_status strata_column_plan_make(struct strata_column_plan *plan,
                                           const struct strata_column_source_kind *kind,
                                           const struct strata_ingest *ingest, const struct strata_ingest_file *file,
                                           struct strata_error *err) STRATA_MUST_USE;
void strata_column_plan_release(struct strata_column_plan *plan);

/* Which request for a source the options make: of a file (its path), or with NULL of what `options.source` says. */
struct strata_source_request strata_column_request(const struct strata_ingest *ingest, const char *path);

/* For the progress of the whole: bytes of all files, and of those before this one. */
struct strata_column_progress {
    uint64_t n_bytes, bytes_before;
    uint64_t rows_before;
    double started;
};

/* Read a planned source with all threads; its account, its hash and its bad rows go to `ingest`. */
enum strata_status strata_columns_read(struct strata_ingest *ingest, size_t file, const struct strata_batch_sink *sink,
                                       const struct strata_column_progress *progress,
                                       struct strata_error *err) STRATA_MUST_USE;

/* "timestamps", or the layout of the times. */
const char *strata_column_plan_times(const struct strata_column_plan *plan);

#endif
