#include "fuzz.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void fuzz_fail(const char *file, int line, const char *law, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, law);
    (void)vfprintf(stderr, format, arguments);
    (void)fputc('\n', stderr);
    va_end(arguments);
    abort();
}

const char *fuzz_file(const void *bytes, size_t n)
{
    static char path[32];
    static int descriptor = -1;
    if (descriptor < 0) {
        descriptor = memfd_create("input", MFD_CLOEXEC);
        (void)snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
    }
    if (descriptor < 0 || ftruncate(descriptor, 0) != 0 || pwrite(descriptor, bytes, n, 0) != (ssize_t)n)
        fuzz_fail(__FILE__, __LINE__, "a file in memory", "%zu bytes", n);
    return path;
}

char *fuzz_copy(const void *bytes, size_t n, size_t n_padding)
{
    char *copy = malloc(n + n_padding ? n + n_padding : 1);
    if (n)
        memcpy(copy, bytes, n);
    memset(copy + n, '7', n_padding);
    return copy;
}
