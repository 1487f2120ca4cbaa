#include <stdlib.h>
#include <strata/config.h>
#include <strata/report.h>
#include <strata/snapshot.h>
#include <string.h>

#include "command.h"
#include "message.h"

enum { LANG, SCHEME, N_FLAGS };

static const struct cli_flag flags_table[N_FLAGS] = {
    [LANG] = {.name = "lang",
              .metavar = "LANGUAGE",
              .group = "Options",
              .help = "language of the names",
              .words = "en|zh",
              .default_text = "en",
              .tag = LANG},
    [SCHEME] = {.name = "scheme",
                .metavar = "NAME",
                .group = "Options",
                .help = "show one scheme, such as segment or cluster; all of them otherwise",
                .tag = SCHEME},
};

static size_t list_flags(struct cli_flag flags[])
{
    memcpy(flags, flags_table, sizeof flags_table);
    return N_FLAGS;
}

struct request {
    const char *path, *scheme;
    int language; /* enum strata_language */
};

static enum strata_status take(void *context, const struct cli_flag *flag, const char *value, struct strata_error *err)
{
    struct request *request = context;
    if (flag && flag->tag == LANG)
        return cli_flag_word(flag, value, &request->language, err);
    if (!flag && request->path)
        return strata_fail(err, STRATA_USAGE, "two snapshots: %s and %s\nshow one at a time", request->path, value);
    if (flag)
        request->scheme = value;
    else
        request->path = value;
    return STRATA_OK;
}

static enum strata_status fail_scheme(const struct strata_snapshot *snapshot, const struct request *request,
                                      struct strata_error *err)
{
    char all[512] = "";
    const char *names[16];
    size_t n = 0;
    for (; n < snapshot->n_segmentations && n < 16; n++) {
        names[n] = snapshot->segmentations[n].scheme;
        size_t used = strlen(all);
        snprintf(all + used, sizeof all - used, "%s%s", n ? ", " : "", names[n]);
    }
    const char *near = strata_nearest_name(request->scheme, names, n);
    return strata_fail(err, STRATA_USAGE, "%s has no scheme %s\n%s%s%sit has: %s", request->path, request->scheme,
                       near ? "did you mean " : "", near ? near : "", near ? "? " : "", n ? all : "none");
}

static enum strata_status show_differences(const struct strata_snapshot *snapshot, const struct request *request,
                                           struct strata_error *err)
{
    static const char *const title[] = {
        [STRATA_ENGLISH] = "what sets the clusters apart, in standard deviations from the other customers",
        [STRATA_CHINESE] = "各群组与其余客户的差异(以标准差计)"};
    char *text = NULL;
    enum strata_status status =
        strata_report_differences(&snapshot->clusters, (enum strata_language)request->language, &text, err);
    if (status == STRATA_OK)
        printf("\n%s\n%s", title[request->language], text);
    free(text);
    return status;
}

static enum strata_status show(const struct strata_snapshot *snapshot, const struct request *request,
                               struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    size_t n_shown = 0;
    printf("%s: %llu customers, as of %s\n", request->path, (unsigned long long)snapshot->customers,
           snapshot->as_of ? snapshot->as_of : "an unknown day");
    for (size_t i = 0; i < snapshot->n_segmentations && status == STRATA_OK; i++) {
        const struct strata_segmentation *segmentation = &snapshot->segmentations[i];
        char *text = NULL;
        if (request->scheme && strcmp(request->scheme, segmentation->scheme) != 0)
            continue;
        status = strata_report_segments(segmentation, (enum strata_language)request->language, &text, err);
        if (status == STRATA_OK)
            printf("\n%s (%s)\n%s", segmentation->scheme, segmentation->map, text);
        free(text);
        if (status == STRATA_OK && strcmp(segmentation->scheme, "cluster") == 0 && snapshot->clusters.k > 0)
            status = show_differences(snapshot, request, err);
        n_shown++;
    }
    if (status == STRATA_OK && request->scheme && !n_shown)
        status = fail_scheme(snapshot, request, err);
    return status;
}

static int read_and_show(const struct request *request)
{
    struct strata_snapshot snapshot = {0};
    struct strata_error err = {0};
    enum strata_status status = strata_snapshot_read(request->path, &snapshot, &err);
    if (status == STRATA_OK)
        status = show(&snapshot, request, &err);
    strata_snapshot_release(&snapshot);
    return status == STRATA_OK ? 0 : cli_fail(&err, CLI_TEXT);
}

static int run(const struct cli_command *command, int argc, char **argv)
{
    struct request request = {.language = STRATA_ENGLISH};
    struct strata_error err = {0};
    int wants_help = 0;
    enum strata_status status = cli_flags_parse(flags_table, N_FLAGS, argc, argv, take, &request, &wants_help, &err);
    if (status == STRATA_OK && !wants_help && !request.path)
        status = strata_fail(&err, STRATA_USAGE, "which snapshot?\nwrite strata show SNAPSHOT");
    if (status != STRATA_OK)
        return cli_fail_usage(command->name, &err, CLI_TEXT);
    if (wants_help) {
        cli_command_help(command);
        return 0;
    }
    return read_and_show(&request);
}

const struct cli_command cli_command_show = {
    .name = "show",
    .arguments = "SNAPSHOT [options]",
    .summary = "The segments of a snapshot as a table",
    .list_flags = list_flags,
    .run = run,
};
