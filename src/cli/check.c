#include <stdbool.h>
#include <stdlib.h>
#include <strata/segments.h>
#include <string.h>

#include "configuration.h"
#include "message.h"

static enum strata_status print_effective(const struct strata_config *config, struct strata_error *err)
{
    char *yaml = NULL;
    enum strata_status status = strata_config_to_yaml(config, &yaml, err);
    if (status == STRATA_OK)
        fputs(yaml, stdout);
    free(yaml);
    return status;
}

static enum strata_status print_map(const struct strata_config *config, int *n_problems, struct strata_error *err)
{
    char *report = NULL;
    enum strata_status status = strata_segment_map_report(config, &report, n_problems, err);
    if (status == STRATA_OK) {
        bool is_first = true;
        for (char *rest = report, *line; (line = strsep(&rest, "\n")) && *line; is_first = false)
            printf("%s%s\n", is_first ? "" : "warning: ", line);
    }
    free(report);
    return status;
}

static int run(const struct cli_command *command, int argc, char **argv)
{
    struct strata_config config;
    const char *path;
    struct strata_error err = {0};
    int is_done = 0, n_problems = 0,
        code = cli_configuration_read(command, &cli_configuration_file, argc, argv, &config, &path, &is_done);
    if (!is_done) {
        enum strata_status status = STRATA_OK;
        if (!config.quiet)
            status = print_effective(&config, &err);
        if (status == STRATA_OK && !config.quiet)
            putchar('\n');
        if (status == STRATA_OK)
            status = print_map(&config, &n_problems, &err);
        if (status == STRATA_OK && n_problems)
            printf("the configuration is right; %d warning%s about its segment map\n", n_problems,
                   n_problems == 1 ? "" : "s");
        else if (status == STRATA_OK)
            puts("the configuration is right");
        else
            code = cli_fail(&err, CLI_TEXT);
    }
    strata_config_release(&config);
    return code;
}

const struct cli_command cli_command_check = {
    .name = "check",
    .arguments = "[CONFIG.yaml] [options]",
    .summary = "Is the configuration right? No transactions are read",
    .about = "Prints the complete configuration that a run with the same arguments would use,\n"
             "and what the segment map does: rules that overlap, scores that no rule matches,\n"
             "rules that never win.",
    .list_flags = cli_configuration_flags,
    .run = run,
};
