/* How one file is read: settled before its rows, from its first record and samples of its times. */
#ifndef STRATA_INGEST_PLAN_H
#define STRATA_INGEST_PLAN_H

#include "byte_source.h"
#include "ingest.h"
#include "record.h"
#include "time_format.h"

struct strata_text_plan {
    const char *encoding; /* of the stored text, a word; borrowed */
    enum strata_delimiter delimiter;
    struct strata_dialect dialect;
    bool has_header;
    bool has_rows;
    uint64_t data_offset; /* of the first row */
    uint64_t data_line;
    size_t n_fields;
    int field[STRATA_N_ROLES]; /* from 0; -1: not mapped */
    int n_mapped;
    enum strata_role mapped[STRATA_N_ROLES]; /* the n_mapped roles that have a column */
    char *name[STRATA_N_ROLES];              /* what the column is called; NULL where not mapped; owned */
    struct strata_time_format time_format;   /* only where there are rows */
};

enum strata_status strata_text_plan_make(struct strata_text_plan *plan, struct strata_byte_source *source,
                                         const struct strata_ingest_options *options,
                                         struct strata_error *err) STRATA_MUST_USE;
void strata_text_plan_release(struct strata_text_plan *plan);

/* Inside the plan, one question each: */

/* The delimiter under which the first records agree best with each other and with what is looked for. */
enum strata_status strata_plan_delimiter(struct strata_text_plan *plan, struct strata_byte_source *source,
                                         const struct strata_ingest_options *options,
                                         struct strata_error *err) STRATA_MUST_USE;

/* Header or not, and which column is what, from the first record. */
enum strata_status strata_plan_columns(struct strata_text_plan *plan, struct strata_byte_source *source,
                                       const struct strata_record *first, const struct strata_ingest_options *options,
                                       struct strata_error *err) STRATA_MUST_USE;

/* The times of a column are in no layout, or in several: what the samples say. */
enum strata_status strata_plan_reject_times(const char *path, const char *column, const struct strata_time_guess *guess,
                                            struct strata_error *err);

/* Blanks off both ends. */
struct strata_field strata_field_trim(struct strata_field field);

#endif
