/* From decoded bytes to UTF-8 text: what comes behind the decoder where a file is not UTF-8, or not known to be.
 *
 * Nothing is lost silently: bytes that are no character become STRATA_NO_CHARACTER, which is valid in no field that is
 * stored as text; a character that the end cuts off is STRATA_REJECTED. For one thread at a time. */
#ifndef STRATA_INGEST_TRANSCODER_H
#define STRATA_INGEST_TRANSCODER_H

#include "decoder.h"
#include "encoding.h"
#include "gb18030.h"
#include "named_encoding.h"

struct strata_transcoder {
    enum strata_encoding encoding; /* AUTO until it is decided */
    const char *name;              /* as it was declared; borrowed */
    bool is_decided;
    bool is_guessed;    /* from the text, without a mark or a declaration */
    bool is_big_endian; /* of UTF-16 */
    struct strata_gb18030 gb18030;
    struct strata_named_encoding named;
    uint64_t n_characters; /* beyond ASCII, that were transcoded */
    char *raw;             /* n_raw bytes that are not transcoded yet */
    size_t n_raw, raw_capacity;
};

/* Declared, by a word as strata_encoding_check takes it (NULL is "auto"); UTF-8 is decided with that. Nothing is
 * allocated. */
void strata_transcoder_init(struct strata_transcoder *transcoder, const char *encoding);
void strata_transcoder_release(struct strata_transcoder *transcoder);

/* Decide what the text is that begins with these bytes. AUTO: UTF-16 has a byte order mark; what is no UTF-8 and
 * likely to be GB18030 is that; all else is UTF-8. UTF-16 that is declared and has neither byte order mark nor ASCII to
 * begin with is STRATA_REJECTED. */
enum strata_status strata_transcoder_decide(struct strata_transcoder *transcoder, const char *beginning, size_t n,
                                            const char *path, struct strata_error *err) STRATA_MUST_USE;

/* What it is, as a word; "auto" until it is decided. */
const char *strata_transcoder_encoding(const struct strata_transcoder *transcoder);

/* The text from its beginning again. */
void strata_transcoder_rewind(struct strata_transcoder *transcoder);

/* As strata_decoder_fetch, but the piece is UTF-8 (and whole, unless the text was UTF-8 before). */
enum strata_status strata_transcoder_fetch(struct strata_transcoder *transcoder, struct strata_decoder *decoder,
                                           struct strata_piece *piece, struct strata_error *err) STRATA_MUST_USE;

#endif
