#include "check.h"
#include "run_state.h"

static const struct strata_column segment_column = {
    "segment", STRATA_I16, "1", "Segment of the map, by the scores of recency, frequency and monetary"};

/* The configuration's methods, in the order of its enum behind "auto". */
static const enum strata_score_method methods[] = {
    [STRATA_CONFIG_SCORE_QUANTILE] = STRATA_SCORE_QUANTILE, [STRATA_CONFIG_SCORE_NTILE] = STRATA_SCORE_NTILE,
    [STRATA_CONFIG_SCORE_R_RFM] = STRATA_SCORE_R_RFM,       [STRATA_CONFIG_SCORE_FIXED] = STRATA_SCORE_FIXED,
    [STRATA_CONFIG_SCORE_MEAN] = STRATA_SCORE_MEAN,
};

enum strata_score_method strata_run_score_method(const struct strata_config *config)
{
    return methods[strata_config_score_method(config)];
}

enum strata_status strata_run_score(struct strata_run_state *run, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const struct strata_config *config = run->config;
    const struct strata_number_list *cuts[STRATA_N_SCORES] = {
        [STRATA_R_SCORE] = &config->scores.recency_cuts,
        [STRATA_F_SCORE] = &config->scores.frequency_cuts,
        [STRATA_M_SCORE] = &config->scores.monetary_cuts,
    };
    struct strata_table *table = &run->table;
    for (int s = 0; s < STRATA_N_SCORES; ++s) {
        const struct strata_score_options options = {
            .method = strata_run_score_method(config),
            .levels = strata_config_score_levels(config),
            .cuts = cuts[s]->item,
            .n_cuts = (int)cuts[s]->n,
            .threads = strata_run_table_threads(run),
        };
        STRATA_TRY(strata_table_make_column(table, &strata_score_columns[s], NULL, err));
        int8_t *score = table->columns[table->n_columns - 1].values;
        STRATA_TRY(strata_score_compute(table, &strata_score_specs[s], &options, score, &run->thresholds[s], err));
        strata_table_rest(table);
    }
done:
    return status;
}

/* The columns of the snapshot are doubles. */
static void tell_rounded(const struct strata_run_state *run, const struct strata_segmentation *segmentation)
{
    if (segmentation->n_rounded)
        strata_run_log(
            run, STRATA_EVENT_WARNING, "segments",
            "%llu customers have amounts that add up to more than 2^52 units of the last decimal, which numbers of the "
            "snapshot do not hold exactly: theirs, and the revenue of their segments, are rounded to 16 digits; fewer "
            "--amount-decimals leave more room",
            (unsigned long long)segmentation->n_rounded);
}

enum strata_status strata_run_segment(struct strata_run_state *run, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_table *table = &run->table;
    const struct strata_score_scale scale = strata_config_score_scale(run->config);
    STRATA_TRY(strata_config_map_init(&run->map, run->config, err));
    STRATA_TRY(strata_segment_labels_init(&run->segment_labels, &run->map.map, scale, err));
    STRATA_TRY(strata_table_make_column(table, &segment_column, &run->segment_labels.labels, err));
    int16_t *label = table->columns[table->n_columns - 1].values;
    strata_segments_assign(&run->map.map, scale, strata_table_find(table, "r_score")->values,
                           strata_table_find(table, "f_score")->values, strata_table_find(table, "m_score")->values,
                           table->n_rows, label, strata_run_table_threads(run));
    STRATA_TRY(strata_segmentation_summarise(table, label, &run->segment_labels.labels, segment_column.name,
                                             run->map.map.name, run->window.amount_decimals,
                                             strata_run_table_threads(run), &run->segmentation[run->n_segmentations],
                                             err));
    tell_rounded(run, &run->segmentation[run->n_segmentations]);
    ++run->n_segmentations;
    strata_table_rest(table);
done:
    return status;
}
