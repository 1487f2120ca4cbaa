#include "order.h"

#include <stdlib.h>
#include <string.h>

static int compare_values(const void *first, const void *second)
{
    const struct strata_cluster_place *a = first, *b = second;
    double difference = b->centroid[a->leading] - a->centroid[a->leading];
    for (int c = 0; difference == 0 && c < a->d; ++c)
        difference = b->centroid[c] - a->centroid[c];
    return difference != 0 ? (difference > 0) - (difference < 0)
                           : (a->cluster > b->cluster) - (a->cluster < b->cluster);
}

static int compare_numbers(const void *first, const void *second)
{
    const struct strata_cluster_place *a = first, *b = second;
    return (a->number > b->number) - (a->number < b->number);
}

void strata_places_order(const double *centroid, int k, int d, const char *const *column,
                         struct strata_cluster_place *place)
{
    int leading = 0;
    for (int c = 0; c < d; ++c)
        if (strcmp(column[c], "monetary") == 0)
            leading = c;
    for (int j = 0; j < k; ++j)
        place[j] = (struct strata_cluster_place){
            .centroid = centroid + (size_t)j * (size_t)d, .d = d, .leading = leading, .cluster = j, .earlier = -1};
    qsort(place, (size_t)k, sizeof *place, compare_values);
    for (int i = 0; i < k; ++i)
        place[i].number = (int16_t)(i + 1);
}

static int16_t lowest_free(const struct strata_cluster_place *place, int k)
{
    for (int16_t number = 1;; ++number) {
        bool is_free = true;
        for (int i = 0; i < k; ++i)
            is_free = is_free && place[i].number != number;
        if (is_free)
            return number;
    }
}

void strata_places_renumber(struct strata_cluster_place *place, int k, const struct strata_clustering *previous,
                            const int *earlier)
{
    int next = previous->next_number;
    for (int i = 0; i < k; ++i) {
        place[i].earlier = earlier[place[i].cluster];
        place[i].number = place[i].earlier < 0 ? 0 : previous->label[place[i].earlier].value;
    }
    for (int i = 0; i < k; ++i)
        if (place[i].earlier < 0)
            place[i].number = next <= INT16_MAX ? (int16_t)next++ : lowest_free(place, k);
    qsort(place, (size_t)k, sizeof *place, compare_numbers);
}
