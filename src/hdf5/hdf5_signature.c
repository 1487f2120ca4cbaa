#include "hdf5_signature.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

uint64_t strata_hdf5_signature_next(uint64_t place)
{
    enum { FIRST_BLOCK = 512 };
    return place ? 2 * place : FIRST_BLOCK;
}

bool strata_hdf5_signature_is(const char *bytes, size_t n)
{
    static const char signature[STRATA_HDF5_SIGNATURE_BYTES] = "\x89HDF\r\n\x1a\n";
    return n >= sizeof signature && memcmp(bytes, signature, sizeof signature) == 0;
}

bool strata_hdf5_signature_find(int file)
{
    char found[STRATA_HDF5_SIGNATURE_BYTES];
    struct stat about;
    bool is_found = false;
    if (fstat(file, &about) != 0 || !S_ISREG(about.st_mode) || about.st_size < (off_t)sizeof found)
        return false;
    const uint64_t last = (uint64_t)about.st_size - sizeof found;
    for (uint64_t at = 0; !is_found && at <= last; at = strata_hdf5_signature_next(at)) {
        ssize_t n = pread(file, found, sizeof found, (off_t)at);
        is_found = n > 0 && strata_hdf5_signature_is(found, (size_t)n);
    }
    return is_found;
}
