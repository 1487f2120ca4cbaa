#include "hdf5_driver.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#if H5_VERSION_GE(1, 13, 0)
#include <H5FDdevelop.h>
#endif

/* The driver's part of the access properties. */
struct target {
    int descriptor;
    struct strata_hdf5_latch *latch;
};

struct open_file {
    H5FD_t base; /* HDF5's part comes first */
    struct target target;
    haddr_t end_of_allocation, end_of_file;
};

static void note(struct open_file *file, int os_error)
{
    if (!file->target.latch->os_error)
        file->target.latch->os_error = os_error;
}

static H5FD_t *driver_open(const char *name, unsigned flags, hid_t access_properties, haddr_t max_address)
{
    (void)name;
    (void)max_address;
    const struct target *target = H5Pget_driver_info(access_properties);
    struct open_file *file = target ? calloc(1, sizeof *file) : NULL;
    struct stat about;
    if (!file)
        return NULL;
    file->target = *target;
    if (flags & H5F_ACC_TRUNC && ftruncate(target->descriptor, 0) != 0)
        note(file, errno);
    if (fstat(target->descriptor, &about) == 0)
        file->end_of_file = (haddr_t)about.st_size;
    else
        note(file, errno);
    return &file->base;
}

static herr_t driver_close(H5FD_t *base)
{
    free(base);
    return 0;
}

static int driver_compare(const H5FD_t *base_a, const H5FD_t *base_b)
{
    int a = ((const struct open_file *)base_a)->target.descriptor;
    int b = ((const struct open_file *)base_b)->target.descriptor;
    return (a > b) - (a < b);
}

static herr_t driver_query(const H5FD_t *base, unsigned long *features)
{
    (void)base;
    *features = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA | H5FD_FEAT_DATA_SIEVE |
                H5FD_FEAT_AGGREGATE_SMALLDATA | H5FD_FEAT_DEFAULT_VFD_COMPATIBLE;
    return 0;
}

static haddr_t get_end_of_allocation(const H5FD_t *base, H5FD_mem_t type)
{
    (void)type;
    return ((const struct open_file *)base)->end_of_allocation;
}

static herr_t set_end_of_allocation(H5FD_t *base, H5FD_mem_t type, haddr_t address)
{
    (void)type;
    ((struct open_file *)base)->end_of_allocation = address;
    return 0;
}

static haddr_t get_end_of_file(const H5FD_t *base, H5FD_mem_t type)
{
    (void)type;
    return ((const struct open_file *)base)->end_of_file;
}

/* What lies beyond the end of the file reads as zeros. */
static herr_t driver_read(H5FD_t *base, H5FD_mem_t type, hid_t properties, haddr_t address, size_t n_bytes, void *out)
{
    (void)properties;
    struct open_file *file = (struct open_file *)base;
    struct strata_hdf5_latch *latch = file->target.latch;
    char *to = out;
    if (latch->is_tracing && type == H5FD_MEM_DRAW) {
        ++latch->n_traced;
        latch->place = address;
        latch->n_bytes = n_bytes;
        return 0;
    }
    while (n_bytes > 0) {
        ssize_t n = pread(file->target.descriptor, to, n_bytes, (off_t)address);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            note(file, errno);
        if (n <= 0) {
            memset(to, 0, n_bytes);
            break;
        }
        to += n;
        address += (haddr_t)n;
        n_bytes -= (size_t)n;
    }
    return 0;
}

static herr_t driver_write(H5FD_t *base, H5FD_mem_t type, hid_t properties, haddr_t address, size_t n_bytes,
                           const void *in)
{
    (void)type;
    (void)properties;
    struct open_file *file = (struct open_file *)base;
    const char *from = in;
    if (address + n_bytes > file->end_of_file)
        file->end_of_file = address + n_bytes;
    while (n_bytes > 0 && !file->target.latch->os_error) {
        ssize_t n = pwrite(file->target.descriptor, from, n_bytes, (off_t)address);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            note(file, n < 0 ? errno : EIO);
            break;
        }
        from += n;
        address += (haddr_t)n;
        n_bytes -= (size_t)n;
    }
    return 0;
}

static herr_t driver_truncate(H5FD_t *base, hid_t properties, hbool_t closing)
{
    (void)properties;
    (void)closing;
    struct open_file *file = (struct open_file *)base;
    if (file->end_of_allocation != file->end_of_file) {
        if (!file->target.latch->os_error && ftruncate(file->target.descriptor, (off_t)file->end_of_allocation) != 0)
            note(file, errno);
        file->end_of_file = file->end_of_allocation;
    }
    return 0;
}

static const H5FD_class_t driver_class = {
#if H5_VERSION_GE(1, 13, 0)
    .version = H5FD_CLASS_VERSION,
    .value = (H5FD_class_value_t)600,
#endif
    .name = "strata",
    .maxaddr = ((haddr_t)1 << 63) - 1,
    .fc_degree = H5F_CLOSE_STRONG,
    .fapl_size = sizeof(struct target),
    .open = driver_open,
    .close = driver_close,
    .cmp = driver_compare,
    .query = driver_query,
    .get_eoa = get_end_of_allocation,
    .set_eoa = set_end_of_allocation,
    .get_eof = get_end_of_file,
    .read = driver_read,
    .write = driver_write,
    .truncate = driver_truncate,
    .fl_map = H5FD_FLMAP_DICHOTOMY,
};

hid_t strata_hdf5_driver_register(void) { return H5FDregister(&driver_class); }

herr_t strata_hdf5_driver_use(hid_t access_properties, hid_t driver, int descriptor, struct strata_hdf5_latch *latch)
{
    struct target target = {descriptor, latch};
    return H5Pset_driver(access_properties, driver, &target);
}
