/* Is it UTF-8? (RFC 3629: no surrogates, no overlong forms, nothing beyond U+10FFFF.) */
#ifndef STRATA_BASE_UTF8_H
#define STRATA_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of the character at text[0] (n >= 1), 0 if it is none. */
size_t strata_utf8_character(const char *text, size_t n);

bool strata_utf8_is_valid(const char *text, size_t n);

/* Make n bytes fit for a terminal: control characters become '?', and all bytes beyond ASCII if they are not UTF-8. */
void strata_utf8_make_printable(char *text, size_t n);

/* The most bytes, at most `limit`, that do not cut a character in two. */
size_t strata_utf8_cut(const char *text, size_t n, size_t limit);

#endif
