/* What strata uses of DuckDB's C API: the library is looked for when it is needed, so neither building nor running
 * strata depends on it. The types and functions are those that libduckdb exports since version 1.2.
 */
#ifndef STRATA_INGEST_DUCKDB_API_H
#define STRATA_INGEST_DUCKDB_API_H

#include <stdbool.h>
#include <stdint.h>
#include <strata/status.h>

/* Things that only the library looks into; each is destroyed through a pointer to it. */
typedef struct strata_duckdb_opaque *strata_duckdb_handle;

/* A result is handed over by value; only `internal` means something. */
struct strata_duckdb_result {
    uint64_t unused_counts[3];
    void *unused_columns;
    char *unused_message;
    void *internal;
};

/* VARCHAR: up to 12 bytes in place, more behind a pointer. */
union strata_duckdb_string {
    struct {
        uint32_t n;
        char text[12];
    } inlined;
    struct {
        uint32_t n;
        char prefix[4];
        const char *text;
    } apart;
};

enum { STRATA_DUCKDB_SELECT = 1 }; /* of statement types */

/* The numbers of logical types. */
enum strata_duckdb_type {
    STRATA_DUCKDB_BOOLEAN = 1,
    STRATA_DUCKDB_TINYINT = 2,
    STRATA_DUCKDB_SMALLINT = 3,
    STRATA_DUCKDB_INTEGER = 4,
    STRATA_DUCKDB_BIGINT = 5,
    STRATA_DUCKDB_UTINYINT = 6,
    STRATA_DUCKDB_USMALLINT = 7,
    STRATA_DUCKDB_UINTEGER = 8,
    STRATA_DUCKDB_UBIGINT = 9,
    STRATA_DUCKDB_FLOAT = 10,
    STRATA_DUCKDB_DOUBLE = 11,
    STRATA_DUCKDB_TIMESTAMP = 12,
    STRATA_DUCKDB_DATE = 13,
    STRATA_DUCKDB_TIME = 14,
    STRATA_DUCKDB_INTERVAL = 15,
    STRATA_DUCKDB_HUGEINT = 16,
    STRATA_DUCKDB_VARCHAR = 17,
    STRATA_DUCKDB_BLOB = 18,
    STRATA_DUCKDB_DECIMAL = 19,
    STRATA_DUCKDB_TIMESTAMP_S = 20,
    STRATA_DUCKDB_TIMESTAMP_MS = 21,
    STRATA_DUCKDB_TIMESTAMP_NS = 22,
    STRATA_DUCKDB_ENUM = 23,
    STRATA_DUCKDB_LIST = 24,
    STRATA_DUCKDB_STRUCT = 25,
    STRATA_DUCKDB_MAP = 26,
    STRATA_DUCKDB_UUID = 27,
    STRATA_DUCKDB_UNION = 28,
    STRATA_DUCKDB_BIT = 29,
    STRATA_DUCKDB_TIME_TZ = 30,
    STRATA_DUCKDB_TIMESTAMP_TZ = 31,
    STRATA_DUCKDB_UHUGEINT = 32,
    STRATA_DUCKDB_ARRAY = 33,
    STRATA_DUCKDB_BIGNUM = 35,
    STRATA_DUCKDB_SQLNULL = 36,
    STRATA_DUCKDB_TIME_NS = 39,
};

/* X(what is returned, name behind "duckdb_", parameters). Where an int is returned, 0 is success. */
#define STRATA_DUCKDB_FUNCTIONS(X)                                                                                     \
    X(const char *, library_version, (void))                                                                           \
    X(void, free, (void *memory))                                                                                      \
    X(uint64_t, vector_size, (void))                                                                                   \
    X(int, create_config, (strata_duckdb_handle * config))                                                             \
    X(int, set_config, (strata_duckdb_handle config, const char *name, const char *value))                             \
    X(void, destroy_config, (strata_duckdb_handle * config))                                                           \
    X(int, open_ext, (const char *path, strata_duckdb_handle *database, strata_duckdb_handle config, char **message))  \
    X(void, close, (strata_duckdb_handle * database))                                                                  \
    X(int, connect, (strata_duckdb_handle database, strata_duckdb_handle * connection))                                \
    X(void, disconnect, (strata_duckdb_handle * connection))                                                           \
    X(void, interrupt, (strata_duckdb_handle connection))                                                              \
    X(int, query, (strata_duckdb_handle connection, const char *sql, struct strata_duckdb_result *result))             \
    X(void, destroy_result, (struct strata_duckdb_result * result))                                                    \
    X(const char *, result_error, (struct strata_duckdb_result * result))                                              \
    X(uint64_t, column_count, (struct strata_duckdb_result * result))                                                  \
    X(const char *, column_name, (struct strata_duckdb_result * result, uint64_t column))                              \
    X(strata_duckdb_handle, column_logical_type, (struct strata_duckdb_result * result, uint64_t column))              \
    X(int, get_type_id, (strata_duckdb_handle type))                                                                   \
    X(uint8_t, decimal_width, (strata_duckdb_handle type))                                                             \
    X(uint8_t, decimal_scale, (strata_duckdb_handle type))                                                             \
    X(void, destroy_logical_type, (strata_duckdb_handle * type))                                                       \
    X(uint64_t, extract_statements,                                                                                    \
      (strata_duckdb_handle connection, const char *sql, strata_duckdb_handle *statements))                            \
    X(const char *, extract_statements_error, (strata_duckdb_handle statements))                                       \
    X(int, prepare_extracted_statement,                                                                                \
      (strata_duckdb_handle connection, strata_duckdb_handle statements, uint64_t number,                              \
       strata_duckdb_handle * prepared))                                                                               \
    X(void, destroy_extracted, (strata_duckdb_handle * statements))                                                    \
    X(int, prepare, (strata_duckdb_handle connection, const char *sql, strata_duckdb_handle *prepared))                \
    X(const char *, prepare_error, (strata_duckdb_handle prepared))                                                    \
    X(uint64_t, nparams, (strata_duckdb_handle prepared))                                                              \
    X(int, prepared_statement_type, (strata_duckdb_handle prepared))                                                   \
    X(void, destroy_prepare, (strata_duckdb_handle * prepared))                                                        \
    X(int, pending_prepared_streaming, (strata_duckdb_handle prepared, strata_duckdb_handle * pending))                \
    X(const char *, pending_error, (strata_duckdb_handle pending))                                                     \
    X(int, execute_pending, (strata_duckdb_handle pending, struct strata_duckdb_result * result))                      \
    X(void, destroy_pending, (strata_duckdb_handle * pending))                                                         \
    X(strata_duckdb_handle, fetch_chunk, (struct strata_duckdb_result result))                                         \
    X(uint64_t, data_chunk_get_size, (strata_duckdb_handle chunk))                                                     \
    X(strata_duckdb_handle, data_chunk_get_vector, (strata_duckdb_handle chunk, uint64_t column))                      \
    X(void, destroy_data_chunk, (strata_duckdb_handle * chunk))                                                        \
    X(void *, vector_get_data, (strata_duckdb_handle vector))                                                          \
    X(uint64_t *, vector_get_validity, (strata_duckdb_handle vector))

struct strata_duckdb_api {
    void *loaded; /* what dlopen gave; NULL: nothing */
#define STRATA_DUCKDB_POINTER(type, name, parameters) type(*name) parameters;
    STRATA_DUCKDB_FUNCTIONS(STRATA_DUCKDB_POINTER)
#undef STRATA_DUCKDB_POINTER
};

/* From the file that the environment variable STRATA_DUCKDB_LIBRARY names, else libduckdb.so where the system looks for
 * libraries. STRATA_USAGE, with how to get it, if it is not there or too old. */
enum strata_status strata_duckdb_load(struct strata_duckdb_api *api, struct strata_error *err) STRATA_MUST_USE;
void strata_duckdb_unload(struct strata_duckdb_api *api);

#endif
