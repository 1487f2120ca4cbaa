/* How text is encoded. */
#ifndef STRATA_INGEST_ENCODING_H
#define STRATA_INGEST_ENCODING_H

#include <strata/status.h>

/* X(NAME, word in options; NULL: any name that iconv knows) */
#define STRATA_ENCODINGS(X)                                                                                            \
    X(AUTO, "auto")                                                                                                    \
    X(UTF_8, "utf-8")                                                                                                  \
    X(GB18030, "gb18030")                                                                                              \
    X(UTF_16, "utf-16")                                                                                                \
    X(NAMED, NULL)

enum strata_encoding {
#define STRATA_ENCODING_ENUM(name, word) STRATA_ENCODING_##name,
    STRATA_ENCODINGS(STRATA_ENCODING_ENUM)
#undef STRATA_ENCODING_ENUM
};

const char *strata_encoding_word(enum strata_encoding encoding);

/* Of a word in any case; NAMED for all that are none of the list. */
enum strata_encoding strata_encoding_of(const char *word);

/* STRATA_USAGE for a word that is no encoding which can be read. */
enum strata_status strata_encoding_check(const char *word, struct strata_error *err) STRATA_MUST_USE;

/* What stands in UTF-8 text for bytes that are no character: never valid there. */
#define STRATA_NO_CHARACTER '\xff'

/* Bytes from the beginning of a text from which its encoding is told. */
enum { STRATA_ENCODING_SAMPLE = 256 << 10 };

#endif
