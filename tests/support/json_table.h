/* As much of JSON as tables of texts need: an array of arrays of strings, an array of objects of strings, or one such
 * object. */
#ifndef STRATA_TEST_JSON_TABLE_H
#define STRATA_TEST_JSON_TABLE_H

#include <stddef.h>

struct json_text {
    char *text;
    size_t n;
};

struct json_row {
    struct json_text *name; /* of the values, in objects; NULL in arrays */
    struct json_text *value;
    size_t n;
};

struct json_table {
    struct json_row *row;
    size_t n;
};

/* Asserts that it is such a table; release with json_table_release. */
void json_table_read(struct json_table *table, const char *path);
void json_table_release(struct json_table *table);

#endif
