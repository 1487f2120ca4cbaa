#include "previous_clusters.h"

#include <stdlib.h>

void strata_previous_clusters_release(struct strata_previous_clusters *previous)
{
    for (int c = 0; previous->column && c < previous->d; ++c)
        free(previous->column[c]);
    for (int j = 0; previous->label && j < previous->k; ++j) {
        free((char *)previous->label[j].name);
        free((char *)previous->label[j].name_zh);
    }
    free(previous->column);
    free(previous->centroid);
    free(previous->label);
    free(previous->run_id);
    *previous = (struct strata_previous_clusters){0};
}
