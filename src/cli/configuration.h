/* A configuration from the command line: [CONFIG.yaml] and flags over it. */
#ifndef STRATA_CLI_CONFIGURATION_H
#define STRATA_CLI_CONFIGURATION_H

#include <strata/config.h>

#include "command.h"

/* One flag per row of the option table. */
size_t cli_configuration_flags(struct cli_flag flags[]);

/* Read the configuration: defaults, then the file, then the flags, then the checks of options against each other.
 * `*is_done`: help was printed, or something failed and was reported; the exit code is returned, and `config` is not
 * to be used (but can be released). */
int cli_configuration_read(const struct cli_command *command, int argc, char **argv, struct strata_config *config,
                           int *is_done);

#endif
