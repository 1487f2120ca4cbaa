/* The records and fields of an indexed text: from structural positions to raw fields. */
#ifndef STRATA_INGEST_SPAN_H
#define STRATA_INGEST_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record.h"
#include "structure.h"

/* A text, its structural positions (see structure.h) and how it is written. */
struct strata_indexed_text {
    const char *text;
    const uint32_t *position;
    size_t n_positions;
    struct strata_dialect dialect;
    bool has_quotes;
};

/* A record that begins at text[start]: its fields end at position[first..last], the last of them at its newline. */
struct strata_span {
    size_t start, first, last;
};

/* Find the newline of the record whose start and first are set; false if it is not in the index. Quick where the record
 * has n_fields (at least 1) as it should. */
static inline bool strata_span_find_end(const struct strata_indexed_text *indexed, size_t n_fields,
                                        struct strata_span *span)
{
    const uint32_t *position = indexed->position;
    size_t at = span->first;
    size_t usual = at + n_fields - 1;
    if (usual < indexed->n_positions) {
        while (at < usual && !strata_structure_is_newline(position[at]))
            ++at;
        if (strata_structure_is_newline(position[at])) {
            span->last = at;
            return true;
        }
    }
    while (at < indexed->n_positions && !strata_structure_is_newline(position[at]))
        ++at;
    span->last = at;
    return at < indexed->n_positions;
}

/* From the end of a record to the beginning of the next. */
static inline void strata_span_step(const struct strata_indexed_text *indexed, struct strata_span *span)
{
    span->start = strata_structure_offset(indexed->position[span->last]) + 1;
    span->first = span->last + 1;
}

/* The raw field with this number from 0. */
static inline struct strata_field strata_span_field(const struct strata_indexed_text *indexed,
                                                    const struct strata_span *span, size_t number)
{
    const char *text = indexed->text;
    const uint32_t *position = indexed->position;
    size_t from = number == 0 ? span->start : strata_structure_offset(position[span->first + number - 1]) + 1;
    size_t to = strata_structure_offset(position[span->first + number]);
    if (span->first + number == span->last && to > from && text[to - 1] == '\r')
        --to;
    if (indexed->dialect.merges) /* a field begins behind a run of delimiters */
        while (from < to && text[from] == indexed->dialect.delimiter)
            ++from;
    return (struct strata_field){text + from, to - from};
}

/* Is there nothing but the line end (and with merging delimiters, blanks)? */
static inline bool strata_span_is_blank(const struct strata_indexed_text *indexed, const struct strata_span *span)
{
    return span->first == span->last && strata_span_field(indexed, span, 0).n == 0;
}

static inline size_t strata_span_count_fields(const struct strata_indexed_text *indexed, const struct strata_span *span)
{
    size_t n = span->last - span->first + 1;
    if (!indexed->dialect.merges || n == 1)
        return n;
    /* Blanks before the line end make no field. */
    return strata_span_field(indexed, span, n - 1).n == 0 ? n - 1 : n;
}

#endif
