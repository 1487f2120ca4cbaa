#include "file_array.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "check.h"
#include "memory.h"

/* Map what is not mapped yet; where the array cannot grow in place, it moves. */
static enum strata_status map(struct strata_file_array *array, size_t n_bytes, struct strata_error *err)
{
    void *memory = array->memory ? mremap(array->memory, array->n_mapped, n_bytes, MREMAP_MAYMOVE)
                                 : mmap(NULL, n_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, array->file.descriptor, 0);
    if (memory == MAP_FAILED)
        return strata_fail(err, errno == ENOMEM ? STRATA_MEMORY : STRATA_IO,
                           "cannot map a temporary file of %zu bytes in %s: %s", n_bytes, array->file.folder,
                           strerror(errno));
    array->memory = memory;
    array->n_mapped = n_bytes;
    return STRATA_OK;
}

enum strata_status strata_file_array_resize(struct strata_file_array *array, const char *folder, size_t n_bytes,
                                            struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    if (n_bytes <= array->n_mapped)
        return STRATA_OK;
    size_t rounded = strata_round_to_pages(n_bytes);
    if (!rounded)
        return strata_fail(err, STRATA_MEMORY, "an array of %zu bytes is too large", n_bytes);
    if (!array->file.is_open)
        STRATA_TRY(strata_temporary_file_open(&array->file, folder, err));
    STRATA_TRY(strata_temporary_file_allocate(&array->file, rounded, err));
    STRATA_TRY(map(array, rounded, err));
done:
    return status;
}

void strata_file_array_rest(const struct strata_file_array *array)
{
    if (array->memory)
        (void)madvise(array->memory, array->n_mapped, MADV_DONTNEED);
}

void strata_file_array_release(struct strata_file_array *array)
{
    if (array->memory)
        (void)munmap(array->memory, array->n_mapped);
    strata_temporary_file_close(&array->file);
    *array = (struct strata_file_array){0};
}
