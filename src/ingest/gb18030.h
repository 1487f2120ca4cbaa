/* GB18030 (and so GBK and GB2312) to UTF-8. ASCII is itself; other characters have two bytes, or four with digits as
 * the second and the fourth. The system's iconv knows the characters. */
#ifndef STRATA_INGEST_GB18030_H
#define STRATA_INGEST_GB18030_H

#include <iconv.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <strata/status.h>

/* Zeroed is none. */
struct strata_gb18030 {
    iconv_t converter;
    uint32_t *two_bytes; /* the UTF-8 of each character of two bytes, the first byte lowest; 0: there is none */
};

/* STRATA_IO if the system does not know GB18030. */
enum strata_status strata_gb18030_init(struct strata_gb18030 *gb, struct strata_error *err) STRATA_MUST_USE;
void strata_gb18030_release(struct strata_gb18030 *gb);

/* The n bytes of `text` but a character at their end that is cut off: how many were taken. `out` has room for
 * 2 * n + 4 bytes (a few characters of two bytes have four in UTF-8), *n_out of them are written; each byte that begins
 * no character becomes STRATA_NO_CHARACTER. */
size_t strata_gb18030_decode(const struct strata_gb18030 *gb, const char *text, size_t n, char *out, size_t *n_out);

/* Is all of the text GB18030, the last character perhaps cut off, and are at least four characters and three of four
 * of those beyond ASCII the usual ones of GB2312? Latin, Cyrillic and Japanese encodings hardly ever are. */
bool strata_gb18030_is_likely(const struct strata_gb18030 *gb, const char *text, size_t n);

#endif
