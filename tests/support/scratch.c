#include "scratch.h"

#include <criterion/criterion.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void scratch_make(struct scratch *scratch)
{
    (void)snprintf(scratch->path, sizeof scratch->path, "/tmp/strata-test-XXXXXX");
    cr_assert(mkdtemp(scratch->path), "no scratch directory");
}

static int remove_entry(const char *path, const struct stat *about, int kind, struct FTW *walk)
{
    (void)about;
    (void)kind;
    (void)walk;
    return remove(path);
}

void scratch_remove(struct scratch *scratch)
{
    cr_assert_eq(nftw(scratch->path, remove_entry, 16, FTW_DEPTH | FTW_PHYS), 0, "%s stays", scratch->path);
    *scratch = (struct scratch){0};
}

char *scratch_path(const struct scratch *scratch, const char *name)
{
    char *path = NULL;
    cr_assert(asprintf(&path, "%s/%s", scratch->path, name) > 0);
    return path;
}

char *scratch_write(const struct scratch *scratch, const char *name, const void *bytes, size_t n)
{
    char *path = scratch_path(scratch, name);
    FILE *file = fopen(path, "wb");
    cr_assert(file, "cannot write %s", path);
    cr_assert_eq(fwrite(bytes, 1, n, file), n);
    cr_assert_eq(fclose(file), 0);
    return path;
}

char *scratch_write_text(const struct scratch *scratch, const char *name, const char *text)
{
    return scratch_write(scratch, name, text, strlen(text));
}

char *read_whole_file(const char *path, size_t *n)
{
    FILE *file = fopen(path, "rb");
    cr_assert(file, "cannot read %s", path);
    cr_assert_eq(fseek(file, 0, SEEK_END), 0);
    long size = ftell(file);
    cr_assert(size >= 0);
    rewind(file);
    char *bytes = malloc((size_t)size + 1);
    cr_assert(bytes);
    cr_assert_eq(fread(bytes, 1, (size_t)size, file), (size_t)size);
    (void)fclose(file);
    bytes[size] = '\0';
    *n = (size_t)size;
    return bytes;
}
