/* Names in one value of a flag: a,b,c. */
#ifndef STRATA_CLI_NAME_LIST_H
#define STRATA_CLI_NAME_LIST_H

#include <stddef.h>
#include <strata/status.h>

/* `{0}` is empty. */
struct cli_name_list {
    char **name; /* n; owned */
    size_t n;
};

/* Add the names of `value`, which are between commas. One that has a comma, or begins with a quote, is in double
 * quotes, in which two quotes are one, as in CSV: a,"b, c". On failure `list` may have some of them. STRATA_USAGE: an
 * empty name, a quote that is not closed, or text behind it. */
enum strata_status cli_name_list_add(struct cli_name_list *list, const char *flag, const char *value,
                                     struct strata_error *err) STRATA_MUST_USE;

void cli_name_list_release(struct cli_name_list *list);

#endif
