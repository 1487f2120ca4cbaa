#include "column_names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "memory.h"
#include "utf8.h"

enum { LIST_BYTES = 1024 };

static void list_names(const struct strata_column_names *names, char out[LIST_BYTES])
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

/* The column that an option names: a header's name first, then a number from 1. */
static enum strata_status find_requested(const struct strata_column_names *names, enum strata_role role,
                                         const char *column, int *field, struct strata_error *err)
{
    *field = -1;
    for (size_t i = 0; names->has_header && i < names->n; ++i) {
        if (strcmp(names->name[i], column) != 0)
            continue;
        if (*field >= 0)
            return strata_fail(err, STRATA_REJECTED, "%s has two columns named %s (%d and %zu); give a number: --%s %d",
                               names->path, column, *field + 1, i + 1, strata_role_option(role), *field + 1);
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
    if (!names->has_header)
        return strata_fail(err, STRATA_REJECTED, "%s has no header and %zu columns: --%s takes a number from 1 to %zu",
                           names->path, names->n, strata_role_option(role), names->n);
    char list[LIST_BYTES];
    list_names(names, list);
    return strata_fail(err, STRATA_REJECTED, "%s has no column %s for --%s; its columns are: %s", names->path, column,
                       strata_role_option(role), list);
}

static bool is_mapped(const int field[STRATA_N_ROLES], size_t column)
{
    for (int role = 0; role < STRATA_N_ROLES; ++role)
        if (field[role] == (int)column)
            return true;
    return false;
}

/* Two of the same name are told apart by their numbers. */
static enum strata_status refuse_two(const struct strata_column_names *names, enum strata_role role, int first,
                                     int second, struct strata_error *err)
{
    const char *option = strata_role_option(role), *name = names->name[first];
    if (strcmp(name, names->name[second]) == 0)
        return strata_fail(err, STRATA_REJECTED,
                           "%s has two columns that could be the %s, %d and %d, both named %s; choose with --%s %d",
                           names->path, option, first + 1, second + 1, name, option, first + 1);
    return strata_fail(err, STRATA_REJECTED, "%s has two columns that could be the %s: %s and %s; choose with --%s %s",
                       names->path, option, name, names->name[second], option, name);
}

/* The one column whose name is usual for the role and that is not asked for as something else. */
static enum strata_status find_usual(const struct strata_column_names *names, enum strata_role role,
                                     int field[STRATA_N_ROLES], struct strata_error *err)
{
    int found = -1;
    for (size_t i = 0; names->has_header && i < names->n; ++i) {
        if (is_mapped(field, i) || !strata_role_recognises(role, names->name[i], (unsigned)strlen(names->name[i])))
            continue;
        if (found >= 0)
            return refuse_two(names, role, found, (int)i, err);
        found = (int)i;
    }
    field[role] = found;
    return STRATA_OK;
}

/* Without a header the names are a row's values, which a message must not tell. */
static enum strata_status fail_missing(const struct strata_column_names *names, enum strata_role role,
                                       struct strata_error *err)
{
    const char *option = strata_role_option(role);
    if (!names->has_header)
        return strata_fail(err, STRATA_REJECTED,
                           "%s has no header and %zu columns: say which is the %s with --%s NUMBER, from 1 to %zu (or "
                           "--header yes, if its first row names them)",
                           names->path, names->n, option, option, names->n);
    char list[LIST_BYTES];
    list_names(names, list);
    return strata_fail(err, STRATA_REJECTED,
                       "%s: no column is recognised as the %s; name it with --%s COLUMN; its columns are: %s",
                       names->path, option, option, list);
}

static bool asks_product(const struct strata_ingest_options *options)
{
    const char *quantity = options->column[STRATA_ROLE_QUANTITY], *price = options->column[STRATA_ROLE_UNIT_PRICE];
    return (quantity && *quantity) || (price && *price);
}

/* Two candidates for a column that nobody needs are no error. */
static bool is_needed(const int field[STRATA_N_ROLES], const struct strata_ingest_options *options,
                      enum strata_role role)
{
    if (role == STRATA_ROLE_AMOUNT)
        return !asks_product(options);
    if (role == STRATA_ROLE_QUANTITY || role == STRATA_ROLE_UNIT_PRICE)
        return field[STRATA_ROLE_AMOUNT] < 0;
    return true;
}

/* An amount makes quantity and unit price unnecessary. */
static enum strata_status settle_amount(const struct strata_column_names *names, int field[STRATA_N_ROLES],
                                        struct strata_error *err)
{
    if (field[STRATA_ROLE_AMOUNT] >= 0) {
        field[STRATA_ROLE_QUANTITY] = field[STRATA_ROLE_UNIT_PRICE] = -1;
        return STRATA_OK;
    }
    if (field[STRATA_ROLE_QUANTITY] < 0 && field[STRATA_ROLE_UNIT_PRICE] < 0)
        return fail_missing(names, STRATA_ROLE_AMOUNT, err);
    if (field[STRATA_ROLE_QUANTITY] < 0)
        return fail_missing(names, STRATA_ROLE_QUANTITY, err);
    if (field[STRATA_ROLE_UNIT_PRICE] < 0)
        return fail_missing(names, STRATA_ROLE_UNIT_PRICE, err);
    return STRATA_OK;
}

enum strata_status strata_column_names_map(const struct strata_column_names *names,
                                           const struct strata_ingest_options *options, int field[STRATA_N_ROLES],
                                           struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    for (int role = 0; role < STRATA_N_ROLES; ++role)
        field[role] = -1;
    for (int role = 0; role < STRATA_N_ROLES; ++role)
        if (options->column[role] && *options->column[role])
            STRATA_TRY(find_requested(names, (enum strata_role)role, options->column[role], &field[role], err));
    for (int role = 0; role < STRATA_N_ROLES; ++role)
        if (!options->column[role] && is_needed(field, options, (enum strata_role)role))
            STRATA_TRY(find_usual(names, (enum strata_role)role, field, err));
    for (enum strata_role role = STRATA_ROLE_CUSTOMER; role <= STRATA_ROLE_TIME; ++role)
        if (field[role] < 0)
            STRATA_TRY(fail_missing(names, role, err));
    STRATA_TRY(settle_amount(names, field, err));
done:
    if (status != STRATA_OK && err) /* names come from the file and must not disturb a terminal */
        strata_utf8_make_printable(err->message, strlen(err->message));
    return status;
}

enum strata_status strata_column_names_keep(const struct strata_column_names *names, const int field[STRATA_N_ROLES],
                                            char *name[STRATA_N_ROLES], struct strata_error *err)
{
    for (int role = 0; role < STRATA_N_ROLES; ++role) {
        char number[16];
        if (field[role] < 0)
            continue;
        (void)snprintf(number, sizeof number, "%d", field[role] + 1);
        name[role] = strata_copy_string(names->has_header ? names->name[field[role]] : number);
        if (!name[role])
            return strata_fail(err, STRATA_MEMORY, "out of memory for column names");
        strata_utf8_make_printable(name[role], strlen(name[role]));
    }
    return STRATA_OK;
}
