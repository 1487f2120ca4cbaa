#include <strata/run.h>

#include "configuration.h"
#include "outcome.h"

static enum strata_status do_run(const void *context, const struct strata_config *config,
                                 const struct strata_observer *observer, struct strata_run_result *result,
                                 struct strata_error *err)
{
    (void)context;
    return strata_run(config, observer, result, err);
}

static int run(const struct cli_command *command, int argc, char **argv)
{
    struct strata_config config;
    const char *path;
    int is_done = 0;
    int code = cli_configuration_read(command, &cli_configuration_file, argc, argv, &config, &path, &is_done);
    if (!is_done)
        code = cli_outcome(&config, do_run, NULL);
    strata_config_release(&config);
    return code;
}

const struct cli_command cli_command_run = {
    .name = "run",
    .arguments = "[CONFIG.yaml] [options]",
    .summary = "Transactions in, a snapshot out",
    .about = "Every option is also a key of the configuration file, named in brackets\n"
             "([scores.method]: the key method inside the key scores). A flag wins over the\n"
             "file. Relative paths are relative to the current directory. The last line on\n"
             "standard output is one line of JSON.",
    .list_flags = cli_configuration_flags,
    .run = run,
};
