#include "partition_sort.h"

#include <stdbool.h>
#include <string.h>

enum { INSERTION_LIMIT = 12, RADIX_MINIMUM = 64, DIGIT_BITS = 9, DIGITS = 1 << DIGIT_BITS, MAX_PIECES = 32 };

/* Tickets are sorted instead of entries: a digest of the entry's place in the order, and behind it the entry's number.
 */
struct tickets {
    const struct strata_partition_entry *entry;
    uint64_t mask; /* of the number */
};

static bool is_before(const struct tickets *tickets, uint64_t a, uint64_t b)
{
    const struct strata_partition_entry *x = &tickets->entry[a & tickets->mask];
    const struct strata_partition_entry *y = &tickets->entry[b & tickets->mask];
    if (x->bucket != y->bucket)
        return x->bucket < y->bucket;
    return strata_key_compare(x->key, y->key) < 0;
}

static void insertion_sort(const struct tickets *tickets, uint64_t *ticket, size_t n)
{
    for (size_t i = 1; i < n; ++i) {
        uint64_t moving = ticket[i];
        size_t at = i;
        for (; at > 0 && is_before(tickets, moving, ticket[at - 1]); --at)
            ticket[at] = ticket[at - 1];
        ticket[at] = moving;
    }
}

static void merge_sort(const struct tickets *tickets, uint64_t *ticket, uint64_t *spare, size_t n)
{
    if (n <= INSERTION_LIMIT) {
        insertion_sort(tickets, ticket, n);
        return;
    }
    size_t half = n / 2;
    merge_sort(tickets, ticket, spare, half);
    merge_sort(tickets, ticket + half, spare, n - half);
    memcpy(spare, ticket, half * sizeof *ticket);
    size_t left = 0, right = half, out = 0;
    while (left < half && right < n)
        ticket[out++] = is_before(tickets, ticket[right], spare[left]) ? ticket[right++] : spare[left++];
    memcpy(ticket + out, spare + left, (half - left) * sizeof *ticket);
}

/* What the order of entries depends on, as numbers, the most significant first. */
enum { BUCKET, HIGH, LOW, N_WORDS };

static void words_of(const struct strata_partition_entry *entry, uint64_t word[N_WORDS])
{
    word[BUCKET] = entry->bucket;
    word[HIGH] = entry->key.high;
    word[LOW] = entry->key.low;
}

/* Ids of one system differ in few bits, as those of digits: these bits together are a number of less than 64 bits that
 * orders the entries. A piece of it is a run of bits that are next to each other in a word. */
struct digest {
    struct {
        int word, shift, n_bits;
        uint64_t mask;
    } piece[MAX_PIECES]; /* the most significant first */
    int n_pieces, n_bits;
    bool is_whole; /* entries with the same digest are the same in all that differs */
};

/* Of all bits that are set in `differ`, the first ones as long as there is room. */
static struct digest choose_bits(const uint64_t differ[N_WORDS], int n_words, int room)
{
    struct digest digest = {.is_whole = n_words == N_WORDS};
    for (int w = 0; w < n_words; ++w)
        for (uint64_t left = differ[w]; left;) {
            const int top = 63 - __builtin_clzll(left);
            const uint64_t behind = ~(left << (63 - top));
            int n = behind ? __builtin_clzll(behind) : 64;
            if (digest.n_pieces == MAX_PIECES || n > room - digest.n_bits) {
                digest.is_whole = false;
                n = digest.n_pieces == MAX_PIECES ? 0 : room - digest.n_bits;
            }
            if (n == 0)
                return digest;
            const uint64_t mask = UINT64_MAX >> (64 - n);
            const int shift = top + 1 - n;
            digest.piece[digest.n_pieces].word = w;
            digest.piece[digest.n_pieces].shift = shift;
            digest.piece[digest.n_pieces].n_bits = n;
            digest.piece[digest.n_pieces].mask = mask;
            ++digest.n_pieces;
            digest.n_bits += n;
            left &= ~(mask << shift);
        }
    return digest;
}

static uint64_t digest_of(const struct digest *digest, const struct strata_partition_entry *entry)
{
    uint64_t word[N_WORDS], number = 0;
    words_of(entry, word);
    for (int p = 0; p < digest->n_pieces; ++p) {
        const uint64_t bits = word[digest->piece[p].word] >> digest->piece[p].shift & digest->piece[p].mask;
        number = number << digest->piece[p].n_bits | bits;
    }
    return number;
}

/* One stable pass of a least-significant-digit radix sort. */
static void distribute(const uint64_t *from, uint64_t *to, size_t n, int shift)
{
    uint32_t next[DIGITS] = {0};
    for (size_t i = 0; i < n; ++i)
        ++next[from[i] >> shift & (DIGITS - 1)];
    for (uint32_t d = 0, at = 0; d < DIGITS; ++d) {
        uint32_t count = next[d];
        next[d] = at;
        at += count;
    }
    for (size_t i = 0; i < n; ++i)
        to[next[from[i] >> shift & (DIGITS - 1)]++] = from[i];
}

/* The bits in which entries differ. Words compare like texts only where all ids are short. */
static struct digest make_digest(const struct strata_partition_entry *entry, size_t n, int room)
{
    uint64_t first[N_WORDS], word[N_WORDS], differ[N_WORDS] = {0};
    bool is_short = true;
    words_of(&entry[0], first);
    for (size_t i = 0; i < n; ++i) {
        words_of(&entry[i], word);
        for (int w = 0; w < N_WORDS; ++w)
            differ[w] |= word[w] ^ first[w];
        is_short &= strata_key_is_short(entry[i].key);
    }
    return choose_bits(differ, is_short ? N_WORDS : HIGH, room);
}

/* Entries of one digest, by comparison. */
static void sort_runs(const struct tickets *tickets, uint64_t *ticket, uint64_t *spare, size_t n)
{
    for (size_t from = 0, end; from < n; from = end) {
        for (end = from + 1; end < n && ((ticket[from] ^ ticket[end]) & ~tickets->mask) == 0;)
            ++end;
        if (end - from > 1)
            merge_sort(tickets, ticket + from, spare + from, end - from);
    }
}

const uint64_t *strata_partition_sort(const struct strata_partition_entry *entry, uint64_t *ticket, uint64_t *spare,
                                      size_t n, uint64_t *mask)
{
    const int number_bits = n > 1 ? 64 - __builtin_clzll(n - 1) : 1;
    const struct tickets tickets = {entry, (UINT64_C(1) << number_bits) - 1};
    *mask = tickets.mask;
    if (n < RADIX_MINIMUM) {
        for (size_t i = 0; i < n; ++i)
            ticket[i] = i;
        merge_sort(&tickets, ticket, spare, n);
        return ticket;
    }
    const struct digest digest = make_digest(entry, n, 64 - number_bits);
    for (size_t i = 0; i < n; ++i)
        ticket[i] = digest_of(&digest, &entry[i]) << number_bits | i;
    for (int done = 0; done < digest.n_bits; done += DIGIT_BITS) {
        distribute(ticket, spare, n, number_bits + done);
        uint64_t *sorted = spare;
        spare = ticket;
        ticket = sorted;
    }
    if (!digest.is_whole)
        sort_runs(&tickets, ticket, spare, n);
    return ticket;
}
