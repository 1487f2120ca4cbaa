#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "memory.h"
#include "plan.h"
#include "record_reader.h"
#include "utf8.h"

enum { LIST_BYTES = 1024 };

/* The values of the first record, terminated and in memory of their own. */
struct names {
    size_t n;
    char **name;
};

static void release_names(struct names *names)
{
    for (size_t i = 0; names->name && i < names->n; ++i)
        free(names->name[i]);
    free(names->name);
}

static enum strata_status read_names(struct names *names, const struct strata_record *first, struct strata_error *err)
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

static void list_names(const struct names *names, char out[LIST_BYTES])
{
    size_t at = 0;
    out[0] = '\0';
    for (size_t i = 0; i < names->n; ++i) {
        int n = snprintf(out + at, LIST_BYTES - at, "%s%s", i ? ", " : "", names->name[i]);
        if (n < 0 || (size_t)n >= LIST_BYTES - at) {
            memcpy(out + LIST_BYTES - 5, " ...", 5);
            return;
        }
        at += (size_t)n;
    }
}

static bool is_data(const char *text)
{
    size_t n = strlen(text);
    char *end;
    (void)strtod(text, &end);
    return n > 0 && (*end == '\0' || strata_time_looks_like(text, n));
}

/* Recognised or requested names make a header; numbers and times make a row. */
static bool guess_header(const struct names *names, const struct strata_ingest_options *options)
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

/* The column that an option names: a header's name first, then a number from 1. */
static enum strata_status find_requested(const struct strata_text_plan *plan, const struct names *names,
                                         struct strata_byte_source *source, enum strata_role role, const char *column,
                                         int *field, struct strata_error *err)
{
    *field = -1;
    for (size_t i = 0; plan->has_header && i < names->n; ++i) {
        if (strcmp(names->name[i], column) != 0)
            continue;
        if (*field >= 0)
            return strata_fail(err, STRATA_REJECTED, "%s has two columns named %s (%d and %zu); give a number: --%s %d",
                               source->path, column, *field + 1, i + 1, strata_role_option(role), *field + 1);
        *field = (int)i;
    }
    if (*field >= 0)
        return STRATA_OK;
    char *end;
    unsigned long number = strtoul(column, &end, 10);
    if (*end == '\0' && number >= 1 && number <= names->n) {
        *field = (int)number - 1;
        return STRATA_OK;
    }
    if (!plan->has_header)
        return strata_fail(err, STRATA_REJECTED, "%s has no header and %zu columns: --%s takes a number from 1 to %zu",
                           source->path, names->n, strata_role_option(role), names->n);
    char list[LIST_BYTES];
    list_names(names, list);
    return strata_fail(err, STRATA_REJECTED, "%s has no column %s for --%s; its columns are: %s", source->path, column,
                       strata_role_option(role), list);
}

static bool is_requested(const struct strata_text_plan *plan, size_t field)
{
    for (int role = 0; role < STRATA_N_ROLES; ++role)
        if (plan->field[role] == (int)field)
            return true;
    return false;
}

/* The one column whose name is usual for the role and that is not asked for as something else. */
static enum strata_status find_usual(const struct strata_text_plan *plan, const struct names *names,
                                     struct strata_byte_source *source, enum strata_role role, int *field,
                                     struct strata_error *err)
{
    *field = -1;
    for (size_t i = 0; plan->has_header && i < names->n; ++i) {
        if (is_requested(plan, i) || !strata_role_recognises(role, names->name[i], (unsigned)strlen(names->name[i])))
            continue;
        if (*field >= 0)
            return strata_fail(err, STRATA_REJECTED,
                               "%s has two columns that could be the %s: %s and %s; choose with --%s %s", source->path,
                               strata_role_option(role), names->name[*field], names->name[i], strata_role_option(role),
                               names->name[*field]);
        *field = (int)i;
    }
    return STRATA_OK;
}

/* Without a header the names are a row's values, which a message must not tell. */
static enum strata_status fail_missing(const struct strata_text_plan *plan, const struct names *names,
                                       struct strata_byte_source *source, enum strata_role role,
                                       struct strata_error *err)
{
    const char *option = strata_role_option(role);
    if (!plan->has_header)
        return strata_fail(err, STRATA_REJECTED,
                           "%s has no header and %zu columns: say which is the %s with --%s NUMBER, from 1 to %zu (or "
                           "--header yes, if its first row names them)",
                           source->path, names->n, option, option, names->n);
    char list[LIST_BYTES];
    list_names(names, list);
    return strata_fail(err, STRATA_REJECTED,
                       "%s: no column is recognised as the %s; name it with --%s COLUMN; its columns are: %s",
                       source->path, option, option, list);
}

static bool asks_product(const struct strata_ingest_options *options)
{
    const char *quantity = options->column[STRATA_ROLE_QUANTITY], *price = options->column[STRATA_ROLE_UNIT_PRICE];
    return (quantity && *quantity) || (price && *price);
}

/* Two candidates for a column that nobody needs are no error. */
static bool is_needed(const struct strata_text_plan *plan, const struct strata_ingest_options *options,
                      enum strata_role role)
{
    if (role == STRATA_ROLE_AMOUNT)
        return !asks_product(options);
    if (role == STRATA_ROLE_QUANTITY || role == STRATA_ROLE_UNIT_PRICE)
        return plan->field[STRATA_ROLE_AMOUNT] < 0;
    return true;
}

/* An amount makes quantity and unit price unnecessary. */
static enum strata_status settle_amount(struct strata_text_plan *plan, const struct names *names,
                                        struct strata_byte_source *source, struct strata_error *err)
{
    int *field = plan->field;
    if (field[STRATA_ROLE_AMOUNT] >= 0) {
        field[STRATA_ROLE_QUANTITY] = field[STRATA_ROLE_UNIT_PRICE] = -1;
        return STRATA_OK;
    }
    if (field[STRATA_ROLE_QUANTITY] < 0 && field[STRATA_ROLE_UNIT_PRICE] < 0)
        return fail_missing(plan, names, source, STRATA_ROLE_AMOUNT, err);
    if (field[STRATA_ROLE_QUANTITY] < 0)
        return fail_missing(plan, names, source, STRATA_ROLE_QUANTITY, err);
    if (field[STRATA_ROLE_UNIT_PRICE] < 0)
        return fail_missing(plan, names, source, STRATA_ROLE_UNIT_PRICE, err);
    return STRATA_OK;
}

/* The mapped roles and what their columns are called. */
static enum strata_status keep_mapped(struct strata_text_plan *plan, const struct names *names,
                                      struct strata_error *err)
{
    for (int role = 0; role < STRATA_N_ROLES; ++role) {
        int field = plan->field[role];
        if (field < 0)
            continue;
        plan->mapped[plan->n_mapped++] = (enum strata_role)role;
        char number[16];
        (void)snprintf(number, sizeof number, "%d", field + 1);
        plan->name[role] = strata_copy_string(plan->has_header ? names->name[field] : number);
        if (!plan->name[role])
            return strata_fail(err, STRATA_MEMORY, "out of memory for column names");
        strata_utf8_make_printable(plan->name[role], strlen(plan->name[role]));
    }
    return STRATA_OK;
}

enum strata_status strata_plan_columns(struct strata_text_plan *plan, struct strata_byte_source *source,
                                       const struct strata_record *first, const struct strata_ingest_options *options,
                                       struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct names names = {0};
    if (first->n_fields > STRATA_FIELDS_MAX)
        STRATA_GIVE_UP(err, STRATA_REJECTED, "%s has more than %d columns", source->path, STRATA_FIELDS_MAX);
    STRATA_TRY(read_names(&names, first, err));
    plan->n_fields = names.n;
    plan->has_header =
        options->header == STRATA_HEADER_AUTO ? guess_header(&names, options) : options->header == STRATA_HEADER_YES;
    for (size_t i = 0; plan->has_header && i < first->n_fields; ++i)
        if (memchr(first->field[i].text, '\0', first->field[i].n))
            STRATA_GIVE_UP(err, STRATA_REJECTED, "%s is not text: there are NUL bytes in its first line", source->path);
    for (int role = 0; role < STRATA_N_ROLES; ++role)
        plan->field[role] = -1;
    for (int role = 0; role < STRATA_N_ROLES; ++role)
        if (options->column[role] && *options->column[role])
            STRATA_TRY(find_requested(plan, &names, source, (enum strata_role)role, options->column[role],
                                      &plan->field[role], err));
    for (int role = 0; role < STRATA_N_ROLES; ++role)
        if (!options->column[role] && is_needed(plan, options, (enum strata_role)role))
            STRATA_TRY(find_usual(plan, &names, source, (enum strata_role)role, &plan->field[role], err));
    for (enum strata_role role = STRATA_ROLE_CUSTOMER; role <= STRATA_ROLE_TIME; ++role)
        if (plan->field[role] < 0)
            STRATA_TRY(fail_missing(plan, &names, source, role, err));
    STRATA_TRY(settle_amount(plan, &names, source, err));
    STRATA_TRY(keep_mapped(plan, &names, err));
done:
    release_names(&names);
    return status;
}
