/* Where a file may say that it is one of HDF5. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "hdf5_signature.h"

static const char signature[] = "\x89HDF\r\n\x1a\n";

/* A file of n_bytes, nothing but zeros and the first n of the signature at `place`. */
static bool is_found(long n_bytes, long place, size_t n)
{
    FILE *file = tmpfile();
    cr_assert(file && ftruncate(fileno(file), n_bytes) == 0 && fseek(file, place, SEEK_SET) == 0);
    cr_assert(fwrite(signature, 1, n, file) == n && fflush(file) == 0);
    bool is = strata_hdf5_signature_find(fileno(file));
    (void)fclose(file);
    return is;
}

Test(hdf5_signature, places)
{
    cr_expect_eq(strata_hdf5_signature_next(0), 512);
    cr_expect_eq(strata_hdf5_signature_next(512), 1024);
    for (long place = 0; place <= 1 << 20; place = place ? 2 * place : 512) {
        cr_expect(is_found(place, place, 8), "%ld, at the end", place);
        cr_expect(is_found(1 << 21, place, 8), "%ld", place);
        cr_expect_not(is_found(place, place, 7), "%ld, cut", place);
        cr_expect_not(is_found(1 << 21, place, 7), "%ld, in part", place);
    }
    const long others[] = {1, 256, 511, 513, 520, 1536, 3072};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; ++i)
        cr_expect_not(is_found(1 << 13, others[i], 8), "%ld", others[i]);
}

Test(hdf5_signature, no_file)
{
    int ends[2];
    cr_assert_eq(pipe(ends), 0);
    cr_expect_not(strata_hdf5_signature_find(ends[0]));
    (void)close(ends[0]);
    (void)close(ends[1]);
    int folder = open("/", O_RDONLY | O_CLOEXEC);
    cr_expect_not(strata_hdf5_signature_find(folder));
    cr_expect_not(strata_hdf5_signature_find(-1));
    (void)close(folder);
}

Test(hdf5_signature, bytes)
{
    cr_expect(strata_hdf5_signature_is(signature, 8));
    cr_expect_not(strata_hdf5_signature_is(signature, 7));
    cr_expect_not(strata_hdf5_signature_is("\x89HDF\n\n\x1a\n", 8));
    cr_expect_not(strata_hdf5_signature_is("", 0));
}
