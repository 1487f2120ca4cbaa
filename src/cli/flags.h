/* Long flags: parsing and help. getopt_long does the parsing (argp would sort the help by name, and neither argp nor
 * popt lets a program say what a misspelt flag was meant to be). */
#ifndef STRATA_CLI_FLAGS_H
#define STRATA_CLI_FLAGS_H

#include <stddef.h>
#include <stdint.h>
#include <strata/status.h>

enum { CLI_MOST_FLAGS = 128 };

struct cli_flag {
    const char *name;         /* without the dashes; NULL: an entry for help alone, under `key` */
    const char *metavar;      /* NULL: takes no value */
    const char *group;        /* heading */
    const char *help;         /* one line */
    const char *words;        /* "a|b|c", or NULL */
    const char *default_text; /* or NULL */
    const char *key;          /* the configuration file's key for it, or NULL */
    double low, high;         /* bounds; none if equal */
    int tag;                  /* for the command that owns the flag */
};

/* Called in the order of the command line; `flag` is NULL for an argument that is not a flag; `value` is NULL for a
 * flag that takes none. */
typedef enum strata_status cli_take(void *context, const struct cli_flag *flag, const char *value,
                                    struct strata_error *err);

/* argv[0] is the command's name. STRATA_USAGE for an unknown flag (with the nearest one), a missing or an unwanted
 * value, or what `take` returns.
 * `*wants_help` is set by --help, and nothing after it is read. */
enum strata_status cli_flags_parse(const struct cli_flag *flags, size_t n_flags, int argc, char **argv, cli_take *take,
                                   void *context, int *wants_help, struct strata_error *err) STRATA_MUST_USE;

/* All flags, group by group, on stdout. */
void cli_flags_help(const struct cli_flag *flags, size_t n_flags);

/* Values of flags; messages begin with the flag's name. */
enum strata_status cli_flag_unsigned(const struct cli_flag *flag, const char *value, uint64_t *number,
                                     struct strata_error *err) STRATA_MUST_USE;
enum strata_status cli_flag_int(const struct cli_flag *flag, const char *value, int *number,
                                struct strata_error *err) STRATA_MUST_USE;
enum strata_status cli_flag_real(const struct cli_flag *flag, const char *value, double *number,
                                 struct strata_error *err) STRATA_MUST_USE;
/* The position of `value` among flag->words. */
enum strata_status cli_flag_word(const struct cli_flag *flag, const char *value, int *position,
                                 struct strata_error *err) STRATA_MUST_USE;

#endif
