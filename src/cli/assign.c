#include <strata/assign.h>

#include <string.h>

#include "assign_table.h"
#include "configuration.h"
#include "outcome.h"

static const struct cli_configuration_base base = {
    .load = strata_assign_config,
    .what = "snapshots",
    .wanted = "which snapshot?\nwrite strata assign SNAPSHOT.h5 --transactions PATH --output FILE.h5",
};

/* What the snapshot settles is no option here. */
static size_t list_flags(struct cli_flag flags[])
{
    size_t n_all = cli_configuration_flags(flags), n = 0;
    for (size_t i = 0; i < n_all; i++)
        if (strcmp(flags[i].group, "Scores and segments") != 0 && strcmp(flags[i].group, "Clusters") != 0 &&
            strcmp(flags[i].key, "seed") != 0)
            flags[n++] = flags[i];
    return n;
}

static enum strata_status do_assign(const void *snapshot, const struct strata_config *config,
                                    const struct strata_observer *observer, struct strata_run_result *result,
                                    struct strata_error *err)
{
    return strata_assign(snapshot, config, observer, result, err);
}

static int run(const struct cli_command *command, int argc, char **argv)
{
    struct strata_config config;
    const char *snapshot;
    if (cli_assign_is_for_a_table(command, argc, argv))
        return cli_assign_table(command, argc, argv);
    int is_done = 0, code = cli_configuration_read(command, &base, argc, argv, &config, &snapshot, &is_done);
    if (!is_done)
        code = cli_outcome(&config, do_assign, snapshot);
    strata_config_release(&config);
    return code;
}

const struct cli_command cli_command_assign = {
    .name = "assign",
    .arguments = "SNAPSHOT.h5 --transactions PATH [options]",
    .summary = "Other transactions by the scores, segments and clusters of a snapshot",
    .about = "Customers are scored by the thresholds that the snapshot stores, and get the\n"
             "nearest of its clusters, their columns prepared as they were then; the log of\n"
             "the snapshot gets the labels it had. How transactions are read and which rows\n"
             "count is as in the configuration that the snapshot stores; a flag wins over it.\n"
             "An as-of date that was given stays: give --as-of with a later log. Output and\n"
             "what concerns running are not taken from the snapshot. The output is a\n"
             "snapshot; its manifest names the one that customers were assigned by. The last\n"
             "line on standard output is one line of JSON.\n"
             "SNAPSHOT.h5 may also be an output of strata cluster. Then --transactions is\n"
             "one plain table, as strata cluster reads it, with the columns of these names;\n"
             "its rows get the nearest cluster. The output is like that of strata cluster\n"
             "and may be left out; of the other options --threads, --progress, --log and\n"
             "--quiet go with it.",
    .list_flags = list_flags,
    .run = run,
};
