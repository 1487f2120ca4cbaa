#include "results.h"

#include <stdlib.h>

void strata_clustering_release(struct strata_clustering *clustering)
{
    for (int c = 0; clustering->column && c < clustering->d; ++c)
        free(clustering->column[c]);
    for (int j = 0; clustering->label && j < clustering->k; ++j) {
        free((char *)clustering->label[j].name);
        free((char *)clustering->label[j].name_zh);
    }
    free(clustering->column);
    free(clustering->weights);
    strata_preparation_release(&clustering->preparation);
    free(clustering->fit_centroid);
    free(clustering->fit_cluster);
    free(clustering->centroid);
    free(clustering->centroid_scaled);
    free(clustering->size);
    free(clustering->trial);
    free(clustering->choice);
    free(clustering->label);
    free(clustering->continuity.run_id);
    free(clustering->continuity.moved);
    free(clustering->continuity.sentence);
    free(clustering->profile.customer_share);
    free(clustering->profile.revenue_share);
    free(clustering->profile.median);
    free(clustering->profile.difference);
    for (int i = 0; clustering->profile.feature && i < clustering->profile.n_features; ++i)
        free(clustering->profile.feature[i]);
    free(clustering->profile.feature);
    free(clustering->profile.feature_median);
    free(clustering->profile.feature_difference);
    *clustering = (struct strata_clustering){0};
}
