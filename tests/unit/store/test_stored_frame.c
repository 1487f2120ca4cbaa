/* Lists of names as Python pickles them. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "hdf5_read.h"
#include "stored_place.h"

static void expect_list(const char *text, size_t n, const char *const *expected)
{
    char **list = strata_frame_parse_list(text, n);
    cr_assert_not_null(list, "%s", text);
    for (size_t i = 0; i < n; ++i)
        cr_expect_str_eq(list[i], expected[i]);
    strata_hdf5_free_names(list, n);
}

Test(stored_frame, texts_and_whole_numbers)
{
    expect_list("(lp0\nVa\np1\naVspent \\u4e2d\np2\naV\xE4 \\U0001F600\\u005c\\u000a\np3\na.", 3,
                (const char *const[]){"a", "spent 中", "ä \U0001F600\\\n"});
    expect_list("(lp0\nI0\naI-7\naVx\np12\na.", 3, (const char *const[]){"0", "-7", "x"});
    expect_list("(lp0\nV\\\\x\np1\na.", 1, (const char *const[]){"\\\\x"});
    expect_list("(lp0\nV\np1\na.", 1, (const char *const[]){""});
    expect_list("(lp0\n.", 0, NULL);
}

Test(stored_frame, all_else_is_refused)
{
    static const char *const texts[] = {
        "",
        "(",
        "(lp0",
        "(lpx\nVa\np1\na.",
        "(lp0\nVa\np1\na",
        "(lp0\nVa\np1\n",
        "(lp0\nVa\np1\na.x",
        "(lp0\nVa\na.",
        "(lp0\nVa\nq1\na.",
        "(lp0\nVa\np\na.",
        "(lp0\n\np1\na.",
        "(lp0\nV\\u00\np1\na.",
        "(lp0\nV\\u+0ff\np1\na.",
        "(lp0\nV\\ud83d\np1\na.",
        "(lp0\nV\\U00110000\np1\na.",
        "(lp0\nV\\u0000\np1\na.",
        "(lp0\nI1.5\na.",
        "(lp0\nI-\na.",
        "(lp0\nF1.5\na.",
        "(lp0\ng1\na.",
        "cposix\nsystem\n(Vtrue\np1\ntR.",
        "(lp0\nVa\np1\naVb\np2\na.",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; ++i)
        cr_expect_null(strata_frame_parse_list(texts[i], 1), "%s", texts[i]);
    cr_expect_null(strata_frame_parse_list("(lp0\nVa\np1\na.", 2));
    cr_expect_null(strata_frame_parse_list("(lp0\nVa\np1\na.", 0));
}
