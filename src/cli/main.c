/* The command line of strata, built on the public headers alone. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <strata/config.h>
#include <strata/version.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "message.h"

/* To add a command: a file here that defines `cli_command_NAME` (its declaration is in command.h), and a row. */
static const struct cli_command *const commands[] = {
    &cli_command_run,   &cli_command_assign,   &cli_command_show,     &cli_command_cluster,
    &cli_command_check, &cli_command_features, &cli_command_generate,
};

enum { N_COMMANDS = sizeof commands / sizeof commands[0] };

void cli_command_help(const struct cli_command *command)
{
    struct cli_flag flags[CLI_MOST_FLAGS];
    printf("Usage: strata %s %s\n\n%s.\n", command->name, command->arguments, command->summary);
    if (command->about)
        printf("\n%s\n", command->about);
    cli_flags_help(flags, command->list_flags ? command->list_flags(flags) : 0);
}

static void print_exit_codes(FILE *stream)
{
    static const struct {
        int code;
        const char *meaning;
    } statuses[] = {
#define STATUS_ROW(name, exit_code, text) {exit_code, text},
        STRATA_STATUS_LIST(STATUS_ROW)
#undef STATUS_ROW
    };
    fputs("\nExit codes:", stream);
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        if (i && statuses[i].code == statuses[i - 1].code)
            fprintf(stream, ", %s", statuses[i].meaning);
        else
            fprintf(stream, "\n  %-10d %s", statuses[i].code, statuses[i].meaning);
    }
    fputc('\n', stream);
}

static void print_help(FILE *stream)
{
    fputs("Usage: strata COMMAND [options]\n\nCustomer segmentation from transaction logs.\n\nCommands:\n", stream);
    for (size_t i = 0; i < N_COMMANDS; i++)
        fprintf(stream, "  %-10s %s\n", commands[i]->name, commands[i]->summary);
    fputs("\n  strata COMMAND --help   the options of a command\n  strata --version        the version\n", stream);
    print_exit_codes(stream);
}

static int fail_unknown(const char *name)
{
    const char *names[N_COMMANDS];
    struct strata_error err = {0};
    for (size_t i = 0; i < N_COMMANDS; i++)
        names[i] = commands[i]->name;
    const char *near = strata_nearest_name(name, names, N_COMMANDS);
    if (near)
        strata_fail(&err, STRATA_USAGE, "there is no command %s\ndid you mean strata %s?", name, near);
    else
        strata_fail(&err, STRATA_USAGE, "there is no command %s\nstrata --help shows the commands", name);
    return cli_fail_usage(NULL, &err, CLI_TEXT);
}

/* A file that is opened while a standard stream is closed takes its number, and messages would go into the data.
 * Read-only: a write to a closed stream still fails. */
static bool occupy_standard_streams(void)
{
    for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; stream++)
        if (fcntl(stream, F_GETFD) < 0 && errno == EBADF && open("/dev/null", O_RDONLY) != stream)
            return false;
    return true;
}

int main(int argc, char **argv)
{
    if (!occupy_standard_streams())
        return strata_status_exit_code(STRATA_IO);
    if (argc < 2) {
        print_help(stderr);
        return strata_status_exit_code(STRATA_USAGE);
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        print_help(stdout);
        return cli_finish(0);
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("strata " STRATA_VERSION);
        return cli_finish(0);
    }
    for (size_t i = 0; i < N_COMMANDS; i++)
        if (strcmp(argv[1], commands[i]->name) == 0)
            return cli_finish(commands[i]->run(commands[i], argc - 1, argv + 1));
    return fail_unknown(argv[1]);
}
