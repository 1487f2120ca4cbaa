#include "encoding.h"

#include <strings.h>

#include "named_encoding.h"

static const char *const words[] = {
#define STRATA_ENCODING_WORD(name, word) [STRATA_ENCODING_##name] = word,
    STRATA_ENCODINGS(STRATA_ENCODING_WORD)
#undef STRATA_ENCODING_WORD
};

const char *strata_encoding_word(enum strata_encoding encoding) { return words[encoding]; }

enum strata_encoding strata_encoding_of(const char *word)
{
    int encoding = STRATA_ENCODING_AUTO;
    while (encoding < STRATA_ENCODING_NAMED && strcasecmp(word, words[encoding]) != 0)
        ++encoding;
    return (enum strata_encoding)encoding;
}

enum strata_status strata_encoding_check(const char *word, struct strata_error *err)
{
    struct strata_named_encoding named = {0};
    if (strata_encoding_of(word) != STRATA_ENCODING_NAMED)
        return STRATA_OK;
    enum strata_status status = strata_named_encoding_init(&named, word, err);
    strata_named_encoding_release(&named);
    return status;
}
