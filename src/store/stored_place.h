/* The columns that a place in an HDF5 file has, as the process sees it that runs HDF5.
 *
 *   a group                     its one-dimensional datasets
 *   a dataset with members      these; of a member that is an array, its elements
 *   a dataset of two dimensions its columns, called 1, 2, ...
 *   what pandas' to_hdf writes  the columns of the data frame (fixed and table format), or the values of a series
 *
 * A group with no such dataset of its own is the one dataset with members, or the one data frame, in it or below it, or
 * the one dataset of two dimensions in it. A group with one dataset of two dimensions and, beside it, one-dimensional
 * ones of as many rows (X and y, X and weights) is the former; the latter are taken by name. Of other groups with both,
 * the one-dimensional datasets are taken by name, and nothing without. Only hard links are followed.
 */
#ifndef STRATA_STORE_STORED_PLACE_H
#define STRATA_STORE_STORED_PLACE_H

#include <hdf5.h>
#include <stdbool.h>
#include <stddef.h>
#include <strata/status.h>

enum { STRATA_STORED_COLUMNS_MAX = 65536, STRATA_STORED_LIST_BYTES = 512 };

enum strata_stored_use {
    STRATA_STORED_MEASURE,
    STRATA_STORED_ASIDE,     /* numbers the rows, or holds labels: taken only if it is named */
    STRATA_STORED_BESIDE,    /* one-dimensional, beside the table of two dimensions: the same */
    STRATA_STORED_NO_NUMBER, /* text, a time, a category, ... */
};

struct strata_stored_dataset {
    char *name; /* in the place's group */
    int rank;   /* 1 or 2 */
    hsize_t extent[2];
};

struct strata_stored_column {
    char *name;
    size_t dataset; /* which of the place's */
    int member;     /* of its elements; -1: these themselves */
    size_t element; /* of an array, or of a row of two dimensions */
    enum strata_stored_use use;
};

/* `{0}` with group -1 is empty. */
struct strata_stored_place {
    const char *path; /* of the file, for messages; borrowed */
    char *name;       /* "/a/b" */
    char *found;      /* the table in it that was chosen, "/a/b/X"; NULL: it is one itself */
    hid_t group;      /* in which its datasets are */
    bool has_names;   /* false: columns are called 1, 2, ... */
    size_t n_datasets, dataset_capacity, n_columns, column_capacity;
    struct strata_stored_dataset *dataset;
    struct strata_stored_column *column;
};

/* `name`: "/a/b", of a group or a dataset; `path` is borrowed. `by_name`: columns that are taken only by name will do.
 * STRATA_REJECTED: no such place, or it has no columns of numbers, or several tables. */
enum strata_status strata_stored_place_open(struct strata_stored_place *place, hid_t file, const char *path,
                                            const char *name, bool by_name, struct strata_error *err) STRATA_MUST_USE;
void strata_stored_place_close(struct strata_stored_place *place);

/* What follows is for the files that list columns. */

/* A dataset of the place's group of one or two dimensions, open; -1 if it is none. Its number is n_datasets - 1. */
enum strata_status strata_stored_place_add_dataset(struct strata_stored_place *place, const char *name, hid_t *dataset,
                                                   struct strata_error *err) STRATA_MUST_USE;

/* A column of the last dataset; the name is copied. */
enum strata_status strata_stored_place_add_column(struct strata_stored_place *place, const char *name, int member,
                                                  size_t element, enum strata_stored_use use,
                                                  struct strata_error *err) STRATA_MUST_USE;

bool strata_stored_is_number(hid_t type);

/* The columns of a dataset in the place's group; `alone`: it is the table and not one of its columns. */
enum strata_status strata_stored_place_list(struct strata_stored_place *place, const char *name, bool alone,
                                            struct strata_error *err) STRATA_MUST_USE;

/* What a dataset is, without its values. */
struct strata_stored_shape {
    int rank;
    hsize_t extent[2]; /* of one or two dimensions */
    bool is_number, has_members;
    bool is_scale; /* it numbers the rows of others */
};

/* False if the name is none of a dataset, or one that HDF5 cannot open. */
bool strata_stored_look(hid_t group, const char *name, struct strata_stored_shape *shape);

/* Which of the datasets named are the table of the place's group: one of two dimensions, whose columns are then listed,
 * or those of one, which are listed already. STRATA_REJECTED: that cannot be told. */
enum strata_status strata_stored_place_choose(struct strata_stored_place *place, char *const *names, size_t n_names,
                                              bool by_name, struct strata_error *err) STRATA_MUST_USE;

/* The one-dimensional datasets beside the one of two dimensions that the place is, as columns taken by name. */
enum strata_status strata_stored_place_list_beside(struct strata_stored_place *place,
                                                   struct strata_error *err) STRATA_MUST_USE;

/* One more name in a list for a message, if there is room. */
void strata_stored_append_name(char list[STRATA_STORED_LIST_BYTES], size_t *n, const char *name);

/* Does the group hold a data frame of pandas, and how stored? */
enum strata_frame { STRATA_FRAME_NONE, STRATA_FRAME_FIXED, STRATA_FRAME_TABLE, STRATA_FRAME_SERIES };
enum strata_frame strata_frame_of(hid_t group);

/* The columns of a data frame in fixed format, whose group the place is in. */
enum strata_status strata_frame_list_fixed(struct strata_stored_place *place, struct strata_error *err) STRATA_MUST_USE;

/* What pandas says of a member of n elements of an open dataset: their names, if it names them (n texts, else NULL:
 * strata_hdf5_free_names), and what they are good for. False if it names them in a way that is not read. */
bool strata_frame_describe_member(hid_t dataset, const char *member, size_t n, char ***names,
                                  enum strata_stored_use *use);

/* A list of texts or whole numbers as Python's pickle writes it in its protocol 0, which is text: exactly n of them, in
 * UTF-8, or NULL if it is anything else, or memory is out. Nothing is executed. */
char **strata_frame_parse_list(const char *text, size_t n);

#endif
