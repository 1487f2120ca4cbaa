/* A temporary file without a name: nothing of it survives the process, however that ends.
 *
 * The file is made with O_TMPFILE; where the file system cannot do that, it gets a name for the moment between its
 * creation and its unlinking. Messages name the folder. */
#ifndef STRATA_BASE_TEMPORARY_FILE_H
#define STRATA_BASE_TEMPORARY_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <strata/status.h>

/* `{0}` is closed. */
struct strata_temporary_file {
    bool is_open, is_in_memory; /* in memory: the folder is a tmpfs, so that spilling to it frees nothing */
    int descriptor;
    const char *folder; /* not owned */
    uint64_t n_bytes;   /* reserved so far; updated atomically */
};

/* STRATA_IO if the folder takes no file. `folder` must outlive the file. */
enum strata_status strata_temporary_file_open(struct strata_temporary_file *file, const char *folder,
                                              struct strata_error *err) STRATA_MUST_USE;
void strata_temporary_file_close(struct strata_temporary_file *file);

/* Grow to n_bytes with room for all of them on the disk, or STRATA_IO. One thread at a time, and not in a file whose
 * bytes are reserved. */
enum strata_status strata_temporary_file_allocate(struct strata_temporary_file *file, uint64_t n_bytes,
                                                  struct strata_error *err) STRATA_MUST_USE;

/* Reserve the next `n_bytes`; returns where they begin. Any thread. */
uint64_t strata_temporary_file_reserve(struct strata_temporary_file *file, uint64_t n_bytes);

/* Write, and read back, any thread, different places at the same time. All bytes or STRATA_IO. */
enum strata_status strata_temporary_file_write(const struct strata_temporary_file *file, const void *bytes,
                                               size_t n_bytes, uint64_t offset,
                                               struct strata_error *err) STRATA_MUST_USE;
enum strata_status strata_temporary_file_read(const struct strata_temporary_file *file, void *bytes, size_t n_bytes,
                                              uint64_t offset, struct strata_error *err) STRATA_MUST_USE;

/* The bytes are wanted soon. */
void strata_temporary_file_announce(const struct strata_temporary_file *file, uint64_t offset, uint64_t n_bytes);

#endif
