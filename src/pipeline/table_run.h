/* What clustering a plain table and assigning one by earlier clusters have in common. */
#ifndef STRATA_PIPELINE_TABLE_RUN_H
#define STRATA_PIPELINE_TABLE_RUN_H

#include <strata/cluster.h>

#include "plain_table.h"
#include "publication.h"
#include "results.h"

struct strata_table_run {
    const char *name, *output;              /* of the table and of what is written, NULL: nothing; borrowed */
    int threads;                            /* 0: all */
    const struct strata_observer *observer; /* may be NULL */
    double started;
    struct strata_publication publication;
    struct strata_plain_table table;
    struct strata_clustering clustering;
    int16_t *label; /* n_rows */
};

void strata_table_run_notify(const struct strata_table_run *run, enum strata_event_kind kind, const char *stage,
                             const char *format, ...) STRATA_PRINTF(4, 5);

/* Check the options, find the table and take hold of the output, which may be none of the n_inputs further files. */
enum strata_status strata_table_run_begin(struct strata_table_run *run, const char *const *inputs, size_t n_inputs,
                                          struct strata_error *err) STRATA_MUST_USE;

/* Read the columns, and make room for the labels. */
enum strata_status strata_table_run_read(struct strata_table_run *run, const char *const *columns, size_t n_columns,
                                         struct strata_error *err) STRATA_MUST_USE;

/* The clustering and the labels to the output and to `result`, which takes them over. */
enum strata_status strata_table_run_finish(struct strata_table_run *run, struct strata_cluster_file_result *result,
                                           struct strata_error *err) STRATA_MUST_USE;

void strata_table_run_release(struct strata_table_run *run);

#endif
