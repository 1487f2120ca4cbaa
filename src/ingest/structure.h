/* Where the fields of a block end: 64 bytes at a time, with the widest instructions of the machine.
 *
 * A quote toggles the state; delimiters and newlines outside quotes are structure. That is exact as long as the quotes
 * obey RFC 4180: an opening quote stands at the beginning of a field, a closing one before a delimiter or a line end. A
 * quote that does not is found and reported, and the file is then read by the careful parser.
 */
#ifndef STRATA_INGEST_STRUCTURE_H
#define STRATA_INGEST_STRUCTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dialect.h"

enum {
    STRATA_STRUCTURE_WORD = 64,
    STRATA_STRUCTURE_SLACK = 16, /* positions that may be written behind the last one; they mean nothing */
};

/* What the indexer carries from one call to the next over the same text. Begin with strata_structure_begin. */
struct strata_structure {
    uint64_t inside;       /* all ones while inside quotes */
    uint64_t after_break;  /* 1: the last byte was a delimiter or newline outside quotes, or there was none */
    uint64_t after_close;  /* 1: the last byte was a closing quote */
    uint64_t after_return; /* 1: the last byte was a carriage return behind a closing quote */
    uint64_t after_gap;    /* merging dialects, 1: the last byte was a delimiter or a newline */
    bool is_broken;        /* a quote broke the rule */
    bool has_quotes;       /* there was one */
};

/* A structural byte is written as its offset and, in the lowest bit, whether it is a newline. */
static inline uint32_t strata_structure_offset(uint32_t position) { return position >> 1; }
static inline bool strata_structure_is_newline(uint32_t position) { return position & 1; }

/* The state at the beginning of a record. */
struct strata_structure strata_structure_begin(void);

/* Write all structural bytes of data[from..to), which are less than 2^31, behind the *n_positions that `position` has
 * (room for to - from and STRATA_STRUCTURE_SLACK), and count them. `from` is a multiple of 64 after `data`, or the
 * place where the call before stopped; the bytes up to the next multiple of 64 after `to` must be readable. Only the
 * last call may have a `to` that is not a multiple of 64 beyond `from`. */
typedef void strata_structure_function(const char *data, size_t from, size_t to, struct strata_dialect dialect,
                                       struct strata_structure *state, uint32_t *position, size_t *n_positions);

/* The same as far as there are whole words of 64 bytes without quotes, outside of them, and delimiters do not merge:
 * returns where that ends. */
typedef size_t strata_structure_plain_function(const char *data, size_t from, size_t to, struct strata_dialect dialect,
                                               struct strata_structure *state, uint32_t *position, size_t *n_positions);

/* Newlines and quotes of data[0..n). */
typedef void strata_structure_count_function(const char *data, size_t n, uint64_t *newlines, uint64_t *quotes);

/* What an instruction set has. All give the same results. */
struct strata_structure_variant {
    const char *name; /* "avx512", "avx2", "neon", "portable" */
    strata_structure_function *index;
    strata_structure_plain_function *index_plain;
    strata_structure_count_function *count;
};

/* The variants that this machine can run, the best first; the last is always "portable". */
size_t strata_structure_variants(const struct strata_structure_variant **variants);

#endif
