/* Text in an encoding that the system's iconv knows by name, to UTF-8. Zeroed is none. */
#ifndef STRATA_INGEST_NAMED_ENCODING_H
#define STRATA_INGEST_NAMED_ENCODING_H

#include <iconv.h>
#include <stddef.h>
#include <strata/status.h>

struct strata_named_encoding {
    iconv_t converter;
};

/* STRATA_USAGE if iconv does not know it, or if it writes the characters that logs are made of (letters, digits, what
 * separates columns) otherwise than ASCII: UTF-16, UTF-32, UTF-7, EBCDIC. */
enum strata_status strata_named_encoding_init(struct strata_named_encoding *named, const char *name,
                                              struct strata_error *err) STRATA_MUST_USE;
void strata_named_encoding_release(struct strata_named_encoding *named);

/* From the beginning of a text again. */
void strata_named_encoding_rewind(struct strata_named_encoding *named);

/* The n bytes of `text` but what does not fit into `out` and a character at their end that is cut off: how many were
 * taken. *n_out of the `room` bytes are written; each byte that begins no character becomes STRATA_NO_CHARACTER. n 0:
 * the text is over. */
size_t strata_named_encoding_decode(struct strata_named_encoding *named, const char *text, size_t n, char *out,
                                    size_t room, size_t *n_out);

#endif
