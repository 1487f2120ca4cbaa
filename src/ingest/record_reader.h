/* The records of an input one after the other, through the careful parser and a buffer that grows with long rows. */
#ifndef STRATA_INGEST_RECORD_READER_H
#define STRATA_INGEST_RECORD_READER_H

#include "byte_source.h"
#include "checksum.h"
#include "record.h"

enum { STRATA_ROW_MAX_BYTES = 64 << 20, STRATA_FIELDS_MAX = 16384 };

struct strata_record_reader {
    struct strata_byte_source *source; /* borrowed */
    struct strata_dialect dialect;
    char *buffer;
    size_t capacity, filled, at;  /* the next record begins at buffer[at] */
    uint64_t offset;              /* of buffer[0] in the text */
    bool holds_end;               /* nothing is behind the buffer */
    uint64_t line;                /* of the next record */
    struct strata_checksum *hash; /* borrowed; takes every byte of text that is read, unless NULL */
    /* The last record: */
    struct strata_record record; /* its fields point into the buffer until the next call */
    uint64_t record_offset, record_line;
};

/* The only reader of the source meanwhile. */
enum strata_status strata_record_reader_open(struct strata_record_reader *reader, struct strata_byte_source *source,
                                             struct strata_dialect dialect, uint64_t offset, uint64_t line,
                                             struct strata_error *err) STRATA_MUST_USE;
void strata_record_reader_close(struct strata_record_reader *reader);

/* The next record; *is_end once there is none. *result is OK or BAD. STRATA_REJECTED if a quote is never closed or the
 * row is longer than STRATA_ROW_MAX_BYTES, STRATA_MEMORY if it is longer than half of the memory that the source may
 * take (1 MiB at least): then nothing behind it can be trusted. */
enum strata_status strata_record_reader_next(struct strata_record_reader *reader, enum strata_record_result *result,
                                             bool *is_end, struct strata_error *err) STRATA_MUST_USE;

#endif
