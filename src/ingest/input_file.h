/* Regular files, read by position, and pipes, read once from front to back. */
#ifndef STRATA_INGEST_INPUT_FILE_H
#define STRATA_INGEST_INPUT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <strata/status.h>

struct strata_input_file {
    int descriptor;   /* -1: closed */
    const char *path; /* borrowed; "standard input" where "-" was opened */
    bool is_regular;  /* else a pipe, a terminal or the like */
    uint64_t n_bytes; /* of a regular file, when it was opened */
    uint64_t device, inode;
};

/* "-" is standard input. STRATA_IO if it cannot be opened or is a directory. */
enum strata_status strata_input_file_open(struct strata_input_file *file, const char *path,
                                          struct strata_error *err) STRATA_MUST_USE;
void strata_input_file_close(struct strata_input_file *file);

/* All n bytes from `offset` on, of a regular file; one that has become shorter is STRATA_IO. */
enum strata_status strata_input_file_read(const struct strata_input_file *file, uint64_t offset, char *out, size_t n,
                                          struct strata_error *err) STRATA_MUST_USE;

/* What comes next, `offset` bytes having been read before: *got is 1..n, or 0 at the end. */
enum strata_status strata_input_file_read_on(const struct strata_input_file *file, uint64_t offset, char *out, size_t n,
                                             size_t *got, struct strata_error *err) STRATA_MUST_USE;

/* Paths and glob patterns -> paths, each list's matches in alphabetical order. `*paths` is malloc'ed, its strings too.
 * STRATA_IO if a pattern matches nothing. A path that exists as it is is never taken as a pattern. */
enum strata_status strata_input_paths_expand(const char *const *patterns, size_t n_patterns, char ***paths,
                                             size_t *n_paths, struct strata_error *err) STRATA_MUST_USE;

#endif
