#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "column_names.h"
#include "memory.h"
#include "plan.h"
#include "record_reader.h"
#include "utf8.h"

/* The values of the first record, terminated and in memory of their own. */
static enum strata_status read_names(struct strata_column_names *names, const struct strata_record *first,
                                     struct strata_error *err)
{
    names->n = first->n_fields;
    names->name = strata_calloc_array(names->n, sizeof *names->name);
    if (!names->name)
        return strata_fail_memory(err, "column names", names->n, sizeof *names->name);
    for (size_t i = 0; i < names->n; ++i) {
        char *text = malloc(first->field[i].n + 1);
        if (!text)
            return strata_fail_memory(err, "a column name", first->field[i].n, 1);
        struct strata_field value = strata_field_trim(strata_field_value(first->field[i], text));
        memmove(text, value.text, value.n);
        text[value.n] = '\0';
        names->name[i] = text;
    }
    return STRATA_OK;
}

static bool is_data(const char *text)
{
    size_t n = strlen(text);
    char *end;
    (void)strtod(text, &end);
    return n > 0 && (*end == '\0' || strata_time_looks_like(text, n));
}

/* Recognised or requested names make a header; numbers and times make a row. */
static bool guess_header(const struct strata_column_names *names, const struct strata_ingest_options *options)
{
    bool has_data = false;
    for (size_t i = 0; i < names->n; ++i) {
        for (int role = 0; role < STRATA_N_ROLES; ++role) {
            const char *column = options->column[role];
            bool is_number = column && strspn(column, "0123456789") == strlen(column);
            if (column && !is_number && strcmp(column, names->name[i]) == 0)
                return true;
            if (!column &&
                strata_role_recognises((enum strata_role)role, names->name[i], (unsigned)strlen(names->name[i])))
                return true;
        }
        has_data = has_data || is_data(names->name[i]);
    }
    return !has_data;
}

static bool has_nul(const struct strata_field *field) { return memchr(field->text, '\0', field->n); }

/* Where CR alone ends lines, the whole file is one record. */
static bool has_lone_returns(const struct strata_record *first)
{
    for (size_t i = 0; i < first->n_fields && i < first->capacity; ++i) {
        const struct strata_field *field = &first->field[i];
        if (has_nul(field))
            return false;
        if (field->n > 1 && field->text[0] != '"' && memchr(field->text, '\r', field->n - 1))
            return true;
    }
    return false;
}

static enum strata_status keep_mapped(struct strata_text_plan *plan, const struct strata_column_names *names,
                                      struct strata_error *err)
{
    for (int role = 0; role < STRATA_N_ROLES; ++role)
        if (plan->field[role] >= 0)
            plan->mapped[plan->n_mapped++] = (enum strata_role)role;
    return strata_column_names_keep(names, plan->field, plan->name, err);
}

enum strata_status strata_plan_columns(struct strata_text_plan *plan, struct strata_byte_source *source,
                                       const struct strata_record *first, const struct strata_ingest_options *options,
                                       struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_column_names names = {.path = source->path};
    if (first->n_fields > STRATA_FIELDS_MAX)
        STRATA_GIVE_UP(err, STRATA_REJECTED, "%s has more than %d columns", source->path, STRATA_FIELDS_MAX);
    if (has_lone_returns(first))
        STRATA_GIVE_UP(err, STRATA_REJECTED, "%s ends its lines with CR alone; convert it first (tr '\\r' '\\n')",
                       source->path);
    STRATA_TRY(read_names(&names, first, err));
    plan->n_fields = names.n;
    names.has_header = plan->has_header =
        options->header == STRATA_HEADER_AUTO ? guess_header(&names, options) : options->header == STRATA_HEADER_YES;
    for (size_t i = 0; plan->has_header && i < first->n_fields; ++i)
        if (has_nul(&first->field[i]))
            STRATA_GIVE_UP(
                err, STRATA_REJECTED,
                "%s is not text: there are NUL bytes in its first line (if it is UTF-16 without a byte order "
                "mark, give --encoding utf-16)",
                source->path);
    STRATA_TRY(strata_column_names_map(&names, options, plan->field, err));
    STRATA_TRY(keep_mapped(plan, &names, err));
done:
    for (size_t i = 0; names.name && i < names.n; ++i)
        free(names.name[i]);
    free(names.name);
    return status;
}
