/* What the fuzz targets share. A target is one file fuzz_NAME.c with LLVMFuzzerTestOneInput, its first inputs are the
 * files of seeds/NAME. */
#ifndef STRATA_FUZZ_H
#define STRATA_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* A law that holds for every input; the fuzzer keeps an input that breaks it. */
#define FUZZ_CHECK(condition, ...)                                                                                     \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            fuzz_fail(__FILE__, __LINE__, #condition, __VA_ARGS__);                                                    \
    } while (0)
_Noreturn void fuzz_fail(const char *file, int line, const char *law, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* A file of these bytes in memory, the same one for every input: its path. */
const char *fuzz_file(const void *bytes, size_t n);

/* A copy that ends where its memory ends, with n_padding bytes of noise behind it; free() it. */
char *fuzz_copy(const void *bytes, size_t n, size_t n_padding);

#endif
