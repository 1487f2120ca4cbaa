#include "duckdb_sql.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

char *strata_duckdb_quote(const char *text, char quote)
{
    char *quoted = strata_malloc_array(strlen(text) + 2, 2);
    if (!quoted)
        return NULL;
    char *to = quoted;
    *to++ = quote;
    for (; *text; ++text) {
        if (*text == quote)
            *to++ = quote;
        *to++ = *text;
    }
    *to++ = quote;
    *to = '\0';
    return quoted;
}

char *strata_duckdb_pattern(const char *path)
{
    char *escaped = strata_malloc_array(strlen(path) + 1, 3), *to = escaped;
    for (; escaped && *path; ++path) {
        if (strchr("*?[", *path)) {
            *to++ = '[';
            *to++ = *path;
            *to++ = ']';
        } else {
            *to++ = *path;
        }
    }
    if (escaped)
        *to = '\0';
    return escaped;
}

char *strata_duckdb_from_table(const char *table)
{
    const char *dot = strchr(table, '.');
    char *sql = NULL, *schema = dot ? strndup(table, (size_t)(dot - table)) : NULL;
    char *quoted_schema = schema ? strata_duckdb_quote(schema, '"') : NULL;
    char *quoted = strata_duckdb_quote(dot ? dot + 1 : table, '"');
    if (quoted && (!dot || quoted_schema) &&
        asprintf(&sql, "FROM %s%s%s", dot ? quoted_schema : "", dot ? "." : "", quoted) < 0)
        sql = NULL;
    free(schema);
    free(quoted_schema);
    free(quoted);
    return sql;
}

char *strata_duckdb_from_parquet(const char *pattern)
{
    char *sql = NULL, *quoted = strata_duckdb_quote(pattern, '\'');
    if (quoted && asprintf(&sql, "FROM read_parquet(%s)", quoted) < 0)
        sql = NULL;
    free(quoted);
    return sql;
}
