#include "transcoder.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "memory.h"
#include "utf16.h"
#include "utf8.h"

/* A byte becomes three at most, but for a few encodings, of which the rest of the text then waits for the next piece.
 */
enum { NAMED_BYTES = 3, NAMED_LEAST_BYTES = 64 };

void strata_transcoder_init(struct strata_transcoder *transcoder, const char *encoding)
{
    *transcoder = (struct strata_transcoder){.name = encoding};
    transcoder->encoding = encoding ? strata_encoding_of(encoding) : STRATA_ENCODING_AUTO;
    transcoder->is_decided = transcoder->encoding == STRATA_ENCODING_UTF_8;
}

void strata_transcoder_release(struct strata_transcoder *transcoder)
{
    strata_gb18030_release(&transcoder->gb18030);
    strata_named_encoding_release(&transcoder->named);
    free(transcoder->raw);
    *transcoder = (struct strata_transcoder){0};
}

void strata_transcoder_rewind(struct strata_transcoder *transcoder)
{
    transcoder->n_raw = 0;
    transcoder->n_characters = 0;
    strata_named_encoding_rewind(&transcoder->named);
}

static bool begins_with(const char *text, size_t n, const char *magic, size_t n_magic)
{
    return n >= n_magic && memcmp(text, magic, n_magic) == 0;
}

/* Valid, but for a character that the end of the sample may cut. */
static bool is_utf8(const char *text, size_t n)
{
    for (size_t cut = 1; cut < 4 && cut <= n; ++cut) {
        unsigned char byte = (unsigned char)text[n - cut];
        if (byte >= 0xc2 && !strata_utf8_character(text + n - cut, cut))
            return strata_utf8_is_valid(text, n - cut);
        if (byte < 0x80 || byte >= 0xc0)
            break;
    }
    return strata_utf8_is_valid(text, n);
}

/* How many units of UTF-16 are ASCII, if their high bytes come first or second. */
static size_t count_ascii_units(const char *text, size_t n, bool is_big_endian)
{
    size_t count = 0;
    for (size_t i = 0; i + 1 < n; i += 2) {
        const char high = text[i + !is_big_endian], low = text[i + is_big_endian];
        count += !high && low && (unsigned char)low < 0x80;
    }
    return count;
}

/* Where there is no byte order mark, the order in which there are more digits and separators. Other characters seldom
 * look like ASCII in the wrong order, and rows are full of it, whatever language their names are in. */
static enum strata_status decide_order(struct strata_transcoder *transcoder, const char *text, size_t n,
                                       const char *path, struct strata_error *err)
{
    transcoder->is_big_endian = begins_with(text, n, "\xfe\xff", 2);
    if (n < 2 || transcoder->is_big_endian || begins_with(text, n, "\xff\xfe", 2))
        return STRATA_OK;
    const size_t n_little = count_ascii_units(text, n, false), n_big = count_ascii_units(text, n, true);
    transcoder->is_big_endian = n_big > n_little;
    if (n_big != n_little)
        return STRATA_OK;
    return strata_fail(err, STRATA_REJECTED,
                       "%s has no byte order mark and does not look like UTF-16; leave out --encoding, or name another",
                       path);
}

enum strata_status strata_transcoder_decide(struct strata_transcoder *transcoder, const char *beginning, size_t n,
                                            const char *path, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_error ignored;
    bool has_mark = begins_with(beginning, n, "\xfe\xff", 2) ||
                    (begins_with(beginning, n, "\xff\xfe", 2) && !begins_with(beginning, n, "\xff\xfe\0\0", 4));
    transcoder->is_decided = true;
    if (transcoder->encoding == STRATA_ENCODING_GB18030)
        return strata_gb18030_init(&transcoder->gb18030, err);
    if (transcoder->encoding == STRATA_ENCODING_NAMED)
        return strata_named_encoding_init(&transcoder->named, transcoder->name, err);
    if (transcoder->encoding == STRATA_ENCODING_UTF_16 || has_mark) {
        transcoder->encoding = STRATA_ENCODING_UTF_16;
        return decide_order(transcoder, beginning, n, path, err);
    }
    transcoder->encoding = STRATA_ENCODING_UTF_8;
    if (is_utf8(beginning, n))
        goto done;
    status = strata_gb18030_init(&transcoder->gb18030, &ignored);
    if (status == STRATA_MEMORY)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "%s", ignored.message);
    transcoder->is_guessed = status == STRATA_OK && strata_gb18030_is_likely(&transcoder->gb18030, beginning, n);
    if (transcoder->is_guessed)
        transcoder->encoding = STRATA_ENCODING_GB18030;
    else
        strata_gb18030_release(&transcoder->gb18030);
    status = STRATA_OK;
done:
    return status;
}

static enum strata_status append(struct strata_transcoder *transcoder, const struct strata_piece *piece,
                                 struct strata_error *err)
{
    size_t needed = transcoder->n_raw + piece->n;
    if (needed > transcoder->raw_capacity) {
        size_t capacity = needed + needed / 2;
        char *grown = realloc(transcoder->raw, capacity);
        if (!grown)
            return strata_fail_memory(err, "text to be transcoded", capacity, 1);
        transcoder->raw = grown;
        transcoder->raw_capacity = capacity;
    }
    if (piece->n)
        memcpy(transcoder->raw + transcoder->n_raw, piece->bytes, piece->n);
    transcoder->n_raw = needed;
    return STRATA_OK;
}

/* Characters of UTF-8 beyond ASCII. */
static uint64_t count_characters(const char *text, size_t n)
{
    uint64_t count = 0;
    for (size_t i = 0; i < n; ++i)
        count += (unsigned char)text[i] >= 0xc0 && text[i] != STRATA_NO_CHARACTER;
    return count;
}

/* The raw bytes as UTF-8 into the piece. */
static enum strata_status transcode(struct strata_transcoder *transcoder, struct strata_piece *piece,
                                    struct strata_error *err)
{
    size_t n = transcoder->n_raw, taken = n;
    const bool is_named = transcoder->encoding == STRATA_ENCODING_NAMED;
    const size_t room = is_named ? NAMED_BYTES * n + NAMED_LEAST_BYTES : 2 * n + 4;
    enum strata_status status = strata_piece_reserve(piece, room, err);
    piece->n = 0;
    if (status != STRATA_OK || (n == 0 && !is_named))
        return status;
    if (is_named)
        taken = strata_named_encoding_decode(&transcoder->named, transcoder->raw, n, piece->bytes, room, &piece->n);
    else if (transcoder->encoding == STRATA_ENCODING_GB18030)
        taken = strata_gb18030_decode(&transcoder->gb18030, transcoder->raw, n, piece->bytes, &piece->n);
    else if (transcoder->encoding == STRATA_ENCODING_UTF_16)
        taken = strata_utf16_decode(transcoder->raw, n, transcoder->is_big_endian, piece->bytes, &piece->n);
    else
        memcpy(piece->bytes, transcoder->raw, piece->n = n);
    if (taken < n)
        memmove(transcoder->raw, transcoder->raw + taken, n - taken);
    transcoder->n_raw = n - taken;
    transcoder->n_characters += count_characters(piece->bytes, piece->n);
    return STRATA_OK;
}

const char *strata_transcoder_encoding(const struct strata_transcoder *transcoder)
{
    return transcoder->encoding == STRATA_ENCODING_NAMED ? transcoder->name
                                                         : strata_encoding_word(transcoder->encoding);
}

/* A decoded piece that is whole. */
static enum strata_status fetch_whole(struct strata_decoder *decoder, struct strata_piece *piece,
                                      struct strata_error *err)
{
    enum strata_status status = strata_decoder_fetch(decoder, piece, err);
    if (status == STRATA_OK && !piece->is_whole)
        status = strata_piece_reserve(piece, piece->n_expected, err);
    if (status == STRATA_OK && !piece->is_whole)
        status = strata_decoder_finish(decoder, piece, err);
    piece->is_whole = true;
    return status;
}

enum strata_status strata_transcoder_fetch(struct strata_transcoder *transcoder, struct strata_decoder *decoder,
                                           struct strata_piece *piece, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    const char *path = decoder->stored->file->path;
    bool is_end = false;
    if (transcoder->is_decided && transcoder->encoding == STRATA_ENCODING_UTF_8)
        return strata_decoder_fetch(decoder, piece, err);
    do {
        STRATA_TRY(fetch_whole(decoder, piece, err));
        is_end = piece->n == 0;
        STRATA_TRY(append(transcoder, piece, err));
        piece->n = 0;
        if (!transcoder->is_decided && !is_end && transcoder->n_raw < STRATA_ENCODING_SAMPLE)
            continue;
        if (!transcoder->is_decided)
            STRATA_TRY(strata_transcoder_decide(transcoder, transcoder->raw, transcoder->n_raw, path, err));
        STRATA_TRY(transcode(transcoder, piece, err));
    } while (piece->n == 0 && !is_end);
    if (is_end && transcoder->n_raw && piece->n == 0)
        STRATA_GIVE_UP(err, STRATA_REJECTED, "%s is cut off: its last character is not whole (%s); copy it again", path,
                       strata_transcoder_encoding(transcoder));
done:
    return status;
}
