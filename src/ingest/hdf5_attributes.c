/* What attributes of a dataset say of its values: those of the CF conventions, and what pandas notes. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "hdf5_column.h"
#include "hdf5_error.h"
#include "time_layout.h"

enum { ATTRIBUTE_MAX = 256 };

static const char since[] = " since ";

/* Units of time by the beginnings of their names, with how many microseconds they have or how many of them a
 * microsecond has. */
static const struct {
    const char *name;
    int64_t whole, parts;
} units[] = {
    {"day", INT64_C(86400000000), 1},
    {"d", INT64_C(86400000000), 1},
    {"D", INT64_C(86400000000), 1},
    {"hour", INT64_C(3600000000), 1},
    {"h", INT64_C(3600000000), 1},
    {"minute", 60000000, 1},
    {"min", 60000000, 1},
    {"m", 60000000, 1},
    {"second", 1000000, 1},
    {"sec", 1000000, 1},
    {"s", 1000000, 1},
    {"millisecond", 1000, 1},
    {"msec", 1000, 1},
    {"ms", 1000, 1},
    {"microsecond", 1, 1},
    {"us", 1, 1},
    {"nanosecond", 0, 1000},
    {"ns", 0, 1000},
};

bool strata_hdf5_column_set_unit(struct strata_hdf5_column *column, const char *name, size_t n)
{
    for (size_t i = 0; i < sizeof units / sizeof units[0]; ++i) {
        size_t length = strlen(units[i].name);
        bool is_plural = n == length + 1 && length > 2 && name[length] == 's';
        if ((n != length && !is_plural) || strncmp(name, units[i].name, length) != 0)
            continue;
        column->is_time = true;
        column->unit_whole = units[i].whole;
        column->unit_parts = units[i].parts;
        column->unit = units[i].whole ? (double)units[i].whole : 1 / (double)units[i].parts;
        return true;
    }
    return false;
}

void strata_hdf5_column_add_missing(struct strata_hdf5_column *column, int64_t whole, double real)
{
    for (int i = column->has_missing; i < 2; ++i) {
        column->missing[i] = whole;
        column->missing_real[i] = real;
    }
    column->has_missing = true;
}

static bool is_number(const struct strata_hdf5_column *column)
{
    return column->form == STRATA_HDF5_INTEGER || column->form == STRATA_HDF5_FLOAT;
}

/* An attribute of one value; *attribute is -1 if there is none such, *type what it is stored as. */
static enum strata_status open_attribute(hid_t dataset, const char *name, const char *path, hid_t *attribute,
                                         hid_t *type, struct strata_error *err)
{
    htri_t exists = H5Aexists(dataset, name);
    *attribute = *type = -1;
    if (exists == 0)
        return STRATA_OK;
    if (exists > 0)
        *attribute = H5Aopen(dataset, name, H5P_DEFAULT);
    hid_t space = *attribute < 0 ? -1 : H5Aget_space(*attribute);
    *type = space < 0 ? -1 : H5Aget_type(*attribute);
    if (*type < 0)
        return strata_hdf5_fail_input(err, path, "the attribute %s of a dataset", name);
    bool is_single = H5Sget_simple_extent_npoints(space) == 1;
    (void)H5Sclose(space);
    if (!is_single) {
        (void)H5Aclose(*attribute);
        *attribute = -1;
    }
    return STRATA_OK;
}

static void close_attribute(hid_t attribute, hid_t type)
{
    if (type >= 0)
        (void)H5Tclose(type);
    if (attribute >= 0)
        (void)H5Aclose(attribute);
}

/* A short text attribute of fixed or variable length, without blanks at its end; empty if there is none. */
static enum strata_status read_text(hid_t dataset, const char *name, const char *path, char out[ATTRIBUTE_MAX],
                                    struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    hid_t attribute, type;
    memset(out, 0, ATTRIBUTE_MAX);
    STRATA_TRY(open_attribute(dataset, name, path, &attribute, &type, err));
    if (attribute < 0 || H5Tget_class(type) != H5T_STRING)
        goto done;
    char *text = NULL;
    bool is_variable = H5Tis_variable_str(type) > 0, fits = is_variable || H5Tget_size(type) < ATTRIBUTE_MAX;
    if (fits && H5Aread(attribute, type, is_variable ? (void *)&text : (void *)out) < 0)
        status = strata_hdf5_fail_input(err, path, "the attribute %s of a dataset", name);
    else if (text)
        (void)snprintf(out, ATTRIBUTE_MAX, "%s", text);
    if (text)
        (void)H5free_memory(text);
    for (size_t n = strlen(out); n > 0 && out[n - 1] == ' '; --n)
        out[n - 1] = '\0';
done:
    close_attribute(attribute, type);
    return status;
}

/* A number attribute: as a real one, and as a whole one of 64 bits where `*is_whole`. NaN if it is no number. */
static enum strata_status read_number(hid_t dataset, const char *name, const char *path, bool *exists, bool *is_whole,
                                      int64_t *whole, double *real, struct strata_error *err)
{
    static const double most = 9223372036854774784.0;
    enum strata_status status = STRATA_OK;
    hid_t attribute, type;
    *is_whole = false;
    *whole = 0;
    *real = NAN;
    STRATA_TRY(open_attribute(dataset, name, path, &attribute, &type, err));
    *exists = attribute >= 0;
    if (!*exists || (H5Tget_class(type) != H5T_INTEGER && H5Tget_class(type) != H5T_FLOAT))
        goto done;
    bool is_stored_whole = H5Tget_class(type) == H5T_INTEGER;
    hid_t memory = is_stored_whole && H5Tget_sign(type) == H5T_SGN_2 ? H5T_NATIVE_INT64 : H5T_NATIVE_UINT64;
    if (H5Aread(attribute, H5T_NATIVE_DOUBLE, real) < 0 || (is_stored_whole && H5Aread(attribute, memory, whole) < 0))
        status = strata_hdf5_fail_input(err, path, "the attribute %s of a dataset", name);
    *is_whole = is_stored_whole || (fabs(*real) <= most && floor(*real) >= *real);
    if (*is_whole && !is_stored_whole)
        *whole = (int64_t)*real;
done:
    close_attribute(attribute, type);
    return status;
}

static enum strata_status read_missing(struct strata_hdf5_column *column, hid_t dataset, const char *path,
                                       struct strata_error *err)
{
    static const char *const names[] = {"_FillValue", "missing_value"};
    enum strata_status status = STRATA_OK;
    for (size_t i = 0; is_number(column) && i < sizeof names / sizeof names[0]; ++i) {
        bool exists, is_whole;
        int64_t whole;
        double real;
        STRATA_TRY(read_number(dataset, names[i], path, &exists, &is_whole, &whole, &real, err));
        if (exists && (is_whole || (column->form == STRATA_HDF5_FLOAT && !isnan(real))))
            strata_hdf5_column_add_missing(column, whole, real);
    }
done:
    return status;
}

/* "days since 2020-01-01", perhaps with a time of day and an offset behind, which makes it an instant. */
static bool set_units(struct strata_hdf5_column *column, const char *text)
{
    const struct strata_time_format layout = strata_time_layout_marked(STRATA_TIME_YMD, '-', 4);
    const char *at = strstr(text, since);
    struct strata_time_memo memo = {0};
    struct strata_time moment;
    unsigned parts;
    if (!at || !is_number(column))
        return false;
    const char *date = at + sizeof since - 1;
    if (strata_time_read(&layout, &memo, date, strlen(date), &moment, &parts) != STRATA_TIME_OK ||
        !strata_hdf5_column_set_unit(column, text, (size_t)(at - text)))
        return false;
    column->base = moment.day * INT64_C(86400000000) + moment.microsecond;
    column->is_instant = parts & STRATA_TIME_HAS_OFFSET;
    return true;
}

enum strata_status strata_hdf5_column_annotate(struct strata_hdf5_column *column, hid_t dataset, const char *path,
                                               struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    char text[ATTRIBUTE_MAX], name[ATTRIBUTE_MAX];
    static const char datetime[] = "datetime64";
    const size_t n = sizeof datetime - 1;
    if (column->member < 0) {
        STRATA_TRY(read_missing(column, dataset, path, err));
        STRATA_TRY(read_text(dataset, "units", path, text, err));
        (void)set_units(column, text);
        goto done;
    }
    if (column->form != STRATA_HDF5_INTEGER || !column->is_signed || column->size != sizeof(int64_t))
        goto done;
    (void)snprintf(name, sizeof name, "%s_kind", column->name);
    STRATA_TRY(read_text(dataset, name, path, text, err));
    const char *unit = strncmp(text, datetime, n) != 0 ? "" : text[n] == '[' ? text + n + 1 : "ns";
    if (strata_hdf5_column_set_unit(column, unit, strcspn(unit, "],")))
        strata_hdf5_column_add_missing(column, INT64_MIN, 0);
done:
    return status;
}

/* Times that would mean something else than their numbers say. */
static enum strata_status check_times(const struct strata_hdf5_column *column, hid_t dataset, const char *path,
                                      struct strata_error *err)
{
    static const char *const calendars[] = {"", "standard", "gregorian", "proleptic_gregorian"};
    enum strata_status status = STRATA_OK;
    char text[ATTRIBUTE_MAX];
    bool is_ours = false;
    STRATA_TRY(read_text(dataset, "units", path, text, err));
    if (!column->is_time && strstr(text, since))
        STRATA_GIVE_UP(err, STRATA_REJECTED,
                       "%s: column %s has the units \"%s\", which strata does not read; write whole or broken days, "
                       "hours, minutes, seconds or parts of seconds since YYYY-MM-DD HH:MM:SS, with Z or +HH:MM behind "
                       "it for instants",
                       path, column->name, text);
    STRATA_TRY(read_text(dataset, "calendar", path, text, err));
    for (size_t i = 0; i < sizeof calendars / sizeof calendars[0]; ++i)
        is_ours = is_ours || strcmp(text, calendars[i]) == 0;
    if (!is_ours)
        STRATA_GIVE_UP(err, STRATA_REJECTED, "%s: column %s counts in the calendar \"%s\", which strata does not read",
                       path, column->name, text);
done:
    return status;
}

/* MATLAB writes letters as their numbers, and of what is empty the size in place of values. */
static enum strata_status check_matlab(const struct strata_hdf5_column *column, hid_t dataset, const char *path,
                                       struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    char text[ATTRIBUTE_MAX];
    bool exists, is_whole;
    int64_t whole;
    double real;
    STRATA_TRY(read_text(dataset, "MATLAB_class", path, text, err));
    if (strcmp(text, "char") == 0)
        STRATA_GIVE_UP(err, STRATA_REJECTED,
                       "%s: column %s holds MATLAB's char, letters as their numbers; write numbers in MATLAB, or texts "
                       "with another program",
                       path, column->name);
    STRATA_TRY(read_number(dataset, "MATLAB_empty", path, &exists, &is_whole, &whole, &real, err));
    if (exists && !(is_whole && whole == 0))
        STRATA_GIVE_UP(err, STRATA_REJECTED, "%s: column %s is an empty array of MATLAB", path, column->name);
done:
    return status;
}

enum strata_status strata_hdf5_column_check(const struct strata_hdf5_column *column, hid_t dataset, bool is_time,
                                            const char *path, struct strata_error *err)
{
    static const struct {
        const char *name;
        double neutral;
    } packings[] = {{"scale_factor", 1}, {"add_offset", 0}};
    enum strata_status status = STRATA_OK;
    if (!is_number(column))
        goto done;
    for (size_t i = 0; i < sizeof packings / sizeof packings[0]; ++i) {
        bool exists, is_whole;
        int64_t whole;
        double real;
        STRATA_TRY(read_number(dataset, packings[i].name, path, &exists, &is_whole, &whole, &real, err));
        if (exists && !(fabs(real - packings[i].neutral) <= 0))
            STRATA_GIVE_UP(err, STRATA_REJECTED,
                           "%s: column %s is packed: its attribute %s is %g; write the values as they are, without it",
                           path, column->name, packings[i].name, real);
    }
    STRATA_TRY(check_matlab(column, dataset, path, err));
    if (is_time)
        STRATA_TRY(check_times(column, dataset, path, err));
done:
    return status;
}
