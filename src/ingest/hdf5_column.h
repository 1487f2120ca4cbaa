/* Inside the HDF5 source: what the elements of a dataset, or the members of its elements, mean. */
#ifndef STRATA_INGEST_HDF5_COLUMN_H
#define STRATA_INGEST_HDF5_COLUMN_H

#include <hdf5.h>

#include "column_source.h"

enum strata_hdf5_form {
    STRATA_HDF5_INTEGER,
    STRATA_HDF5_FLOAT,
    STRATA_HDF5_FIXED_TEXT,
    STRATA_HDF5_VARIABLE_TEXT,
    STRATA_HDF5_ENUM,         /* the members' names */
    STRATA_HDF5_UNREAD_TYPE,  /* these four cannot be read: a type that makes no column, */
    STRATA_HDF5_UNREAD_SHAPE, /* a dataset of several dimensions, */
    STRATA_HDF5_UNREAD_GROUP, /* a group, */
    STRATA_HDF5_UNREAD_LINK,  /* and a link by name, to this file or another */
    STRATA_HDF5_N_FORMS
};

/* The names of an enumeration, in the order of their values. */
struct strata_hdf5_names {
    size_t n;
    int64_t *value;
    char **name;
};

struct strata_hdf5_column {
    char *name;
    enum strata_hdf5_form form;
    bool is_signed, is_plain; /* is_plain: stored as the processor has it */
    size_t size;              /* of an element in memory */
    H5T_str_t padding;        /* of FIXED_TEXT */
    hid_t memory;             /* the type in memory; 0 where HDF5 does not run */
    int member;               /* of the compound; -1: the dataset itself */
    size_t offset;            /* inside the memory type of the dataset's rows; set when the column is selected */
    bool has_missing;         /* each of these two values means none: */
    int64_t missing[2];       /* integers, unsigned ones of 64 bits by their bits */
    double missing_real[2];   /* floats */
    bool is_time; /* numbers since a moment: as INSTANT where that is said to be UTC's, else as LOCAL_TIME */
    bool is_instant;
    double unit;        /* microseconds in one, */
    int64_t unit_whole; /* the same if whole, else 0 and */
    int64_t unit_parts; /* how many make a microsecond */
    int64_t base;       /* that moment in microseconds since 1970-01-01 */
    struct strata_hdf5_names names;
};

void strata_hdf5_column_release(struct strata_hdf5_column *column);

/* The column that elements of this stored type make; *is_one is false for a type that makes none. */
enum strata_status strata_hdf5_column_describe(struct strata_hdf5_column *column, hid_t type, const char *name,
                                               bool *is_one, struct strata_error *err) STRATA_MUST_USE;

/* A column that cannot be read, so that whoever asks for it is told why; `member` as of a column. */
enum strata_status strata_hdf5_column_refuse(struct strata_hdf5_column *column, enum strata_hdf5_form form,
                                             const char *name, int member, struct strata_error *err) STRATA_MUST_USE;

/* Why a column cannot be read; NULL for one that can. */
const char *strata_hdf5_column_refusal(const struct strata_hdf5_column *column);

/* Numbers count this unit of time, "days" or "ms"; false if it is none. */
bool strata_hdf5_column_set_unit(struct strata_hdf5_column *column, const char *name, size_t n);

/* One more value that means none, the second at most. */
void strata_hdf5_column_add_missing(struct strata_hdf5_column *column, int64_t whole, double real);

/* What attributes of the dataset add: _FillValue and missing_value, units "days since 1970-01-01" (CF), and what pandas
 * notes of a table's columns. */
enum strata_status strata_hdf5_column_annotate(struct strata_hdf5_column *column, hid_t dataset, const char *path,
                                               struct strata_error *err) STRATA_MUST_USE;

/* Of a column that is the dataset itself and will be read, as the time or else: do its attributes make its values
 * something else than they are (scale_factor, add_offset, MATLAB's char and empty arrays, units and calendars of times
 * that are not known)? */
enum strata_status strata_hdf5_column_check(const struct strata_hdf5_column *column, hid_t dataset, bool is_time,
                                            const char *path, struct strata_error *err) STRATA_MUST_USE;

/* What its values become. */
enum strata_value_type strata_hdf5_column_type(const struct strata_hdf5_column *column);

/* One thread's memory for the values of one column. */
struct strata_hdf5_values {
    void *value;     /* `room` of 16 bytes */
    uint64_t *valid; /* a bit for each */
    size_t room;
};
enum strata_status strata_hdf5_values_init(struct strata_hdf5_values *values, size_t room,
                                           struct strata_error *err) STRATA_MUST_USE;
void strata_hdf5_values_release(struct strata_hdf5_values *values);

/* The column's values in n rows of row_bytes each. They may point into the rows. */
struct strata_value_column strata_hdf5_column_values(const struct strata_hdf5_column *column,
                                                     struct strata_hdf5_values *values, const unsigned char *rows,
                                                     size_t row_bytes, size_t n);

#endif
