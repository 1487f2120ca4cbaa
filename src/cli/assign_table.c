#include "assign_table.h"

#include <inttypes.h>
#include <strata/cluster.h>
#include <string.h>

#include "message.h"
#include "progress.h"

struct request {
    struct strata_assign_file_options options;
    int format; /* enum cli_format */
    bool is_quiet;
};

static enum strata_status take_clusters(void *context, const struct cli_flag *flag, const char *value,
                                        struct strata_error *err)
{
    const char **clusters = context;
    (void)err;
    if (!flag)
        *clusters = value;
    return STRATA_OK;
}

bool cli_assign_is_for_a_table(const struct cli_command *command, int argc, char **argv)
{
    struct cli_flag flags[CLI_MOST_FLAGS];
    size_t n_flags = command->list_flags(flags);
    const char *clusters = NULL;
    struct strata_error ignored = {0};
    int wants_help = 0;
    return cli_flags_parse(flags, n_flags, argc, argv, take_clusters, &clusters, &wants_help, &ignored) == STRATA_OK &&
           !wants_help && clusters && strata_is_clusters_file(clusters);
}

static enum strata_status take_table(struct strata_assign_file_options *options, const char *value,
                                     struct strata_error *err)
{
    if (options->table)
        return strata_fail(err, STRATA_USAGE, "two tables: %s and %s\nassign one at a time", options->table, value);
    options->table = value;
    return STRATA_OK;
}

static enum strata_status take(void *context, const struct cli_flag *flag, const char *value, struct strata_error *err)
{
    struct request *request = context;
    struct strata_assign_file_options *options = &request->options;
    if (!flag && options->clusters)
        return strata_fail(err, STRATA_USAGE, "two files of clusters: %s and %s\ngive one", options->clusters, value);
    if (!flag)
        options->clusters = value;
    else if (strcmp(flag->name, "transactions") == 0)
        return take_table(options, value, err);
    else if (strcmp(flag->name, "output") == 0)
        options->output = value;
    else if (strcmp(flag->name, "threads") == 0)
        return cli_flag_int(flag, value, &options->threads, err);
    else if (strcmp(flag->name, "log") == 0)
        return cli_flag_word(flag, value, &request->format, err);
    else if (strcmp(flag->name, "quiet") == 0)
        request->is_quiet = true;
    else if (strcmp(flag->name, "progress") != 0)
        return strata_fail(err, STRATA_USAGE, "--%s does not go with the clusters of a plain table%s", flag->name,
                           strcmp(flag->name, "table") == 0 ? "\nthe table itself is --transactions TABLE" : "");
    return STRATA_OK;
}

/* The line that other programs read. */
static void print_result(const struct strata_cluster_file_result *result)
{
    printf("{\"rows\":%" PRIu64 ",\"rows_without_cluster\":%" PRIu64 ",\"k\":%d,\"numbers\":[", result->rows,
           result->rows_without_cluster, result->k);
    for (int j = 0; j < result->k; j++)
        printf("%s%d", j ? "," : "", result->numbers[j]);
    fputs("],\"sizes\":[", stdout);
    for (int j = 0; j < result->k; j++)
        printf("%s%" PRIu64, j ? "," : "", result->sizes[j]);
    fputs("],\"output\":", stdout);
    cli_put_json_or_null(stdout, result->output);
    fputs("}\n", stdout);
}

int cli_assign_table(const struct cli_command *command, int argc, char **argv)
{
    struct cli_flag flags[CLI_MOST_FLAGS];
    struct request request = {.format = CLI_TEXT};
    struct strata_cluster_file_result result = {0};
    struct strata_error err = {0};
    struct cli_progress progress;
    int wants_help = 0;
    size_t n_flags = command->list_flags(flags);
    enum strata_status status = cli_flags_parse(flags, n_flags, argc, argv, take, &request, &wants_help, &err);
    enum cli_format format = (enum cli_format)request.format;
    if (status == STRATA_OK && !request.options.table)
        status = strata_fail(&err, STRATA_USAGE, "which table?\nwrite strata assign CLUSTERS.h5 --transactions TABLE");
    if (status == STRATA_OK) {
        cli_progress_init(&progress, STRATA_CONFIG_PROGRESS_NEVER, format, request.is_quiet);
        struct strata_observer observer = cli_progress_observer(&progress);
        status = strata_assign_file(&request.options, &observer, &result, &err);
        cli_progress_finish(&progress);
    }
    if (status == STRATA_USAGE)
        return cli_fail_usage(command->name, &err, format);
    if (status != STRATA_OK)
        return cli_fail(&err, format);
    if (!request.is_quiet)
        fputs(result.summary, stdout);
    print_result(&result);
    strata_cluster_file_result_release(&result);
    return 0;
}
