#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "column_names.h"
#include "column_plan.h"
#include "memory.h"
#include "plan.h"
#include "utf8.h"
#include "value_text.h"

/* As for delimited text: rows whose times are looked at before the layout is settled. */
enum { TIME_SAMPLES = 10000, SAMPLE_BYTES = 256 };

struct strata_source_request strata_column_request(const struct strata_ingest *ingest, const char *path)
{
    const struct strata_ingest_options *options = &ingest->options;
    return (struct strata_source_request){
        .path = path,
        .from = path ? NULL : options->source,
        .query = options->query,
        .table = options->table,
        .threads = options->threads,
        .memory_bytes = options->source_memory_bytes,
        .temp_dir = options->source_temp_dir,
    };
}

static bool is_typed_time(enum strata_value_type type)
{
    return type == STRATA_VALUE_DATE || type == STRATA_VALUE_LOCAL_TIME || type == STRATA_VALUE_INSTANT;
}

const char *strata_column_plan_times(const struct strata_column_plan *plan)
{
    switch (plan->type[STRATA_ROLE_TIME]) {
    case STRATA_VALUE_DATE: return "dates";
    case STRATA_VALUE_LOCAL_TIME: return "timestamps";
    case STRATA_VALUE_INSTANT: return "timestamps with time zone";
    default: return strata_time_format_name(&plan->time_format);
    }
}

static enum strata_status map_columns(struct strata_column_plan *plan, const struct strata_column_source *source,
                                      const struct strata_ingest *ingest, const char *path, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_column_names names = {.path = path, .n = source->n_columns, .has_header = true};
    names.name = strata_malloc_array(names.n, sizeof *names.name);
    if (!names.name)
        return strata_fail_memory(err, "column names", names.n, sizeof *names.name);
    for (size_t i = 0; i < names.n; ++i)
        names.name[i] = source->column[i].name;
    STRATA_TRY(strata_column_names_map(&names, &ingest->options, plan->field, err));
    STRATA_TRY(strata_column_names_keep(&names, plan->field, plan->name, err));
    for (int role = 0; role < STRATA_N_ROLES; ++role) {
        if (plan->field[role] < 0)
            continue;
        plan->type[role] = source->column[plan->field[role]].type;
        plan->decimals[role] = source->column[plan->field[role]].decimals;
    }
    if (source->place && !(plan->place = strata_copy_string(source->place)))
        status = strata_fail(err, STRATA_MEMORY, "out of memory for the plan of %s", path);
done:
    free(names.name);
    return status;
}

static void feed_row(struct strata_time_guess *guess, const struct strata_column_plan *plan,
                     const struct strata_value_column *column, size_t i)
{
    char text[STRATA_VALUE_TEXT_BYTES];
    enum strata_value_type type = plan->type[STRATA_ROLE_TIME];
    if (!strata_value_is_there(column, type, i))
        return;
    struct strata_field field =
        strata_value_is_field(type)
            ? ((const struct strata_field *)column->values)[i]
            : (struct strata_field){text, strata_value_text(column, type, plan->decimals[STRATA_ROLE_TIME], i, text)};
    field = strata_field_trim(field);
    if (field.n <= SAMPLE_BYTES)
        strata_time_guess_feed(guess, field.text, field.n);
}

/* At TIME_SAMPLES rows at least, at all rows while day and month can be either. */
static enum strata_status settle_times(struct strata_column_plan *plan, struct strata_column_source *source,
                                       const struct strata_ingest *ingest, const char *path, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_time_guess guess;
    enum strata_time_verdict verdict = STRATA_TIME_AMBIGUOUS;
    struct strata_column_block block;
    uint64_t n_rows = 0, n_decided = TIME_SAMPLES;
    int selected[STRATA_N_ROLES];
    for (int role = 0; role < STRATA_N_ROLES; ++role)
        selected[role] = role == STRATA_ROLE_TIME ? plan->field[role] : -1;
    strata_time_guess_begin(&guess);
    STRATA_TRY(plan->kind->select(source, selected, err));
    while (n_rows < TIME_SAMPLES || verdict == STRATA_TIME_AMBIGUOUS) {
        STRATA_TRY(plan->kind->next(source, 0, &block, err));
        if (block.n_rows == 0)
            break;
        for (size_t i = 0; i < block.n_rows && (n_rows < TIME_SAMPLES || verdict == STRATA_TIME_AMBIGUOUS); ++i) {
            feed_row(&guess, plan, &block.column[STRATA_ROLE_TIME], i);
            if (++n_rows < n_decided || !guess.n_samples)
                continue;
            verdict = strata_time_guess_decide(&guess, ingest->options.time_zone, &plan->time_format);
            n_decided += TIME_SAMPLES;
        }
    }
    if (n_rows == 0)
        goto done;
    if (guess.n_samples == 0)
        STRATA_GIVE_UP(err, STRATA_REJECTED, "%s, row 1: %s; no row can be read", path,
                       strata_reject_reason_text(STRATA_REJECT_TIME_EMPTY));
    if (strata_time_guess_decide(&guess, ingest->options.time_zone, &plan->time_format) != STRATA_TIME_SETTLED)
        status = strata_plan_reject_times(path, plan->name[STRATA_ROLE_TIME], &guess, err);
done:
    return status;
}

static void close_source(struct strata_column_plan *plan)
{
    if (plan->is_open)
        plan->kind->close(&plan->source);
    plan->is_open = false;
}

enum strata_status strata_column_plan_make(struct strata_column_plan *plan,
                                           const struct strata_column_source_kind *kind,
                                           const struct strata_ingest *ingest, const struct strata_ingest_file *file,
                                           struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_source_request request = strata_column_request(ingest, file->has_bytes ? file->path : NULL);
    request.threads = 1;
    *plan = (struct strata_column_plan){.kind = kind};
    STRATA_TRY(kind->open(&plan->source, &request, err));
    plan->is_open = true;
    STRATA_TRY(map_columns(plan, &plan->source, ingest, file->path, err));
    if (!is_typed_time(plan->type[STRATA_ROLE_TIME])) {
        if (strcmp(ingest->options.time_format, "auto") != 0)
            STRATA_TRY(strata_time_format_declare(&plan->time_format, ingest->options.time_format,
                                                  ingest->options.time_zone, err));
        else
            STRATA_TRY(settle_times(plan, &plan->source, ingest, file->path, err));
    }
    plan->time_format.zone = ingest->options.time_zone;
done:
    if (status != STRATA_OK || !kind->rewind)
        close_source(plan);
    return status;
}

void strata_column_plan_release(struct strata_column_plan *plan)
{
    for (int role = 0; role < STRATA_N_ROLES; ++role)
        free(plan->name[role]);
    free(plan->place);
    close_source(plan);
    *plan = (struct strata_column_plan){0};
}
