#include "names.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "memory.h"

enum level { HIGH, MIDDLE, LOW, N_LEVELS };
enum language { ENGLISH, CHINESE, N_LANGUAGES };

/* The words for high, middle and low values of columns that everybody knows. */
static const struct {
    const char *column;
    const char *word[N_LANGUAGES][N_LEVELS];
} known[] = {
    {"recency", {{"long ago", "fairly recent", "recent"}, {"久远", "中期", "近期"}}},
    {"r_score", {{"recent", "fairly recent", "long ago"}, {"近期", "中期", "久远"}}},
    {"frequency", {{"frequent", "occasional", "rare"}, {"高频", "中频", "低频"}}},
    {"f_score", {{"frequent", "occasional", "rare"}, {"高频", "中频", "低频"}}},
    {"monetary", {{"high value", "medium value", "low value"}, {"高价值", "中价值", "低价值"}}},
    {"m_score", {{"high value", "medium value", "low value"}, {"高价值", "中价值", "低价值"}}},
};
static const char *const generic[N_LANGUAGES][N_LEVELS] = {{"high", "middle", "low"}, {"高", "中", "低"}};
static const char *const separator[N_LANGUAGES] = {", ", "、"};
static const char *const everybody[2][N_LANGUAGES] = {{"all customers", "全部客户"}, {"all rows", "全部行"}};

/* The third of the clusters in which cluster j ranks by column c. The lowest are low, however many are equal. */
static enum level level_of(const double *centroid, int k, int d, int j, int c)
{
    int above = 0, below = 0;
    double value = centroid[(size_t)j * (size_t)d + (size_t)c];
    for (int other = 0; other < k; ++other) {
        double theirs = centroid[(size_t)other * (size_t)d + (size_t)c];
        above += theirs > value;
        below += theirs < value;
    }
    if (above == 0 && below == 0)
        return MIDDLE;
    if (below == 0)
        return LOW;
    return (enum level)(above * N_LEVELS / k);
}

/* Append one column's word; false if there is no memory. */
static bool append_word(char **name, enum language language, const char *column, enum level level)
{
    const char *word = NULL;
    char *longer;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; ++i)
        if (strcmp(known[i].column, column) == 0)
            word = known[i].word[language][level];
    const char *before = *name ? *name : "", *gap = *name ? separator[language] : "";
    const char *quality = generic[language][level];
    int length = word                  ? asprintf(&longer, "%s%s%s", before, gap, word)
                 : language == ENGLISH ? asprintf(&longer, "%s%s%s %s", before, gap, quality, column)
                                       : asprintf(&longer, "%s%s%s %s", before, gap, column, quality);
    if (length < 0)
        return false;
    free(*name);
    *name = longer;
    return true;
}

/* The name without a number; NULL if there is no memory. */
static char *compose(const double *centroid, int k, int d, const char *const *column, bool of_rows, int j,
                     enum language language)
{
    if (k == 1)
        return strata_copy_string(everybody[of_rows][language]);
    char *name = NULL;
    for (int c = 0; c < d; ++c)
        if (!append_word(&name, language, column[c], level_of(centroid, k, d, j, c))) {
            free(name);
            return NULL;
        }
    return name;
}

/* "name" -> "name 2"; false if there is no memory. */
static bool append_number(const char **name, int number)
{
    char *longer;
    if (asprintf(&longer, "%s %d", *name, number) < 0)
        return false;
    free((char *)*name);
    *name = longer;
    return true;
}

static bool is_taken(const struct strata_label *label, int k, int j, const char *name)
{
    for (int other = 0; other < k; ++other)
        if (other != j && label[other].name && strcmp(label[other].name, name) == 0)
            return true;
    return false;
}

/* Number a name that another cluster has. */
static bool make_unique(struct strata_label *label, int k, int j)
{
    char *name = NULL;
    int number = 1;
    if (!is_taken(label, k, j, label[j].name))
        return true;
    do {
        free(name);
        if (asprintf(&name, "%s %d", label[j].name, ++number) < 0)
            return false;
    } while (is_taken(label, k, j, name));
    free(name);
    return append_number(&label[j].name, number) && append_number(&label[j].name_zh, number);
}

enum strata_status strata_cluster_names(const double *centroid, int k, int d, const char *const *column, bool of_rows,
                                        struct strata_label *label, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    for (int j = 0; j < k; ++j) {
        if (label[j].name)
            continue;
        label[j].name = compose(centroid, k, d, column, of_rows, j, ENGLISH);
        label[j].name_zh = compose(centroid, k, d, column, of_rows, j, CHINESE);
        if (!label[j].name || !label[j].name_zh || !make_unique(label, k, j))
            STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory: the names of %d clusters", k);
    }
done:
    return status;
}
