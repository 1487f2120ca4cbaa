#include "table.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "memory.h"

static const struct {
    const char *name;
    size_t size;
} types[] = {
    [STRATA_I8] = {"int8", 1},   [STRATA_I16] = {"int16", 2},   [STRATA_I32] = {"int32", 4},
    [STRATA_I64] = {"int64", 8}, [STRATA_F32] = {"float32", 4}, [STRATA_F64] = {"float64", 8},
};

const char *strata_type_name(enum strata_type type) { return types[type].name; }

size_t strata_type_size(enum strata_type type) { return types[type].size; }

/* Smaller arrays are not worth pages of their own. */
enum { LEAST_IN_PAGES = 1 << 20 };

/* Where an array of the table is. */
struct place {
    void *memory;
    struct strata_page_array *pages;
    struct strata_file_array *file;
    unsigned colour;
};

static void release_array(void *memory, struct strata_page_array *pages, struct strata_file_array *file)
{
    if (file->memory)
        strata_file_array_release(file);
    else if (pages->memory)
        strata_page_array_release(pages);
    else
        free(memory);
}

void strata_table_release(struct strata_table *table)
{
    for (size_t c = 0; c < table->n_columns; ++c)
        release_array(table->columns[c].values, &table->columns[c].pages, &table->columns[c].file);
    release_array(table->customer, &table->customer_pages, &table->customer_file);
    free(table->columns);
    *table = (struct strata_table){0};
}

/* Room for n elements instead of the table's n_rows, which keep their values. */
static enum strata_status grow_array(const struct strata_table *table, struct place *place, size_t n, size_t size,
                                     struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    size_t n_bytes;
    if (__builtin_mul_overflow(n, size, &n_bytes))
        return strata_fail_memory(err, "the table of customers", n, size);
    if (n_bytes == 0)
        return STRATA_OK;
    if (table->folder && (place->file->memory || !place->memory)) {
        STRATA_TRY(strata_file_array_resize(place->file, table->folder, n_bytes, err));
        place->memory = place->file->memory;
        return STRATA_OK;
    }
    void *grown, *left = place->pages->memory ? NULL : place->memory;
    if (n_bytes >= LEAST_IN_PAGES) {
        STRATA_TRY(strata_page_array_resize(place->pages, n_bytes, place->colour, err));
        grown = place->pages->memory;
    } else {
        grown = strata_malloc_array(n, size);
        if (!grown)
            return strata_fail_memory(err, "the table of customers", n, size);
    }
    if (left)
        memcpy(grown, left, table->n_rows * size);
    free(left);
    place->memory = grown;
done:
    return status;
}

enum strata_status strata_table_reserve(struct strata_table *table, size_t n_rows, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    if (n_rows <= table->row_capacity)
        return STRATA_OK;
    struct place place = {table->customer, &table->customer_pages, &table->customer_file, 0};
    STRATA_TRY(grow_array(table, &place, n_rows, sizeof *table->customer, err));
    table->customer = place.memory;
    for (size_t c = 0; c < table->n_columns; ++c) {
        struct strata_table_column *column = &table->columns[c];
        place = (struct place){column->values, &column->pages, &column->file, (unsigned)c + 1};
        STRATA_TRY(grow_array(table, &place, n_rows, strata_type_size(column->about.type), err));
        column->values = place.memory;
    }
    table->row_capacity = n_rows;
done:
    return status;
}

enum strata_status strata_table_grow(struct strata_table *table, size_t n_rows, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    STRATA_TRY(strata_table_reserve(table, table->n_rows + n_rows, err));
    table->n_rows += n_rows;
done:
    return status;
}

static void fill_array(const struct strata_page_array *pages, size_t first, size_t n, size_t size,
                       struct strata_page_pool *pool)
{
    if (pages->memory)
        strata_page_pool_fill(pool, (char *)pages->memory + first * size, n * size);
}

void strata_table_fill(struct strata_table *table, size_t n_rows, struct strata_page_pool *pool)
{
    const size_t first = table->n_filled > table->n_rows ? table->n_filled : table->n_rows;
    const size_t end = n_rows < table->row_capacity ? n_rows : table->row_capacity;
    if (end <= first)
        return;
    fill_array(&table->customer_pages, first, end - first, sizeof *table->customer, pool);
    for (size_t c = 0; c < table->n_columns; ++c)
        fill_array(&table->columns[c].pages, first, end - first, strata_type_size(table->columns[c].about.type), pool);
    table->n_filled = end;
}

void strata_table_rest(const struct strata_table *table)
{
    strata_file_array_rest(&table->customer_file);
    for (size_t c = 0; c < table->n_columns; ++c)
        strata_file_array_rest(&table->columns[c].file);
}

enum strata_status strata_table_add_column(struct strata_table *table, const struct strata_column *about,
                                           const struct strata_labels *labels, void *values, struct strata_error *err)
{
    if (strata_table_find(table, about->name))
        return strata_fail(err, STRATA_USAGE, "the table has two columns named %s", about->name);
    void *columns = table->columns;
    enum strata_status status =
        strata_grow_array(&columns, &table->capacity, table->n_columns + 1, sizeof *table->columns, err);
    table->columns = columns;
    if (status != STRATA_OK)
        return status;
    table->columns[table->n_columns++] =
        (struct strata_table_column){.about = *about, .labels = labels, .values = values};
    table->row_capacity = table->n_rows; /* the new column has no more room */
    return STRATA_OK;
}

enum strata_status strata_table_make_column(struct strata_table *table, const struct strata_column *about,
                                            const struct strata_labels *labels, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_page_array pages = {0};
    struct strata_file_array file = {0};
    struct place place = {NULL, &pages, &file, (unsigned)table->n_columns + 1};
    STRATA_TRY(grow_array(table, &place, table->n_rows, strata_type_size(about->type), err));
    STRATA_TRY(strata_table_add_column(table, about, labels, place.memory, err));
    table->columns[table->n_columns - 1].pages = pages;
    table->columns[table->n_columns - 1].file = file;
    return STRATA_OK;
done:
    release_array(place.memory, &pages, &file);
    return status;
}

const struct strata_table_column *strata_table_find(const struct strata_table *table, const char *name)
{
    for (size_t c = 0; c < table->n_columns; ++c)
        if (strcmp(table->columns[c].about.name, name) == 0)
            return &table->columns[c];
    return NULL;
}

double strata_table_value(const struct strata_table_column *column, size_t row)
{
    switch (column->about.type) {
    case STRATA_I8: {
        int8_t value = ((const int8_t *)column->values)[row];
        return value == STRATA_MISSING_I8 ? (double)NAN : (double)value;
    }
    case STRATA_I16: return ((const int16_t *)column->values)[row];
    case STRATA_I32: {
        int32_t value = ((const int32_t *)column->values)[row];
        return value == STRATA_MISSING_I32 ? (double)NAN : (double)value;
    }
    case STRATA_I64: return (double)((const int64_t *)column->values)[row];
    case STRATA_F32: return (double)((const float *)column->values)[row];
    case STRATA_F64: return ((const double *)column->values)[row];
    }
    return NAN;
}

void strata_table_read(const struct strata_table_column *column, size_t first, size_t n, double *value)
{
    switch (column->about.type) {
    case STRATA_I32: {
        const int32_t *from = (const int32_t *)column->values + first;
        for (size_t i = 0; i < n; ++i)
            value[i] = from[i] == STRATA_MISSING_I32 ? (double)NAN : (double)from[i];
        return;
    }
    case STRATA_F32: {
        const float *from = (const float *)column->values + first;
        for (size_t i = 0; i < n; ++i)
            value[i] = (double)from[i];
        return;
    }
    case STRATA_F64: memcpy(value, (const double *)column->values + first, n * sizeof *value); return;
    case STRATA_I8:
    case STRATA_I16:
    case STRATA_I64:
        for (size_t i = 0; i < n; ++i)
            value[i] = strata_table_value(column, first + i);
        return;
    }
}
