#include "postgresql_statement.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void write_identifier(FILE *out, const char *name)
{
    (void)fputc('"', out);
    for (; *name; ++name) {
        if (*name == '"')
            (void)fputc('"', out);
        (void)fputc(*name, out);
    }
    (void)fputc('"', out);
}

static char *finish(FILE *out, char **text)
{
    bool failed = ferror(out);
    if (fclose(out) != 0 || failed) {
        free(*text);
        return NULL;
    }
    return *text;
}

char *strata_postgresql_identifier(const char *name)
{
    char *text = NULL;
    size_t n_text = 0;
    FILE *out = open_memstream(&text, &n_text);
    if (!out)
        return NULL;
    write_identifier(out, name);
    return finish(out, &text);
}

/* Columns of a query may have the same name or none, so they get their numbers as names. */
static void write_select(FILE *out, const struct strata_postgresql_columns *columns, int n, const int chosen[],
                         const char *query)
{
    size_t n_query = strlen(query);
    while (n_query && strchr("; \t\r\n", query[n_query - 1]))
        --n_query;
    (void)fputs("SELECT ", out);
    for (int i = 0; i < n; ++i)
        (void)fprintf(out, "%sc%d%s", i ? ", " : "", chosen[i], columns->column[chosen[i]].cast);
    /* The query may end in a comment. */
    (void)fprintf(out, " FROM (%.*s\n) AS strata_rows(", (int)n_query, query);
    for (int i = 0; i < columns->n; ++i)
        (void)fprintf(out, "%sc%d", i ? ", " : "", i);
    (void)fputc(')', out);
}

char *strata_postgresql_copy_of_query(const struct strata_postgresql_columns *columns, int n, const int chosen[],
                                      const char *query)
{
    char *text = NULL;
    size_t n_text = 0;
    FILE *out = open_memstream(&text, &n_text);
    if (!out)
        return NULL;
    (void)fputs("COPY (", out);
    write_select(out, columns, n, chosen, query);
    (void)fputs(") TO STDOUT (FORMAT binary)", out);
    return finish(out, &text);
}

char *strata_postgresql_cursor_of_query(const struct strata_postgresql_columns *columns, int n, const int chosen[],
                                        const char *query, const char *cursor)
{
    char *text = NULL;
    size_t n_text = 0;
    FILE *out = open_memstream(&text, &n_text);
    if (!out)
        return NULL;
    (void)fprintf(out, "DECLARE %s NO SCROLL CURSOR FOR ", cursor);
    write_select(out, columns, n, chosen, query);
    return finish(out, &text);
}

/* Partitions may have their columns in another order, so the columns go by their names. */
char *strata_postgresql_copy_of_range(const struct strata_postgresql_columns *columns, int n, const int chosen[],
                                      const struct strata_postgresql_table *table, size_t range)
{
    char *text = NULL;
    size_t n_text = 0;
    const struct strata_postgresql_range *wanted = &table->range[range];
    FILE *out = open_memstream(&text, &n_text);
    if (!out)
        return NULL;
    (void)fputs("COPY (SELECT ", out);
    for (int i = 0; i < n; ++i) {
        (void)fputs(i ? ", r." : "r.", out);
        write_identifier(out, columns->column[chosen[i]].name);
        (void)fputs(columns->column[chosen[i]].cast, out);
    }
    (void)fprintf(out, " FROM %s AS r", table->relation[wanted->relation].name);
    if (wanted->first_page || wanted->until_page)
        (void)fprintf(out, " WHERE r.ctid >= '(%llu,0)'", (unsigned long long)wanted->first_page);
    if (wanted->until_page)
        (void)fprintf(out, " AND r.ctid < '(%llu,0)'", (unsigned long long)wanted->until_page);
    (void)fputs(") TO STDOUT (FORMAT binary)", out);
    return finish(out, &text);
}
