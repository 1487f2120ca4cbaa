/* A customer or order id of any bytes up to 4 KiB in 16 bytes, exact and reversible.
 *
 *   0..15 bytes             in place
 *   canonical RFC 4122 UUID in place: 128 bits, its two variant bits hold the tag (lower and upper case are different
 * ids) anything else           a reference into an arena of texts plus 56 bits of its hash
 *
 * `007` and `7` are different. For ids in place, (high, low) as unsigned numbers sort like the bytes of the text.
 */
#ifndef STRATA_DATA_KEY_H
#define STRATA_DATA_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <strata/status.h>
#include <string.h>

#define STRATA_KEY_MAX_BYTES 4096

struct strata_key {
    uint64_t high; /* the first eight bytes, big-endian; long ids: address of a strata_long_key */
    uint64_t low;  /* the next seven bytes and the tag in the lowest byte; long ids: hash and tag */
};

/* The lowest byte of `low`. */
enum {
    STRATA_KEY_LONG_TAG = 0x10,
    STRATA_KEY_DIGEST_TAG = 0x11,
    STRATA_KEY_UUID_TAG = 0x80,       /* and the two bits above the tag's lowest six: 0x80..0xBF */
    STRATA_KEY_UPPER_UUID_TAG = 0xC0, /* 0xC0..0xFF */
};

struct strata_long_key {
    uint32_t n_bytes;
    char bytes[];
};

/* Owns the texts of long ids, each once. One thread fills an arena; any may read the keys. `{0}` is empty. */
struct strata_key_arena {
    struct strata_key_arena_block *blocks;
    struct strata_key *slot; /* n_slots, a power of two: the keys by their hashes, zeroed where there is none */
    size_t n_slots, n_keys;
    size_t n_bytes; /* allocated */
};
void strata_key_arena_release(struct strata_key_arena *arena);

/* 0..15 bytes in place, so that the words compare like the text. */
static inline bool strata_key_is_short(struct strata_key key) { return (key.low & 0xFF) < STRATA_KEY_LONG_TAG; }

/* The length of such an id. */
static inline size_t strata_key_short_bytes(struct strata_key key) { return (size_t)(key.low & 0xFF); }

static inline bool strata_key_is_long(struct strata_key key) { return (key.low & 0xFF) == STRATA_KEY_LONG_TAG; }

/* Encode n_bytes <= 15 bytes. */
struct strata_key strata_key_from_short(const char *text, size_t n_bytes);

/* The same where 16 bytes can be read at `text`: the hot way. What lies behind the id does not matter. */
static inline struct strata_key strata_key_from_padded(const char *text, size_t n_bytes)
{
    uint64_t high, low;
    memcpy(&high, text, sizeof high);
    memcpy(&low, text + sizeof high, sizeof low);
    if (n_bytes >= sizeof high) {
        low &= ((uint64_t)1 << 8 * (n_bytes - sizeof high)) - 1;
    } else {
        high &= ((uint64_t)1 << 8 * n_bytes) - 1;
        low = 0;
    }
    return (struct strata_key){__builtin_bswap64(high), __builtin_bswap64(low) | n_bytes};
}

/* Is a key in place the text of ASCII characters other than NUL? */
static inline bool strata_key_is_plain(struct strata_key key)
{
    const uint64_t high_bits = 0x8080808080808080u, ones = 0x0101010101010101u;
    size_t n_bytes = (size_t)(key.low & 0xFF);
    /* The bytes behind the text are filled, so that a zero byte is one of the text. */
    uint64_t high = key.high | (n_bytes < 8 ? ~(uint64_t)0 >> 8 * n_bytes : 0);
    uint64_t low = key.low | (n_bytes > 8 ? ~(uint64_t)0 >> 8 * (n_bytes - 8) : ~(uint64_t)0);
    bool has_zero = ((high - ones) & ~high & high_bits) | ((low - ones) & ~low & high_bits);
    return !has_zero && ((key.high | key.low) & high_bits) == 0;
}

/* Encode any id up to STRATA_KEY_MAX_BYTES; a long one that is new to the arena is copied into it. STRATA_MEMORY if
 * that fails. */
enum strata_status strata_key_encode(const char *text, size_t n_bytes, struct strata_key_arena *arena,
                                     struct strata_key *key, struct strata_error *err) STRATA_MUST_USE;

/* The same without an arena: an id that does not fit in place becomes 120 bits of its hash. Such a key has no text. */
struct strata_key strata_key_digest(const char *text, size_t n_bytes);

/* The text of a key: its length; `out` has room for STRATA_KEY_MAX_BYTES and is not terminated. */
size_t strata_key_text(struct strata_key key, char *out);

/* Exact comparison, of long ids too. */
bool strata_key_long_equal(struct strata_key a, struct strata_key b);
static inline bool strata_key_equal(struct strata_key a, struct strata_key b)
{
    if (a.low != b.low)
        return false;
    return a.high == b.high || (strata_key_is_long(a) && strata_key_long_equal(a, b));
}

/* Like memcmp of the texts, the shorter first on a common prefix. */
int strata_key_compare(struct strata_key a, struct strata_key b);

/* A mixed 64-bit hash that depends only on the text. Its top bits choose the partition. For ids in place each step can
 * be taken back: of two that agree in `low`, different ones have different hashes. */
static inline uint64_t strata_key_hash(struct strata_key key)
{
    uint64_t x = (strata_key_is_long(key) ? 0 : key.high) ^ 0x9E3779B97F4A7C15u;
    x ^= x >> 32;
    x *= 0xD6E8FEB86659FD93u;
    x ^= x >> 29;
    x += key.low;
    x *= 0xA0761D6478BD642Fu;
    x ^= x >> 32;
    x *= 0xE7037ED1A0B428DBu;
    return x ^ (x >> 28);
}

/* The key in place with this hash and this `low`: the steps of strata_key_hash backwards, with the inverses of its
 * factors modulo 2^64. */
static inline struct strata_key strata_key_from_hash(uint64_t hash, uint64_t low)
{
    uint64_t x = hash ^ hash >> 28 ^ hash >> 56;
    x *= 0x2E1B9953F3B39353u;
    x ^= x >> 32;
    x *= 0x939C72E4AF1E62CFu;
    x -= low;
    x ^= x >> 29 ^ x >> 58;
    x *= 0xCFEE444D8B59A89Bu;
    x ^= x >> 32;
    return (struct strata_key){x ^ 0x9E3779B97F4A7C15u, low};
}

/* The order of customers in tables and snapshots: by the top bits of the hash, then by the bytes of the id. */
enum { STRATA_KEY_BUCKET_BITS = 12 };
static inline int strata_key_compare_places(struct strata_key a, struct strata_key b)
{
    uint64_t bucket_a = strata_key_hash(a) >> (64 - STRATA_KEY_BUCKET_BITS);
    uint64_t bucket_b = strata_key_hash(b) >> (64 - STRATA_KEY_BUCKET_BITS);
    return bucket_a != bucket_b ? (bucket_a > bucket_b) - (bucket_a < bucket_b) : strata_key_compare(a, b);
}

#endif
