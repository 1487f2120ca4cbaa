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
    strata_preparation_release(&clustering->preparation);
    free(clustering->fit_centroid);
    free(clustering->fit_cluster);
    free(clustering->centroid);
    free(clustering->centroid_scaled);
    free(clustering->size);
    free(clustering->trial);
    free(clustering->choice);
    free(clustering->label);
    *clustering = (struct strata_clustering){0};
}
