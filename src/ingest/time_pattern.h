/* Declared patterns of strptime letters. */
#ifndef STRATA_INGEST_TIME_PATTERN_H
#define STRATA_INGEST_TIME_PATTERN_H

#include "time_fields.h"

/* Fill a zeroed format (the zone is the caller's). STRATA_USAGE if the pattern is none. */
enum strata_status strata_time_pattern_compile(struct strata_time_format *format, const char *pattern,
                                               struct strata_error *err) STRATA_MUST_USE;

/* As strata_time_read, for a format of this kind. */
enum strata_time_result strata_time_pattern_read(const struct strata_time_format *format, struct strata_time_memo *memo,
                                                 struct strata_cursor cursor, struct strata_time *out, unsigned *parts);

#endif
