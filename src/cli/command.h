/* A command of the command line: one file, and one row of the table in main.c. */
#ifndef STRATA_CLI_COMMAND_H
#define STRATA_CLI_COMMAND_H

#include "flags.h"

struct cli_command {
    const char *name;
    const char *arguments; /* after the name in the usage line */
    const char *summary;   /* one line */
    const char *about;     /* further lines for --help, or NULL */
    /* Fill `flags` (room for CLI_MOST_FLAGS) and return how many there are, for parsing and for --help alike. */
    size_t (*list_flags)(struct cli_flag flags[]);
    /* argv[0] is the command's name. Returns the exit code. */
    int (*run)(const struct cli_command *command, int argc, char **argv);
};

extern const struct cli_command cli_command_run, cli_command_show, cli_command_cluster, cli_command_check,
    cli_command_features, cli_command_assign, cli_command_generate;

/* "Usage: ...", the summary and the flags by group, on stdout. */
void cli_command_help(const struct cli_command *command);

#endif
