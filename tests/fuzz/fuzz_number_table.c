/* A table of numbers: nothing but a table or a message comes out, the same for all columns and for each by its name. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "number_table.h"

static void check_message(enum strata_status status, const struct strata_error *error)
{
    FUZZ_CHECK(status == STRATA_REJECTED && error->message[0], "%d: %s", (int)status, error->message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct strata_named_table all = {0}, one = {0};
    struct strata_error error = {0};
    const char *path = fuzz_file(data, n);
    enum strata_status status = strata_number_table_read(path, NULL, 0, &all, &error);
    if (status != STRATA_OK) {
        check_message(status, &error);
        return 0;
    }
    FUZZ_CHECK(all.n_names == all.table.n_columns && all.n_names > 0, "%zu names", all.n_names);
    const char *name = all.name[all.n_names - 1];
    status = strata_number_table_read(path, &name, 1, &one, &error);
    FUZZ_CHECK(status == STRATA_OK, "%s", error.message);
    FUZZ_CHECK(one.table.n_rows == all.table.n_rows && one.n_names == 1, "%zu columns", one.n_names);
    const double *a = all.table.columns[all.n_names - 1].values, *b = one.table.columns[0].values;
    FUZZ_CHECK(memcmp(a, b, all.table.n_rows * sizeof *a) == 0, "column %s", name);
    strata_named_table_release(&all);
    strata_named_table_release(&one);
    return 0;
}
