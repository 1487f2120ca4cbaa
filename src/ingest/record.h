/* The careful parser: one record at a time, byte by byte, by the rules of RFC 4180. It sniffs files, reads those whose
 * quotes break the rules, and is the reference that the fast parser is tested against. */
#ifndef STRATA_INGEST_RECORD_H
#define STRATA_INGEST_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include "dialect.h"
#include "rejects.h"

/* Bytes that can be read behind every field, so that short ones are taken in whole words. */
enum { STRATA_FIELD_PADDING = 16 };

/* The raw bytes of a field, its surrounding quotes included. */
struct strata_field {
    const char *text;
    size_t n;
};

enum strata_record_result {
    STRATA_RECORD_OK,
    STRATA_RECORD_BAD,      /* the quotes break the rule; the record ends at the next line end all the same */
    STRATA_RECORD_CUT,      /* the data end inside the record and it is not the end of the file */
    STRATA_RECORD_UNCLOSED, /* the file ends inside quotes */
};

struct strata_record {
    struct strata_field *field; /* room for `capacity`, from the caller */
    size_t capacity;
    size_t n_fields;                  /* of the record, even beyond capacity */
    size_t n_bytes;                   /* with its line end: where the next record begins */
    bool is_blank;                    /* no byte but the line end: not a row */
    enum strata_reject_reason reason; /* where BAD */
    size_t bad_field;                 /* from 0, where BAD, UNCLOSED or CUT inside quotes; else 0 */
    size_t bad_at;                    /* where that field begins, from the record's first byte; not where BAD */
};

/* Parse the record at data[0..n). */
enum strata_record_result strata_record_parse(const char *data, size_t n, bool is_end, struct strata_dialect dialect,
                                              struct strata_record *record);

/* What a raw field means: without its quotes, doubled quotes single. Points into the field itself where nothing is
 * doubled, else into `scratch` (room for field.n). */
struct strata_field strata_field_value(struct strata_field field, char *scratch);

#endif
