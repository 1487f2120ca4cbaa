/* Reading a file through the whole ingest, with everything that comes out collected. */
#ifndef INGEST_FIXTURE_H
#define INGEST_FIXTURE_H

#include <stddef.h>

#include "ingest.h"

/* A row as it reached the sink, with the text of its customer. */
struct collected_row {
    char *customer; /* terminated; NULs of ids are refused before */
    size_t n_customer;
    int32_t day;
    int64_t amount;
};

struct collected {
    struct strata_ingest ingest;
    struct strata_ingest_options options;
    struct strata_error error;
    enum strata_status open_status, status; /* status: of reading, or of opening if that failed */
    struct collected_row *row;
    size_t n_rows, capacity;
    int n_restarts;
    int failing_append; /* the number of the first append that fails, from 1; 0: none */
    int n_appends;
};

/* The defaults of a test: everything recognised, UTC, one thread. */
struct strata_ingest_options ingest_defaults(void);

/* Open and read `path`; the rows are sorted by customer, day and amount. Asserts the laws that hold for every result:
 * read = used + rejected + excluded for rows and amounts, as many rows as are used, as many rejects as are rejected
 * where all are kept. */
void collect(struct collected *collected, const char *path, const struct strata_ingest_options *options);
void collect_paths(struct collected *collected, const char *const *paths, size_t n_paths,
                   const struct strata_ingest_options *options);
/* A file "log.csv" of these bytes, which is gone afterwards. */
void collect_bytes(struct collected *collected, const char *bytes, size_t n,
                   const struct strata_ingest_options *options);
void collect_text(struct collected *collected, const char *text, const struct strata_ingest_options *options);
void collected_release(struct collected *collected);

/* Must have been read, with so many rows used, rejected and excluded. */
void assert_read(const struct collected *collected, uint64_t used, uint64_t rejected, uint64_t excluded);

/* A bad row must be there, the i-th. */
void assert_reject(const struct collected *collected, size_t i, uint64_t line, uint64_t byte, unsigned column,
                   enum strata_reject_reason reason, const char *description);

/* Must have failed with this status and a message that contains each of the texts, up to a NULL. */
void assert_refused(const struct collected *collected, enum strata_status status, ...);

/* A file that must be refused with these texts in the message. */
#define ASSERT_TEXT_REFUSED(text, options, ...)                                                                        \
    do {                                                                                                               \
        struct collected refused = {0};                                                                                \
        collect_text(&refused, (text), (options));                                                                     \
        assert_refused(&refused, STRATA_REJECTED, __VA_ARGS__, NULL);                                                  \
        collected_release(&refused);                                                                                   \
    } while (0)

#endif
