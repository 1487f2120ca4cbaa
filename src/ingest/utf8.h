/* Is it UTF-8? (RFC 3629: no surrogates, no overlong forms, nothing beyond U+10FFFF.) */
#ifndef STRATA_INGEST_UTF8_H
#define STRATA_INGEST_UTF8_H

#include <stdbool.h>
#include <stddef.h>

bool strata_utf8_is_valid(const char *text, size_t n);

/* The most bytes, at most `limit`, that do not cut a character in two. */
size_t strata_utf8_cut(const char *text, size_t n, size_t limit);

#endif
