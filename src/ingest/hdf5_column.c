#include "hdf5_column.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "memory.h"

/* An enumeration with more names, or texts that are longer, are no data of a log. */
enum { NAMES_MAX = 65536, TEXT_MAX = 1 << 20 };

void strata_hdf5_column_release(struct strata_hdf5_column *column)
{
    for (size_t i = 0; i < column->names.n; ++i)
        free(column->names.name[i]);
    free(column->names.name);
    free(column->names.value);
    free(column->name);
    if (column->memory > 0)
        (void)H5Tclose(column->memory);
    *column = (struct strata_hdf5_column){0};
}

static bool describe_integer(struct strata_hdf5_column *column, hid_t type)
{
    const hid_t natives[2][4] = {{H5T_NATIVE_UINT8, H5T_NATIVE_UINT16, H5T_NATIVE_UINT32, H5T_NATIVE_UINT64},
                                 {H5T_NATIVE_INT8, H5T_NATIVE_INT16, H5T_NATIVE_INT32, H5T_NATIVE_INT64}};
    size_t stored = H5Tget_size(type);
    int width = 0;
    while (width < 3 && ((size_t)1 << width) < stored)
        ++width;
    if (stored > 8)
        return false;
    column->is_signed = H5Tget_sign(type) == H5T_SGN_2;
    column->form = STRATA_HDF5_INTEGER;
    column->size = (size_t)1 << width;
    column->memory = H5Tcopy(natives[column->is_signed][width]);
    column->is_plain = H5Tequal(type, column->memory) > 0;
    return true;
}

static bool describe_float(struct strata_hdf5_column *column, hid_t type)
{
    size_t stored = H5Tget_size(type);
    if (stored > sizeof(double))
        return false;
    column->form = STRATA_HDF5_FLOAT;
    column->size = stored > sizeof(float) ? sizeof(double) : sizeof(float);
    column->memory = H5Tcopy(column->size == sizeof(double) ? H5T_NATIVE_DOUBLE : H5T_NATIVE_FLOAT);
    column->is_plain = H5Tequal(type, column->memory) > 0;
    return true;
}

static bool describe_text(struct strata_hdf5_column *column, hid_t type)
{
    bool is_variable = H5Tis_variable_str(type) > 0;
    column->form = is_variable ? STRATA_HDF5_VARIABLE_TEXT : STRATA_HDF5_FIXED_TEXT;
    column->size = H5Tget_size(type);
    column->padding = H5Tget_strpad(type);
    column->memory = H5Tcopy(type);
    column->is_plain = !is_variable;
    return is_variable || (column->size > 0 && column->size <= TEXT_MAX);
}

static int compare_values(const void *a, const void *b)
{
    int64_t x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return (x > y) - (x < y);
}

/* The values and names of an enumeration; those of one that has none, or too many, are none. */
static enum strata_status read_names(struct strata_hdf5_names *names, hid_t type, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct numbered {
        int64_t value;
        char *name;
    } *list = NULL;
    int n = H5Tget_nmembers(type);
    if (n <= 0 || n > NAMES_MAX)
        return STRATA_OK;
    list = strata_calloc_array((size_t)n, sizeof *list);
    names->value = strata_calloc_array((size_t)n, sizeof *names->value);
    names->name = strata_calloc_array((size_t)n, sizeof *names->name);
    if (!list || !names->value || !names->name)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory for %d names", n);
    size_t size = H5Tget_size(type);
    hid_t base = H5Tget_super(type);
    for (int i = 0; i < n; ++i) {
        int64_t value[2] = {0}; /* room for the stored and for the converted value */
        char *name = H5Tget_member_name(type, (unsigned)i);
        if (size <= sizeof value[0] && name && H5Tget_member_value(type, (unsigned)i, value) >= 0 &&
            H5Tconvert(base, H5T_NATIVE_INT64, 1, value, NULL, H5P_DEFAULT) >= 0)
            list[i] = (struct numbered){value[0], strata_copy_string(name)};
        if (name)
            (void)H5free_memory(name);
        if (!list[i].name && status == STRATA_OK)
            status = strata_fail(err, STRATA_REJECTED, "an enumeration of the file cannot be read");
    }
    if (base >= 0)
        (void)H5Tclose(base);
    qsort(list, (size_t)n, sizeof *list, compare_values);
    for (int i = 0; i < n; ++i) {
        names->value[i] = list[i].value;
        names->name[i] = list[i].name;
    }
    names->n = (size_t)n;
done:
    free(list);
    return status;
}

/* Only the base type matters: the names are of this type alone. */
static enum strata_status describe_enum(struct strata_hdf5_column *column, hid_t type, bool *is_one,
                                        struct strata_error *err)
{
    hid_t base = H5Tget_super(type);
    *is_one = base >= 0 && H5Tget_class(base) == H5T_INTEGER && describe_integer(column, base);
    /* The memory type has the numbers of the names: stored ones are taken as they are, in the processor's order only.
     */
    *is_one = *is_one && column->is_plain;
    if (base >= 0)
        (void)H5Tclose(base);
    if (!*is_one)
        return STRATA_OK;
    (void)H5Tclose(column->memory);
    column->memory = H5Tcopy(type);
    column->form = STRATA_HDF5_ENUM;
    return read_names(&column->names, type, err);
}

/* h5py's way to store numpy's datetime64: "NUMPY:<M8[ns]". */
static bool describe_opaque(struct strata_hdf5_column *column, hid_t type)
{
    static const char prefix[] = "NUMPY:<M8[";
    char *tag = H5Tget_tag(type);
    size_t n = tag ? strlen(tag) : 0, n_prefix = sizeof prefix - 1;
    bool is_time = n > n_prefix + 1 && H5Tget_size(type) == sizeof(int64_t) && strncmp(tag, prefix, n_prefix) == 0 &&
                   tag[n - 1] == ']' && strata_hdf5_column_set_unit(column, tag + n_prefix, n - n_prefix - 1);
    if (tag)
        (void)H5free_memory(tag);
    column->form = STRATA_HDF5_INTEGER;
    column->is_signed = column->is_plain = true;
    column->size = sizeof(int64_t);
    column->memory = H5Tcopy(type);
    strata_hdf5_column_add_missing(column, INT64_MIN, 0);
    return is_time;
}

/* PyTables' truth values. */
static bool describe_bits(struct strata_hdf5_column *column, hid_t type)
{
    column->form = STRATA_HDF5_INTEGER;
    column->is_plain = true;
    column->size = 1;
    column->memory = H5Tcopy(type);
    return H5Tget_size(type) == 1;
}

/* An array of one element is that element: pandas writes columns so. */
static hid_t open_single(hid_t type)
{
    hsize_t extent[H5S_MAX_RANK];
    int rank = H5Tget_array_ndims(type);
    if (rank < 1 || H5Tget_array_dims2(type, extent) != rank)
        return -1;
    for (int i = 0; i < rank; ++i)
        if (extent[i] != 1)
            return -1;
    return H5Tget_super(type);
}

enum strata_status strata_hdf5_column_describe(struct strata_hdf5_column *column, hid_t type, const char *name,
                                               bool *is_one, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    hid_t element = H5Tget_class(type) == H5T_ARRAY ? open_single(type) : H5Tcopy(type);
    *column = (struct strata_hdf5_column){.member = -1};
    *is_one = false;
    switch (element < 0 ? H5T_NO_CLASS : H5Tget_class(element)) {
    case H5T_INTEGER: *is_one = describe_integer(column, element); break;
    case H5T_FLOAT: *is_one = describe_float(column, element); break;
    case H5T_STRING: *is_one = describe_text(column, element); break;
    case H5T_ENUM: STRATA_TRY(describe_enum(column, element, is_one, err)); break;
    case H5T_OPAQUE: *is_one = describe_opaque(column, element); break;
    case H5T_BITFIELD: *is_one = describe_bits(column, element); break;
    default: break;
    }
    /* Of an array the elements can only be taken as they are stored. */
    *is_one = *is_one && column->memory >= 0 && (column->is_plain || H5Tget_class(type) != H5T_ARRAY);
    if (*is_one && H5Tget_class(type) == H5T_ARRAY) {
        (void)H5Tclose(column->memory);
        column->memory = H5Tcopy(type);
    }
    if (*is_one && !(column->name = strata_copy_string(name)))
        status = strata_fail(err, STRATA_MEMORY, "out of memory for the name of a column");
done:
    if (element >= 0)
        (void)H5Tclose(element);
    if (status != STRATA_OK || !*is_one)
        strata_hdf5_column_release(column);
    return status;
}

enum strata_status strata_hdf5_column_refuse(struct strata_hdf5_column *column, enum strata_hdf5_form form,
                                             const char *name, int member, struct strata_error *err)
{
    *column = (struct strata_hdf5_column){.form = form, .size = 1, .member = member};
    column->name = strata_copy_string(name);
    return column->name ? STRATA_OK : strata_fail(err, STRATA_MEMORY, "out of memory for the name of a column");
}

const char *strata_hdf5_column_refusal(const struct strata_hdf5_column *column)
{
    switch (column->form) {
    case STRATA_HDF5_UNREAD_TYPE: return "of a type that is neither text nor a number of up to 64 bits";
    case STRATA_HDF5_UNREAD_SHAPE: return "of several dimensions, not one column";
    case STRATA_HDF5_UNREAD_GROUP: return "a group, not a dataset";
    case STRATA_HDF5_UNREAD_LINK: return "a soft or external link, which is not followed";
    default: return NULL;
    }
}

enum strata_value_type strata_hdf5_column_type(const struct strata_hdf5_column *column)
{
    if (column->is_time)
        return column->is_instant ? STRATA_VALUE_INSTANT : STRATA_VALUE_LOCAL_TIME;
    if (column->form == STRATA_HDF5_INTEGER)
        return column->size == sizeof(uint64_t) && !column->is_signed ? STRATA_VALUE_UINT64 : STRATA_VALUE_INT64;
    if (column->form == STRATA_HDF5_FLOAT)
        return column->size == sizeof(double) ? STRATA_VALUE_FLOAT64 : STRATA_VALUE_FLOAT32;
    return STRATA_VALUE_TEXT;
}
