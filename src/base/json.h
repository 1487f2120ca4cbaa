/* JSON text, written piece by piece to a stream. */
#ifndef STRATA_BASE_JSON_H
#define STRATA_BASE_JSON_H

#include <stdio.h>

/* A string in quotes, with everything escaped that JSON wants escaped; bytes that are not UTF-8 become U+FFFD. */
void strata_json_put_text(FILE *out, const char *text);

#endif
