#include <strata/assign.h>

#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "assign_table.h"
#include "check.h"
#include "memory.h"
#include "options.h"
#include "run_state.h"
#include "same_file.h"

/* These say what to do now, not how customers are to be seen. */
static bool is_of_this_run(const struct strata_option *option)
{
    return strcmp(option->group, "Running") == 0 || strcmp(option->group, "Output") == 0 ||
           strcmp(option->group, "Input") == 0;
}

/* Back to the default, an empty value where there is none. */
static enum strata_status reset(struct strata_config *config, const struct strata_option *option,
                                struct strata_error *err)
{
    strata_option_release(option, config);
    return option->default_text ? strata_option_assign(option, config, option->default_text, false, err) : STRATA_OK;
}

enum strata_status strata_assign_config(struct strata_config *config, const char *snapshot, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    char *text = NULL;
    STRATA_TRY(strata_snapshot_config_read(snapshot, &text, err));
    status = strata_config_load_text(config, snapshot, text, strlen(text), err);
    if (status == STRATA_USAGE)
        status = strata_option_blame(err, STRATA_REJECTED, "the configuration in the snapshot");
    STRATA_TRY(status);
    for (size_t i = 0; i < strata_option_count(); i++)
        if (is_of_this_run(strata_option_at(i)))
            STRATA_TRY(reset(config, strata_option_at(i), err));
done:
    free(text);
    return status;
}

static enum strata_status check_output(const struct strata_config *config, const char *snapshot,
                                       struct strata_error *err)
{
    if (!strata_is_same_file(config->output, snapshot))
        return STRATA_OK;
    return strata_fail(err, STRATA_USAGE, "the output %s is also the snapshot to assign by\ngive another name",
                       config->output);
}

static enum strata_status read_earlier(const char *snapshot, struct strata_run_earlier *earlier,
                                       struct strata_error *err)
{
    const char *names[STRATA_N_SCORES];
    for (int s = 0; s < STRATA_N_SCORES; ++s)
        names[s] = strata_score_specs[s].score;
    earlier->path = snapshot;
    return strata_snapshot_source_read(snapshot, names, STRATA_N_SCORES, &earlier->stored, err);
}

/* The method of a stored score, which must be the one that the configuration made it with. */
static enum strata_status find_method(const struct strata_run_state *run, int s, enum strata_score_method *method,
                                      struct strata_error *err)
{
    const struct strata_stored_score *stored = &run->earlier->stored.score[s];
    enum strata_status status = strata_score_method_parse(stored->method, method, err);
    if (status == STRATA_OK && *method == strata_run_score_method(run->config) &&
        stored->n_thresholds + 1 == strata_config_score_levels(run->config))
        return STRATA_OK;
    return strata_fail(err, STRATA_REJECTED, "%s: the thresholds of %s are not of its configuration",
                       run->earlier->path, strata_score_specs[s].score);
}

static enum strata_status score(struct strata_run_state *run, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    for (int s = 0; s < STRATA_N_SCORES; ++s) {
        const struct strata_stored_score *stored = &run->earlier->stored.score[s];
        enum strata_score_method method;
        STRATA_TRY(find_method(run, s, &method, err));
        if (method == STRATA_SCORE_NTILE && s == 0)
            strata_run_log(run, STRATA_EVENT_WARNING, "segments",
                           "the scores are of the method ntile, which divides customers of equal value: here they "
                           "stay together, at the lower level");
        STRATA_TRY(strata_table_make_column(&run->table, &strata_score_columns[s], NULL, err));
        int8_t *score = run->table.columns[run->table.n_columns - 1].values;
        STRATA_TRY(strata_score_apply(&run->table, &strata_score_specs[s], method, stored->value, stored->n_thresholds,
                                      strata_run_table_threads(run), score, &run->thresholds[s], err));
        strata_table_rest(&run->table);
    }
done:
    return status;
}

static enum strata_status cluster(struct strata_run_state *run, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    int16_t *label;
    run->clustering = run->earlier->stored.clustering;
    run->earlier->stored.clustering = (struct strata_clustering){0};
    if (run->clustering.k == 0) {
        strata_run_log(run, STRATA_EVENT_LOG, "clusters", "%s has no clusters", run->earlier->path);
        goto done;
    }
    STRATA_TRY(strata_run_make_clusters(run, &label, err));
    STRATA_TRY(strata_cluster_assign(&run->table, &run->clustering, strata_run_table_threads(run), label, err));
    STRATA_TRY(strata_run_sum_up_clusters(run, err));
done:
    return status;
}

enum strata_status strata_assign(const char *snapshot, const struct strata_config *config,
                                 const struct strata_observer *observer, struct strata_run_result *result,
                                 struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_run_earlier earlier = {0};
    struct strata_run_state run = {
        .config = config,
        .observer = observer,
        .threads = config->threads ? (int)config->threads : omp_get_max_threads(),
        .started = omp_get_wtime(),
        .earlier = &earlier,
    };
    *result = (struct strata_run_result){0};
    STRATA_TRY(strata_config_validate(config, err));
    STRATA_TRY(check_output(config, snapshot, err));
    STRATA_TRY(read_earlier(snapshot, &earlier, err));
    STRATA_TRY(strata_publication_begin(&run.output, config->output, err));
    STRATA_TRY(strata_run_settle_memory(&run, err));
    STRATA_TRY(strata_run_read(&run, err));
    STRATA_TRY(strata_run_compute_features(&run, err));
    strata_run_announce(&run, "segments");
    STRATA_TRY(score(&run, err));
    STRATA_TRY(strata_run_segment(&run, err));
    strata_run_announce(&run, "clusters");
    STRATA_TRY(cluster(&run, err));
    strata_run_announce(&run, "snapshot");
    STRATA_TRY(strata_run_publish(&run, err));
    STRATA_TRY(strata_run_fill_result(&run, result, err));
done:
    strata_run_state_release(&run);
    strata_snapshot_source_release(&earlier.stored);
    return status;
}
