#include "encoding.h"

const char *strata_encoding_word(enum strata_encoding encoding)
{
    static const char *const words[] = {
#define STRATA_ENCODING_WORD(name, word) [STRATA_ENCODING_##name] = word,
        STRATA_ENCODINGS(STRATA_ENCODING_WORD)
#undef STRATA_ENCODING_WORD
    };
    return words[encoding];
}
