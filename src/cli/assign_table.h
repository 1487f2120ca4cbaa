/* strata assign FILE.h5 where the file is an output of strata cluster: a plain table by its clusters. */
#ifndef STRATA_CLI_ASSIGN_TABLE_H
#define STRATA_CLI_ASSIGN_TABLE_H

#include <stdbool.h>

#include "command.h"

/* Is the argument that is no flag such a file? false if the arguments cannot be read. */
bool cli_assign_is_for_a_table(const struct cli_command *command, int argc, char **argv);

/* argv as for a command's run; returns the exit code. */
int cli_assign_table(const struct cli_command *command, int argc, char **argv);

#endif
