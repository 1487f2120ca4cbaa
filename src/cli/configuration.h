/* A configuration from the command line: a file, and flags over it. */
#ifndef STRATA_CLI_CONFIGURATION_H
#define STRATA_CLI_CONFIGURATION_H

#include <strata/config.h>

#include "command.h"

/* One flag per row of the option table. */
size_t cli_configuration_flags(struct cli_flag flags[]);

/* What the flags are laid over: the file named by the argument that is no flag. */
struct cli_configuration_base {
    enum strata_status (*load)(struct strata_config *config, const char *path, struct strata_error *err);
    const char *what;   /* for "two configurations" */
    const char *wanted; /* what to say where there is none; NULL: it may be left out */
};

/* A configuration file, which may be left out. */
extern const struct cli_configuration_base cli_configuration_file;

/* Read the configuration: defaults, then the file, then the flags, then the checks of options against each other.
 * `*path`: the argument that is no flag, of argv, or NULL. `*is_done`: help was printed, or something failed and was
 * reported; the exit code is returned, and `config` is not to be used (but can be released). */
int cli_configuration_read(const struct cli_command *command, const struct cli_configuration_base *base, int argc,
                           char **argv, struct strata_config *config, const char **path, int *is_done);

#endif
