/* The attributes of a column, after the CF conventions (section 3, "Description of the data": units, long_name,
 * flag_values and flag_meanings). */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "memory.h"
#include "snapshot_parts.h"

/* "spend_30d" -> "Spend 30d"; malloc memory. */
static char *long_name(const char *name)
{
    char *text = strata_copy_string(name);
    for (char *c = text; c && *c; ++c)
        if (*c == '_')
            *c = ' ';
    if (text)
        *text = (char)toupper((unsigned char)*text);
    return text;
}

static enum strata_status put_fill_value(struct strata_hdf5_file *file, const char *path, enum strata_type type,
                                         struct strata_error *err)
{
    int64_t missing;
    hid_t file_type;
    switch (type) {
    case STRATA_I8: missing = STRATA_MISSING_I8, file_type = H5T_NATIVE_INT8; break;
    case STRATA_I16: missing = INT16_MIN, file_type = H5T_NATIVE_INT16; break;
    case STRATA_I32: missing = STRATA_MISSING_I32, file_type = H5T_NATIVE_INT32; break;
    default: return STRATA_OK;
    }
    return strata_hdf5_put_scalar(file, path, "_FillValue", file_type, H5T_NATIVE_INT64, &missing, err);
}

/* CF allows letters, digits and _ - . + @ in a meaning, and a blank between two: "Can't Lose Them" becomes
 * Cant_Lose_Them. A name of which nothing remains becomes value_<n>. Returns the bytes written to `out`. */
static size_t put_meaning(const struct strata_label *label, char *out)
{
    size_t n = 0;
    for (const char *c = label->name; *c; ++c) {
        if (isalnum((unsigned char)*c) || strchr("_-.+@", *c))
            out[n++] = *c;
        else if (*c == ' ' && n > 0 && out[n - 1] != '_')
            out[n++] = '_';
    }
    return n ? n : (size_t)sprintf(out, "value_%d", label->value);
}

static char *flag_meanings(const struct strata_labels *labels)
{
    size_t n_bytes = 1;
    for (int i = 0; i < labels->n_labels; ++i)
        n_bytes += strlen(labels->labels[i].name) + sizeof "value_-32768 ";
    char *text = strata_calloc_array(n_bytes, 1);
    size_t n = 0;
    for (int i = 0; text && i < labels->n_labels; ++i) {
        if (i > 0)
            text[n++] = ' ';
        n += put_meaning(&labels->labels[i], text + n);
        text[n] = '\0';
    }
    return text;
}

static enum strata_status put_flags(struct strata_hdf5_file *file, const char *path,
                                    const struct strata_table_column *column, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct strata_labels *labels = column->labels;
    size_t n = (size_t)labels->n_labels;
    hid_t type = column->about.type == STRATA_I8 ? H5T_NATIVE_INT8 : H5T_NATIVE_INT16;
    int16_t *values = strata_calloc_array(n, sizeof *values);
    const char **names = strata_calloc_array(n, sizeof *names), **names_zh = strata_calloc_array(n, sizeof *names_zh);
    char *meanings = flag_meanings(labels);

    if (!values || !names || !names_zh || !meanings)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory");
    for (size_t i = 0; i < n; ++i) {
        values[i] = labels->labels[i].value;
        names[i] = labels->labels[i].name;
        names_zh[i] = labels->labels[i].name_zh ? labels->labels[i].name_zh : "";
    }
    STRATA_TRY(strata_hdf5_put_numbers(file, path, "flag_values", type, H5T_NATIVE_INT16, n, values, err));
    STRATA_TRY(strata_hdf5_put_text(file, path, "flag_meanings", meanings, err));
    STRATA_TRY(strata_hdf5_put_texts(file, path, "flag_names", n, names, err));
    STRATA_TRY(strata_hdf5_put_texts(file, path, "flag_names_zh", n, names_zh, err));
done:
    free(values);
    free(names);
    free(names_zh);
    free(meanings);
    return status;
}

enum strata_status strata_snapshot_describe_column(struct strata_hdf5_file *file, const char *path,
                                                   const struct strata_table_column *column, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    char *name = long_name(column->about.name);
    if (!name)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory");
    STRATA_TRY(strata_hdf5_put_text(file, path, "long_name", name, err));
    STRATA_TRY(strata_hdf5_put_text(file, path, "description", column->about.description, err));
    STRATA_TRY(strata_hdf5_put_text(file, path, "units", column->about.unit, err));
    STRATA_TRY(put_fill_value(file, path, column->about.type, err));
    if (column->labels && column->labels->n_labels > 0)
        STRATA_TRY(put_flags(file, path, column, err));
done:
    free(name);
    return status;
}
