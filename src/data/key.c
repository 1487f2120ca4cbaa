#include "key.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "memory.h"

enum { SHORT_BYTES = 15, UUID_BYTES = 36, BLOCK_BYTES = 1 << 16, FIRST_SLOTS = 1 << 8 };

struct strata_key_arena_block {
    struct strata_key_arena_block *next;
    size_t used, capacity;
    _Alignas(8) char bytes[];
};

void strata_key_arena_release(struct strata_key_arena *arena)
{
    for (struct strata_key_arena_block *block = arena->blocks, *next; block; block = next) {
        next = block->next;
        free(block);
    }
    free(arena->slot);
    *arena = (struct strata_key_arena){0};
}

static void *arena_take(struct strata_key_arena *arena, size_t n_bytes)
{
    size_t needed = (n_bytes + 7) / 8 * 8;
    struct strata_key_arena_block *block = arena->blocks;
    if (!block || block->capacity - block->used < needed) {
        size_t capacity = needed > BLOCK_BYTES ? needed : BLOCK_BYTES;
        block = malloc(sizeof *block + capacity);
        if (!block)
            return NULL;
        *block = (struct strata_key_arena_block){.next = arena->blocks, .capacity = capacity};
        arena->blocks = block;
        arena->n_bytes += sizeof *block + capacity;
    }
    void *taken = block->bytes + block->used;
    block->used += needed;
    return taken;
}

struct strata_key strata_key_from_short(const char *text, size_t n_bytes)
{
    unsigned char bytes[16] = {0};
    memcpy(bytes, text, n_bytes);
    bytes[SHORT_BYTES] = (unsigned char)n_bytes;
    uint64_t high, low;
    memcpy(&high, bytes, 8);
    memcpy(&low, bytes + 8, 8);
    return (struct strata_key){__builtin_bswap64(high), __builtin_bswap64(low)};
}

static int hex_digit(unsigned char c, unsigned char letter_a)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= letter_a && c < letter_a + 6 ? c - letter_a + 10 : -1;
}

/* The 16 bytes of a canonical UUID whose letters all begin at `letter_a` ('a' or 'A'); false if it is not one. */
static bool parse_uuid(const char *text, unsigned char letter_a, unsigned char out[16])
{
    int n = 0;
    for (int i = 0; i < UUID_BYTES;) {
        if (i == 8 || i == 13 || i == 18 || i == 23) {
            if (text[i++] != '-')
                return false;
            continue;
        }
        int high = hex_digit((unsigned char)text[i], letter_a), low = hex_digit((unsigned char)text[i + 1], letter_a);
        if (high < 0 || low < 0)
            return false;
        out[n++] = (unsigned char)(high << 4 | low);
        i += 2;
    }
    return (out[8] & 0xC0) == 0x80;
}

/* The variant byte (index 8) moves to the last place, where it is the tag. */
static struct strata_key key_from_uuid(const unsigned char uuid[16], bool upper)
{
    unsigned char bytes[16];
    memcpy(bytes, uuid, 8);
    memcpy(bytes + 8, uuid + 9, 7);
    bytes[15] = upper ? uuid[8] | STRATA_KEY_UPPER_UUID_TAG : uuid[8];
    uint64_t high, low;
    memcpy(&high, bytes, 8);
    memcpy(&low, bytes + 8, 8);
    return (struct strata_key){__builtin_bswap64(high), __builtin_bswap64(low)};
}

/* Ids that need no memory beside the key. */
static bool encode_in_place(const char *text, size_t n_bytes, struct strata_key *key)
{
    if (n_bytes <= SHORT_BYTES) {
        *key = strata_key_from_short(text, n_bytes);
        return true;
    }
    unsigned char uuid[16];
    if (n_bytes != UUID_BYTES)
        return false;
    bool lower = parse_uuid(text, 'a', uuid);
    if (!lower && !parse_uuid(text, 'A', uuid))
        return false;
    *key = key_from_uuid(uuid, !lower);
    return true;
}

struct strata_key strata_key_digest(const char *text, size_t n_bytes)
{
    struct strata_key key;
    if (encode_in_place(text, n_bytes, &key))
        return key;
    XXH128_hash_t hash = XXH3_128bits(text, n_bytes);
    return (struct strata_key){hash.high64, (hash.low64 & ~(uint64_t)0xFF) | STRATA_KEY_DIGEST_TAG};
}

static const struct strata_long_key *long_key(struct strata_key key)
{
    return (const struct strata_long_key *)(uintptr_t)key.high;
}

/* The slot of a long id, or the empty one where it belongs. There is always an empty one. */
static struct strata_key *find_slot(const struct strata_key_arena *arena, uint64_t low, const char *text,
                                    size_t n_bytes)
{
    size_t mask = arena->n_slots - 1;
    for (size_t at = (size_t)(low >> 8) & mask;; at = (at + 1) & mask) {
        struct strata_key *slot = &arena->slot[at];
        if (slot->low == 0 || (slot->low == low && long_key(*slot)->n_bytes == n_bytes &&
                               memcmp(long_key(*slot)->bytes, text, n_bytes) == 0))
            return slot;
    }
}

/* Twice the slots once half of them are taken. */
static bool grow_slots(struct strata_key_arena *arena)
{
    if (arena->n_keys < arena->n_slots / 2)
        return true;
    struct strata_key_arena grown = *arena;
    grown.n_slots = arena->n_slots ? arena->n_slots * 2 : FIRST_SLOTS;
    grown.slot = strata_calloc_array(grown.n_slots, sizeof *grown.slot);
    if (!grown.slot)
        return false;
    for (size_t i = 0; i < arena->n_slots; ++i) {
        struct strata_key key = arena->slot[i];
        if (key.low)
            *find_slot(&grown, key.low, long_key(key)->bytes, long_key(key)->n_bytes) = key;
    }
    grown.n_bytes += (grown.n_slots - arena->n_slots) * sizeof *grown.slot;
    free(arena->slot);
    *arena = grown;
    return true;
}

enum strata_status strata_key_encode(const char *text, size_t n_bytes, struct strata_key_arena *arena,
                                     struct strata_key *key, struct strata_error *err)
{
    if (encode_in_place(text, n_bytes, key))
        return STRATA_OK;
    if (!grow_slots(arena))
        return strata_fail_memory(err, "long customer ids", arena->n_slots * 2, sizeof *arena->slot);
    uint64_t low = (uint64_t)(XXH3_64bits(text, n_bytes) & ~(XXH64_hash_t)0xFF) | STRATA_KEY_LONG_TAG;
    struct strata_key *slot = find_slot(arena, low, text, n_bytes);
    if (slot->low == 0) {
        struct strata_long_key *copy = arena_take(arena, sizeof *copy + n_bytes);
        if (!copy)
            return strata_fail(err, STRATA_MEMORY, "out of memory: %zu bytes for a customer id", n_bytes);
        copy->n_bytes = (uint32_t)n_bytes;
        memcpy(copy->bytes, text, n_bytes);
        *slot = (struct strata_key){(uint64_t)(uintptr_t)copy, low};
        ++arena->n_keys;
    }
    *key = *slot;
    return STRATA_OK;
}

static size_t uuid_text(const unsigned char bytes[16], char *out)
{
    unsigned char tag = bytes[15];
    bool upper = tag >= STRATA_KEY_UPPER_UUID_TAG;
    const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    unsigned char uuid[16];
    memcpy(uuid, bytes, 8);
    uuid[8] = upper ? (unsigned char)((tag & 0x3F) | 0x80) : tag;
    memcpy(uuid + 9, bytes + 8, 7);
    size_t n = 0;
    for (int i = 0; i < 16; ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            out[n++] = '-';
        out[n++] = digits[uuid[i] >> 4];
        out[n++] = digits[uuid[i] & 15];
    }
    return n;
}

size_t strata_key_text(struct strata_key key, char *out)
{
    if (strata_key_is_long(key)) {
        memcpy(out, long_key(key)->bytes, long_key(key)->n_bytes);
        return long_key(key)->n_bytes;
    }
    unsigned char bytes[16];
    uint64_t high = __builtin_bswap64(key.high), low = __builtin_bswap64(key.low);
    memcpy(bytes, &high, 8);
    memcpy(bytes + 8, &low, 8);
    if (bytes[15] >= STRATA_KEY_UUID_TAG)
        return uuid_text(bytes, out);
    memcpy(out, bytes, bytes[15]);
    return bytes[15];
}

bool strata_key_long_equal(struct strata_key a, struct strata_key b)
{
    return long_key(a)->n_bytes == long_key(b)->n_bytes &&
           memcmp(long_key(a)->bytes, long_key(b)->bytes, long_key(a)->n_bytes) == 0;
}

int strata_key_compare(struct strata_key a, struct strata_key b)
{
    if ((a.low & 0xFF) <= SHORT_BYTES && (b.low & 0xFF) <= SHORT_BYTES) {
        if (a.high != b.high)
            return a.high < b.high ? -1 : 1;
        return a.low == b.low ? 0 : a.low < b.low ? -1 : 1;
    }
    char text_a[STRATA_KEY_MAX_BYTES], text_b[STRATA_KEY_MAX_BYTES];
    size_t n_a = strata_key_text(a, text_a), n_b = strata_key_text(b, text_b);
    int order = memcmp(text_a, text_b, n_a < n_b ? n_a : n_b);
    return order ? order : (n_a > n_b) - (n_a < n_b);
}
