/* Data frames as pandas' to_hdf stores them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "hdf5_error.h"
#include "hdf5_read.h"
#include "memory.h"
#include "stored_place.h"

enum { NAME_BYTES = 1024 };

enum strata_frame strata_frame_of(hid_t group)
{
    static const char *const kinds[] = {
        [STRATA_FRAME_FIXED] = "frame", [STRATA_FRAME_TABLE] = "frame_table", [STRATA_FRAME_SERIES] = "series"};
    enum strata_frame frame = STRATA_FRAME_NONE;
    struct strata_error ignored = {0};
    char *text = NULL;
    if (strata_hdf5_get_text(group, "pandas_type", "", &text, &ignored) == STRATA_OK && text)
        for (int i = STRATA_FRAME_FIXED; i <= STRATA_FRAME_SERIES; ++i)
            if (strcmp(text, kinds[i]) == 0)
                frame = (enum strata_frame)i;
    free(text);
    return frame;
}

/* A character as UTF-8 behind the n bytes of `out`, which has room for it. */
static size_t put_utf8(char *out, unsigned long code)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xC0 | (code >> 6));
        out[1] = (char)(0x80 | (code & 0x3F));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xE0 | (code >> 12));
        out[1] = (char)(0x80 | ((code >> 6) & 0x3F));
        out[2] = (char)(0x80 | (code & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | (code >> 18));
    out[1] = (char)(0x80 | ((code >> 12) & 0x3F));
    out[2] = (char)(0x80 | ((code >> 6) & 0x3F));
    out[3] = (char)(0x80 | (code & 0x3F));
    return 4;
}

/* The n bytes of a text in the encoding raw-unicode-escape: Latin-1, and \uXXXX or \UXXXXXXXX for the rest. */
static char *decode_text(const char *text, size_t n)
{
    char *out = strata_malloc_array(2 * n + 1, 1);
    size_t used = 0;
    for (size_t i = 0; out && i < n;) {
        size_t digits = 0;
        if (text[i] == '\\' && i + 1 < n)
            digits = text[i + 1] == 'u' ? 4 : text[i + 1] == 'U' ? 8 : 0;
        unsigned long code = (unsigned char)text[i];
        if (digits) {
            char number[9] = "";
            memcpy(number, text + i + 2, n - i - 2 < digits ? n - i - 2 : digits);
            code = strspn(number, "0123456789abcdefABCDEF") == digits ? strtoul(number, NULL, 16) : 0;
        }
        if (code == 0 || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) {
            free(out);
            return NULL;
        }
        used += put_utf8(out + used, code);
        i += digits ? 2 + digits : 1;
    }
    if (out)
        out[used] = '\0';
    return out;
}

/* The next line, without its newline; NULL if there is none. */
static const char *next_line(const char **at, size_t *n)
{
    const char *line = *at, *end = strchr(line, '\n');
    if (!end)
        return NULL;
    *n = (size_t)(end - line);
    *at = end + 1;
    return line;
}

static bool is_whole(const char *text, size_t n)
{
    size_t sign = n > 0 && text[0] == '-';
    return n > sign && strspn(text + sign, "0123456789") >= n - sign;
}

/* "V<text>\np<number>\na" or "I<number>\na", where *at stands. */
static char *parse_item(const char **at)
{
    char *item = NULL;
    size_t n, n_memo;
    const char *line = next_line(at, &n);
    if (!line || n == 0)
        return NULL;
    if (line[0] == 'V') {
        const char *memo = next_line(at, &n_memo);
        if (memo && memo[0] == 'p' && is_whole(memo + 1, n_memo - 1))
            item = decode_text(line + 1, n - 1);
    } else if (line[0] == 'I' && is_whole(line + 1, n - 1)) {
        item = strndup(line + 1, n - 1);
    }
    if (item && *(*at)++ != 'a') {
        free(item);
        return NULL;
    }
    return item;
}

char **strata_frame_parse_list(const char *text, size_t n)
{
    static const char begin[] = "(lp";
    const char *at = text;
    size_t n_line, n_parsed = 0;
    char **item = strata_calloc_array(n, sizeof *item);
    const char *line = next_line(&at, &n_line);
    bool is_list = item && line && strncmp(line, begin, sizeof begin - 1) == 0 &&
                   is_whole(line + sizeof begin - 1, n_line - (sizeof begin - 1));
    while (is_list && n_parsed < n && (item[n_parsed] = parse_item(&at)))
        ++n_parsed;
    if (is_list && n_parsed == n && strcmp(at, ".") == 0)
        return item;
    strata_hdf5_free_names(item, item ? n_parsed : 0);
    return NULL;
}

/* A text attribute "<member>_<what>", which pandas gives its tables; NULL if there is none. */
static char *read_note(hid_t dataset, const char *member, const char *what)
{
    char name[NAME_BYTES], *text = NULL;
    struct strata_error ignored = {0};
    if (snprintf(name, sizeof name, "%s_%s", member, what) >= NAME_BYTES ||
        strata_hdf5_get_text(dataset, name, "", &text, &ignored) != STRATA_OK)
        return NULL;
    return text;
}

static bool begins(const char *text, const char *with) { return text && strncmp(text, with, strlen(with)) == 0; }

bool strata_frame_describe_member(hid_t dataset, const char *member, size_t n, char ***names,
                                  enum strata_stored_use *use)
{
    *names = NULL;
    *use = STRATA_STORED_MEASURE;
    /* What is not one of pandas' tables may have attributes of any kind by these names. */
    if (H5Aexists(dataset, "index_kind") <= 0)
        return true;
    char *kind = read_note(dataset, member, "kind"), *type = read_note(dataset, member, "dtype");
    char *meta = read_note(dataset, member, "meta");
    bool is_block = begins(member, "values_block_");
    if (begins(type, "datetime64") || begins(type, "timedelta64") || begins(meta, "category"))
        *use = STRATA_STORED_NO_NUMBER;
    else if (strcmp(member, "index") == 0)
        *use = STRATA_STORED_ASIDE;
    if (is_block && kind)
        *names = strata_frame_parse_list(kind, n);
    free(kind);
    free(type);
    free(meta);
    return !is_block || *names;
}

/* The names of a block's columns: fixed-length texts or whole numbers. NULL if they are anything else. */
static enum strata_status read_items(const struct strata_stored_place *place, const char *name, char ***items,
                                     size_t *n_items, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    hid_t dataset = -1, type = -1;
    hsize_t n = 0;
    int64_t *number = NULL;
    *items = NULL;
    STRATA_TRY(strata_hdf5_open_column(place->group, name, place->path, &dataset, &n, err));
    type = H5Dget_type(dataset);
    H5T_class_t class = type < 0 ? H5T_NO_CLASS : H5Tget_class(type);
    bool is_text = class == H5T_STRING && H5Tis_variable_str(type) == 0;
    *n_items = (size_t)n;
    if (!is_text && class != H5T_INTEGER)
        goto done;
    if (n > STRATA_STORED_COLUMNS_MAX)
        STRATA_GIVE_UP(err, STRATA_REJECTED, "%s: %s has more than %d columns", place->path, place->name,
                       STRATA_STORED_COLUMNS_MAX);
    number = strata_malloc_array(*n_items, sizeof *number);
    *items = strata_calloc_array(*n_items, sizeof **items);
    if (!number || !*items)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory for the names of %zu columns", *n_items);
    if (is_text) {
        STRATA_TRY(strata_hdf5_get_texts(place->group, name, place->path, *n_items, *items, err));
        goto done;
    }
    STRATA_TRY(strata_hdf5_get_numbers(place->group, name, place->path, H5T_NATIVE_INT64, *n_items, number, err));
    for (size_t i = 0; i < *n_items; ++i)
        if (asprintf(&(*items)[i], "%lld", (long long)number[i]) < 0)
            STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory for the names of %zu columns", *n_items);
done:
    free(number);
    if (type >= 0)
        (void)H5Tclose(type);
    if (dataset >= 0)
        (void)H5Dclose(dataset);
    if (status != STRATA_OK) {
        strata_hdf5_free_names(*items, *items ? *n_items : 0);
        *items = NULL;
    }
    return status;
}

/* Does an open dataset hold numbers in n columns? Times are marked, and texts and other objects in one dimension. */
static bool holds_numbers(const struct strata_stored_place *place, hid_t dataset, size_t n)
{
    const struct strata_stored_dataset *about = &place->dataset[place->n_datasets - 1];
    hid_t type = H5Dget_type(dataset);
    H5T_class_t class = type < 0 ? H5T_NO_CLASS : H5Tget_class(type);
    bool holds = (class == H5T_INTEGER || class == H5T_FLOAT) && about->rank == 2 && about->extent[1] == n &&
                 H5Aexists(dataset, "value_type") == 0;
    if (type >= 0)
        (void)H5Tclose(type);
    return holds;
}

/* One block: its columns are those of a dataset of two dimensions. */
static enum strata_status list_block(struct strata_stored_place *place, const char *values, const char *items,
                                     struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    char **names = NULL;
    size_t n = 0;
    hid_t dataset = -1;
    STRATA_TRY(strata_stored_place_add_dataset(place, values, &dataset, err));
    if (dataset < 0)
        goto done;
    STRATA_TRY(read_items(place, items, &names, &n, err));
    if (!names)
        STRATA_GIVE_UP(err, STRATA_REJECTED,
                       "%s: the names of columns in %s/%s are objects of Python, which strata does not read; write the "
                       "data frame with names that are texts: df.columns = df.columns.astype(str)",
                       place->path, place->name, items);
    const enum strata_stored_use use =
        holds_numbers(place, dataset, n) ? STRATA_STORED_MEASURE : STRATA_STORED_NO_NUMBER;
    for (size_t i = 0; i < n; ++i)
        STRATA_TRY(strata_stored_place_add_column(place, names[i], -1, i, use, err));
done:
    strata_hdf5_free_names(names, names ? n : 0);
    if (dataset >= 0)
        (void)H5Dclose(dataset);
    return status;
}

enum strata_status strata_frame_list_fixed(struct strata_stored_place *place, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    char values[64], items[64];
    for (size_t block = 0; status == STRATA_OK; ++block) {
        (void)snprintf(values, sizeof values, "block%zu_values", block);
        (void)snprintf(items, sizeof items, "block%zu_items", block);
        if (!strata_hdf5_has(place->group, values))
            break;
        status = list_block(place, values, items, err);
    }
    return status;
}
