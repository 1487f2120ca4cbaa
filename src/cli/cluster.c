#include <strata/cluster.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "message.h"
#include "name_list.h"
#include "progress.h"

enum {
    COLUMNS,
    WEIGHTS,
    CLUSTERS,
    MAX_K,
    CRITERION,
    TRANSFORM,
    SCALING,
    MISSING,
    INIT,
    MIN_SIZE,
    MIN_SHARE,
    PREVIOUS,
    PREVIOUS_MARGIN,
    SEEDING,
    PRECISION,
    RESTARTS,
    MAX_ITERATIONS,
    TOLERANCE,
    SEED,
    OUTPUT,
    THREADS,
    LOG,
    QUIET,
    N_FLAGS
};

static const struct cli_flag flags_table[N_FLAGS] = {
    [COLUMNS] = {.name = "columns",
                 .metavar = "NAME,...",
                 .group = "Clusters",
                 .help =
                     "what to cluster on; a name with a comma in double quotes, as in CSV; default all numeric columns",
                 .tag = COLUMNS},
    [WEIGHTS] = {.name = "weights",
                 .metavar = "COLUMN",
                 .group = "Clusters",
                 .help =
                     "how much each row counts, in centroids, inertia and indices: numbers from 0 up; transform and "
                     "scaling see every row once; default all the same",
                 .tag = WEIGHTS},
    [CLUSTERS] = {.name = "clusters",
                  .metavar = "K|auto",
                  .group = "Clusters",
                  .default_text = "auto",
                  .help = "auto: the best of 2 to --max-k, or as many as --init has",
                  .tag = CLUSTERS},
    [MAX_K] = {.name = "max-k",
               .metavar = "N",
               .group = "Clusters",
               .default_text = "10",
               .help = "the most clusters that auto tries",
               .tag = MAX_K},
    [CRITERION] = {.name = "criterion",
                   .metavar = "INDEX",
                   .group = "Clusters",
                   .words =
                       "silhouette|simplified_silhouette|calinski_harabasz|davies_bouldin|bic|euclidean_silhouette|gap",
                   .default_text = "silhouette",
                   .help = "the index by which auto chooses; all are stored",
                   .tag = CRITERION},
    [TRANSFORM] = {.name = "transform",
                   .metavar = "KIND",
                   .group = "Clusters",
                   .words = "none|log1p|winsor|yeo-johnson|box-cox|quantile|quantile-normal",
                   .default_text = "none",
                   .help = "winsor: values outside the 1st and 99th percentile count as these",
                   .tag = TRANSFORM},
    [SCALING] = {.name = "scaling",
                 .metavar = "KIND",
                 .group = "Clusters",
                 .words = "none|standard|robust|whiten",
                 .default_text = "none",
                 .help = "after the transform; standard: mean 0 and standard deviation 1; robust: median 0 and "
                         "quartiles 1 apart; whiten: standard, then principal components of variance 1",
                 .tag = SCALING},
    [MISSING] = {.name = "missing",
                 .metavar = "HOW",
                 .group = "Clusters",
                 .words = "drop|refuse|median|zero",
                 .default_text = "drop",
                 .help = "a row without a value in a column: gets no cluster, is refused, or counts as the median or "
                         "as 0 there",
                 .tag = MISSING},
    [INIT] = {.name = "init",
              .metavar = "FILE.csv",
              .group = "Clusters",
              .help = "start from these centroids, in raw units, and only iterate: a row for each; columns by name, or "
                      "in order without a header",
              .tag = INIT},
    [MIN_SIZE] = {.name = "cluster-min-size",
                  .metavar = "N",
                  .group = "Clusters",
                  .default_text = "0",
                  .help = "clusters with fewer rows are dissolved: these go to the neighbouring clusters",
                  .tag = MIN_SIZE},
    [MIN_SHARE] = {.name = "cluster-min-share",
                   .metavar = "X",
                   .group = "Clusters",
                   .default_text = "0",
                   .help = "the same as a share of the rows that have a cluster, such as 0.02",
                   .tag = MIN_SHARE},
    [PREVIOUS] = {.name = "previous",
                  .metavar = "FILE.h5",
                  .group = "Clusters",
                  .help =
                      "an earlier output or snapshot whose clusters keep their numbers and names; may be the output "
                      "itself",
                  .tag = PREVIOUS},
    [PREVIOUS_MARGIN] = {.name = "previous-margin",
                         .metavar = "X",
                         .group = "Clusters",
                         .default_text = "0.01",
                         .help = "by how much, as a share, a fresh start must be better to replace the earlier "
                                 "centroids",
                         .tag = PREVIOUS_MARGIN},
    [SEEDING] = {.name = "seeding",
                 .metavar = "HOW",
                 .group = "Clusters",
                 .words = "coreset|kmeans-parallel",
                 .default_text = "coreset",
                 .help = "greedy k-means++ on a weighted sample; kmeans-parallel: k-means|| over all rows",
                 .tag = SEEDING},
    [PRECISION] = {.name = "precision",
                   .metavar = "HOW",
                   .group = "Clusters",
                   .words = "float32|float64",
                   .default_text = "float32",
                   .help = "of the distances; float64 for columns with more digits than float32 tells apart, slower",
                   .tag = PRECISION},
    [RESTARTS] = {.name = "restarts",
                  .metavar = "N",
                  .group = "Clusters",
                  .default_text = "8",
                  .help = "seedings tried; the lowest inertia wins",
                  .tag = RESTARTS},
    [MAX_ITERATIONS] = {.name = "max-iterations",
                        .metavar = "N",
                        .group = "Clusters",
                        .default_text = "300",
                        .help = "of each start",
                        .tag = MAX_ITERATIONS},
    [TOLERANCE] = {.name = "tolerance",
                   .metavar = "X",
                   .group = "Clusters",
                   .default_text = "1e-6",
                   .help = "stop when the centroids' summed squared shift is at most this times the mean variance of "
                           "the columns; 0: when no row changes its cluster",
                   .tag = TOLERANCE},
    [SEED] = {.name = "seed",
              .metavar = "N",
              .group = "Clusters",
              .default_text = "1",
              .help = "the same seed and options give the same clusters",
              .tag = SEED},
    [OUTPUT] =
        {.name = "output",
         .metavar = "FILE.h5",
         .group = "Output",
         .help = "/labels (a cluster's number for each row) and /clusters; appears whole or not at all; default none",
         .tag = OUTPUT},
    [THREADS] = {.name = "threads",
                 .metavar = "N",
                 .group = "Running",
                 .default_text = "0",
                 .help = "0: all; the clusters do not depend on it",
                 .tag = THREADS},
    [LOG] = {.name = "log",
             .metavar = "FORMAT",
             .group = "Running",
             .words = "text|json",
             .default_text = "text",
             .help = "format of messages on stderr",
             .tag = LOG},
    [QUIET] = {.name = "quiet", .group = "Running", .help = "only the line of JSON, warnings and errors", .tag = QUIET},
};

static size_t list_flags(struct cli_flag flags[])
{
    memcpy(flags, flags_table, sizeof flags_table);
    return N_FLAGS;
}

struct request {
    struct strata_cluster_file_options options;
    struct cli_name_list columns;
    int format; /* enum cli_format */
    bool is_quiet;
};

static enum strata_status take_clusters(const struct cli_flag *flag, const char *value, int *k,
                                        struct strata_error *err)
{
    *k = 0;
    if (strcmp(value, "auto") == 0)
        return STRATA_OK;
    enum strata_status status = cli_flag_int(flag, value, k, err);
    if (status == STRATA_OK && *k == 0)
        status = strata_fail(err, STRATA_USAGE, "--clusters: at least one cluster\nwrite a number from 1, or auto");
    return status;
}

static enum strata_status take_word(const struct cli_flag *flag, const char *value, struct request *request,
                                    struct strata_error *err)
{
    int position = 0;
    enum strata_status status = cli_flag_word(flag, value, &position, err);
    if (status != STRATA_OK)
        return status;
    if (flag->tag == CRITERION)
        request->options.criterion = (enum strata_config_criterion)position;
    else if (flag->tag == TRANSFORM)
        request->options.transform = (enum strata_config_transform)position;
    else if (flag->tag == SCALING)
        request->options.scaling = (enum strata_config_scaling)position;
    else if (flag->tag == MISSING)
        request->options.missing = (enum strata_config_missing)position;
    else if (flag->tag == SEEDING)
        request->options.seeding = (enum strata_config_seeding)position;
    else if (flag->tag == PRECISION)
        request->options.precision = (enum strata_config_precision)position;
    else
        request->format = position;
    return STRATA_OK;
}

static enum strata_status take(void *context, const struct cli_flag *flag, const char *value, struct strata_error *err)
{
    struct request *request = context;
    struct strata_cluster_file_options *options = &request->options;
    if (!flag && options->table)
        return strata_fail(err, STRATA_USAGE, "two tables: %s and %s\ncluster one at a time", options->table, value);
    if (!flag) {
        options->table = value;
        return STRATA_OK;
    }
    switch (flag->tag) {
    case COLUMNS: return cli_name_list_add(&request->columns, flag->name, value, err);
    case CLUSTERS: return take_clusters(flag, value, &options->k, err);
    case MAX_K: return cli_flag_int(flag, value, &options->max_k, err);
    case RESTARTS: return cli_flag_int(flag, value, &options->restarts, err);
    case MAX_ITERATIONS: return cli_flag_int(flag, value, &options->max_iterations, err);
    case TOLERANCE: return cli_flag_real(flag, value, &options->tolerance, err);
    case SEED: return cli_flag_unsigned(flag, value, &options->seed, err);
    case THREADS: return cli_flag_int(flag, value, &options->threads, err);
    case MIN_SIZE: return cli_flag_unsigned(flag, value, &options->min_size, err);
    case MIN_SHARE: return cli_flag_real(flag, value, &options->min_share, err);
    case PREVIOUS_MARGIN: return cli_flag_real(flag, value, &options->previous_margin, err);
    case WEIGHTS: options->weights = value; break;
    case INIT: options->init = value; break;
    case PREVIOUS: options->previous = value; break;
    case OUTPUT: options->output = value; break;
    case QUIET: request->is_quiet = true; break;
    default: return take_word(flag, value, request, err);
    }
    return STRATA_OK;
}

/* The line that other programs read. */
static void print_result(const struct strata_cluster_file_result *result)
{
    printf("{\"fit_seconds\":%.6f,\"inertia\":%.17g,\"iterations\":%d,\"sizes\":[", result->fit_seconds,
           result->inertia, result->iterations);
    for (int j = 0; j < result->k; j++)
        printf("%s%" PRIu64, j ? "," : "", result->sizes[j]);
    printf("],\"k\":%d,\"converged\":%s,\"output\":", result->k, result->converged ? "true" : "false");
    cli_put_json_or_null(stdout, result->output);
    fputs(",\"numbers\":[", stdout);
    for (int j = 0; j < result->k; j++)
        printf("%s%d", j ? "," : "", result->numbers[j]);
    fputs("]}\n", stdout);
}

static int cluster(const struct cli_command *command, struct request *request)
{
    struct cli_progress progress;
    struct strata_cluster_file_result result = {0};
    struct strata_error err = {0};
    enum cli_format format = (enum cli_format)request->format;
    request->options.columns = (const char *const *)request->columns.name;
    request->options.n_columns = request->columns.n;
    cli_progress_init(&progress, STRATA_CONFIG_PROGRESS_NEVER, format, request->is_quiet);
    struct strata_observer observer = cli_progress_observer(&progress);
    enum strata_status status = strata_cluster_file(&request->options, &observer, &result, &err);
    cli_progress_finish(&progress);
    if (status == STRATA_USAGE)
        return cli_fail_usage(command->name, &err, format);
    if (status != STRATA_OK)
        return cli_fail(&err, format);
    if (!request->is_quiet)
        fputs(result.summary, stdout);
    print_result(&result);
    strata_cluster_file_result_release(&result);
    return 0;
}

static int run(const struct cli_command *command, int argc, char **argv)
{
    struct request request = {.format = CLI_TEXT};
    struct strata_error err = {0};
    int wants_help = 0, code = 0;
    strata_cluster_file_options_init(&request.options);
    enum strata_status status = cli_flags_parse(flags_table, N_FLAGS, argc, argv, take, &request, &wants_help, &err);
    if (status == STRATA_OK && !wants_help && !request.options.table)
        status = strata_fail(&err, STRATA_USAGE, "which table?\nwrite strata cluster TABLE");
    if (status != STRATA_OK)
        code = cli_fail_usage(command->name, &err, (enum cli_format)request.format);
    else if (wants_help)
        cli_command_help(command);
    else
        code = cluster(command, &request);
    cli_name_list_release(&request.columns);
    return code;
}

const struct cli_command cli_command_cluster = {
    .name = "cluster",
    .arguments = "TABLE [options]",
    .summary = "Clusters of any numeric table, by k-means",
    .about = "TABLE is delimited text with a header, or HDF5: FILE.h5, or FILE.h5:/PLACE where\n"
             "that has several tables. These are groups of one-dimensional datasets, datasets\n"
             "with named members or of two dimensions (columns 1, 2, ...), and data frames of\n"
             "pandas. Datasets of one dimension beside one of two, as y beside X, are taken by\n"
             "--columns and --weights alone. A snapshot needs no place: its columns are those\n"
             "of /customers. Rows without a value in some column get no cluster. Clusters are\n"
             "numbered from the highest centroid in the first column (in monetary, if that is\n"
             "among them) down, or as in --previous. Other tables are assigned by the output\n"
             "with strata assign FILE.h5 --transactions TABLE. The last line on standard\n"
             "output is one line of JSON: fit_seconds (without reading and writing), inertia,\n"
             "iterations, sizes, k, converged, output, numbers.",
    .list_flags = list_flags,
    .run = run,
};
