/* Inside the options: what reading a value from text and writing it share. */
#ifndef STRATA_PIPELINE_OPTION_FIELD_H
#define STRATA_PIPELINE_OPTION_FIELD_H

#include "options.h"

static inline void *strata_option_field_of(const struct strata_option *option, const struct strata_config *config)
{
    return (char *)(uintptr_t)config + option->offset;
}

enum { STRATA_OPTION_MOST_WORDS = 16, STRATA_OPTION_LONGEST_WORDS = 128 };

/* "a|b|c" to separate words in `store`, which has the size of `words`. Returns how many. */
size_t strata_option_split_words(const char *words, char *store, const char *word[], size_t capacity);

/* Units of sizes: each is 1024 of the one before, the first 1024 bytes. */
extern const char strata_option_size_letters[];

#endif
