/* Parquet files, database files and queries through DuckDB's library: every type, every row once, every error. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "duckdb_fixture.h"
#include "scratch.h"

static struct scratch folder;

static void set_up(void) { scratch_make(&folder); }
static void tear_down(void) { scratch_remove(&folder); }

TestSuite(source_duckdb, .init = set_up, .fini = tear_down);

static void read_query(struct duckdb_rows *rows, const char *query, const char *names, int threads)
{
    const struct strata_source_request request = {.from = "duckdb", .query = query, .threads = threads};
    duckdb_read(rows, &request, names);
}

static void read_path(struct duckdb_rows *rows, const char *path, const char *names, int threads)
{
    const struct strata_source_request request = {.path = path, .threads = threads};
    duckdb_read(rows, &request, names);
}

/* A file of the scratch folder that DuckDB writes: COPY (query) TO 'path' (options). */
static char *copy(const char *query, const char *name, const char *options)
{
    char *path = scratch_path(&folder, name), *sql = NULL;
    cr_assert(asprintf(&sql, "COPY (%s) TO '%s' (%s)", query, path, options) > 0);
    duckdb_run(NULL, sql);
    free(sql);
    return path;
}

static void assert_rows(struct duckdb_rows *rows, size_t n, const char *const *wanted)
{
    cr_assert_eq(rows->status, STRATA_OK, "%s", rows->error.message);
    cr_assert_eq(rows->n, n);
    for (size_t i = 0; i < n; ++i)
        cr_assert_str_eq(rows->row[i], wanted[i]);
    duckdb_rows_release(rows);
}

static void assert_refused(struct duckdb_rows *rows, enum strata_status status, const char *part)
{
    cr_assert_eq(rows->status, status, "%d '%s'", (int)rows->status, rows->error.message);
    cr_assert(strstr(rows->error.message, part), "'%s' is not in '%s'", part, rows->error.message);
    duckdb_rows_release(rows);
}

/* One value of each type, written in SQL, and as it is handed out. */
static const struct {
    const char *sql, *wanted;
} values[] = {
    {"true", "true"},
    {"(-128)::TINYINT", "-128"},
    {"(-32768)::SMALLINT", "-32768"},
    {"(-2147483648)::INTEGER", "-2147483648"},
    {"(-9223372036854775808)::BIGINT", "-9223372036854775808"},
    {"255::UTINYINT", "255"},
    {"65535::USMALLINT", "65535"},
    {"4294967295::UINTEGER", "4294967295"},
    {"18446744073709551615::UBIGINT", "18446744073709551615"},
    {"(-170141183460469231731687303715884105728)::HUGEINT", "-170141183460469231731687303715884105728e-0"},
    {"340282366920938463463374607431768211455::UHUGEINT", "340282366920938463463374607431768211455"},
    {"0.1::FLOAT", "0.100000001"},
    {"0.1::DOUBLE", "0.10000000000000001"},
    {"'nan'::DOUBLE", "nan"},
    {"(-12.34)::DECIMAL(4,2)", "-1234e-2"},
    {"12345.6789::DECIMAL(9,4)", "123456789e-4"},
    {"12345.6789::DECIMAL(10,4)", "123456789e-4"},
    {"(-99999999999999.9999)::DECIMAL(18,4)", "-999999999999999999e-4"},
    {"99999999999999999999999999999999999.999::DECIMAL(38,3)", "99999999999999999999999999999999999999e-3"},
    {"DATE '1969-12-31'", "-1"},
    {"'infinity'::DATE", "2147483647"},
    {"'-infinity'::DATE", "-2147483648"},
    {"TIMESTAMP '1969-12-31 23:59:59.999999'", "-1"},
    {"'infinity'::TIMESTAMP", "9223372036854775807"},
    {"'2024-02-29 12:00:00'::TIMESTAMP_S", "1709208000000000"},
    {"'2024-02-29 12:00:00.5'::TIMESTAMP_MS", "1709208000500000"},
    {"'1970-01-01 00:00:00.000001001'::TIMESTAMP_NS", "1"},
    {"'1969-12-31 23:59:59.999999999'::TIMESTAMP_NS", "-1"},
    {"'1969-12-31 23:59:59.999999'::TIMESTAMP_NS", "-1"},
    {"'-infinity'::TIMESTAMP_NS", "-9223372036854775807"},
    {"TIMESTAMPTZ '2024-02-29 12:00:00+02:00'", "1709200800000000"},
    {"'infinity'::TIMESTAMP_S", "9223372036854775807"},
    {"UUID '00010203-0405-0607-0809-0a0b0c0d0e0f'", "000102030405060708090a0b0c0d0e0f"},
    {"UUID 'fffefdfc-0405-4607-8809-0a0b0c0d0eff'", "fffefdfc0405460788090a0b0c0d0eff"},
    {"'web'::ENUM('shop', 'web')", "web"},
    {"TIME '12:34:56'", "12:34:56"},
    {"INTERVAL 3 DAY", "3 days"},
    {"'0101'::BIT", "0101"},
    {"'twelve bytes'", "twelve bytes"},
    {"'thirteen byte'", "thirteen byte"},
    {"''", ""},
    {"'客户 😀 of many more than twelve bytes'", "客户 😀 of many more than twelve bytes"},
    {"repeat('x', 4096)", NULL},
    {"NULL", "NULL"},
    {"NULL::VARCHAR", "NULL"},
    {"NULL::DATE", "NULL"},
    {"NULL::DECIMAL(38,2)", "NULL"},
};

Test(source_duckdb, every_type)
{
    duckdb_need();
    for (size_t i = 0; i < sizeof values / sizeof values[0]; ++i) {
        struct duckdb_rows rows;
        char *sql = NULL, many[4097] = "";
        memset(many, 'x', 4096);
        cr_assert(asprintf(&sql, "SELECT %s AS v", values[i].sql) > 0);
        read_query(&rows, sql, "v", 1);
        cr_assert_eq(rows.status, STRATA_OK, "%s: %s", values[i].sql, rows.error.message);
        cr_assert_str_eq(rows.row[0], values[i].wanted ? values[i].wanted : many, "%s gives '%s'", values[i].sql,
                         rows.row[0]);
        duckdb_rows_release(&rows);
        free(sql);
    }
}

Test(source_duckdb, types_that_are_no_values_are_refused_by_name)
{
    static const char *const refused[] = {"'x'::BLOB",          "[1, 2]",
                                          "{'a': 1}",           "MAP {'a': 1}",
                                          "[1, 2]::INTEGER[2]", "union_value(a := 1)"};
    duckdb_need();
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; ++i) {
        struct duckdb_rows rows;
        char *sql = NULL;
        cr_assert(asprintf(&sql, "SELECT 1 AS fine, %s AS tags", refused[i]) > 0);
        read_query(&rows, sql, "fine tags", 1);
        assert_refused(&rows, STRATA_REJECTED, "the query: the column 'tags' for --time is ");
        read_query(&rows, sql, "fine", 1);
        assert_rows(&rows, 1, (const char *const[]){"1"});
        free(sql);
    }
}

/* A log whose row i follows from i, with strings of all lengths and some missing values. */
#define LOG_OF(n)                                                                                                      \
    "SELECT 'c' || repeat('x', (i % 30)::INT) || i AS customer, CASE WHEN i % 7 > 0 THEN DATE '2024-01-01' + (i % "    \
    "500)::INT END AS day, (i % 100000 / 100)::DECIMAL(10,2) AS amount FROM range(" #n ") t(i)"

static void assert_log(const struct duckdb_rows *rows, size_t n)
{
    cr_assert_eq(rows->status, STRATA_OK, "%s", rows->error.message);
    cr_assert_eq(rows->n, n);
    for (size_t i = 0; i < n; ++i) {
        char wanted[128], day[16];
        (void)snprintf(day, sizeof day, "%d", 19723 + (int)(i % 500));
        (void)snprintf(wanted, sizeof wanted, "%zue-2|c%.*s%zu|%s", i % 100000, (int)(i % 30),
                       "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", i, i % 7 ? day : "NULL");
        cr_assert_str_eq(rows->row[i], wanted, "row %zu", i + 1);
    }
}

Test(source_duckdb, parquet_gives_every_row_once_with_its_number)
{
    static const char *const options[] = {
        "FORMAT parquet",
        "FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 2048",
        "FORMAT parquet, COMPRESSION gzip, ROW_GROUP_SIZE 10000",
        "FORMAT parquet, COMPRESSION uncompressed, ROW_GROUP_SIZE 1000000",
        "FORMAT parquet, COMPRESSION brotli, PARQUET_VERSION v2",
        "FORMAT parquet, COMPRESSION lz4_raw",
    };
    duckdb_need();
    for (size_t i = 0; i < sizeof options / sizeof options[0]; ++i) {
        size_t n;
        char *path = copy(LOG_OF(30000), "log.parquet", options[i]);
        char *bytes = read_whole_file(path, &n);
        XXH128_hash_t hash = XXH3_128bits(bytes, n);
        for (int threads = 1; threads <= 4; threads += 3) {
            struct duckdb_rows rows;
            read_path(&rows, path, "amount customer day", threads);
            assert_log(&rows, 30000);
            cr_assert_str_eq(rows.columns, "customer day amount ");
            cr_assert(rows.n_told == 30000 && rows.n_bytes == n);
            cr_assert(rows.hash_high == hash.high64 && rows.hash_low == hash.low64);
            duckdb_rows_release(&rows);
        }
        free(bytes);
        free(path);
    }
}

Test(source_duckdb, queries_and_tables)
{
    struct duckdb_rows rows;
    duckdb_need();
    read_query(&rows, "-- sales\n" LOG_OF(9000) ";  -- all of them", "amount customer day", 3);
    assert_log(&rows, 9000);
    duckdb_rows_release(&rows);

    char *database = scratch_path(&folder, "a.duckdb");
    duckdb_run(database, "CREATE TABLE \"my \"\"orders\"\"\" AS " LOG_OF(5000));
    read_path(&rows, database, "amount customer day", 2);
    assert_log(&rows, 5000);
    cr_assert_eq(rows.n_told, UINT64_MAX);
    cr_assert_neq(rows.hash_low, 0);
    duckdb_rows_release(&rows);

    duckdb_run(database, "CREATE SCHEMA s; CREATE TABLE s.t AS SELECT 7 AS a");
    read_path(&rows, database, "a", 2);
    assert_refused(&rows, STRATA_USAGE, "--table: my \"orders\", s.t");
    struct strata_source_request request = {.path = database, .table = "s.t", .threads = 2};
    duckdb_read(&rows, &request, "a");
    assert_rows(&rows, 1, (const char *const[]){"7"});
    request = (struct strata_source_request){.path = database, .query = "FROM s.t", .threads = 2};
    duckdb_read(&rows, &request, "a");
    assert_rows(&rows, 1, (const char *const[]){"7"});
    request = (struct strata_source_request){.path = database, .table = "nope", .threads = 2};
    duckdb_read(&rows, &request, "a");
    assert_refused(&rows, STRATA_REJECTED, "nope");
    free(database);
}

Test(source_duckdb, names_of_files_and_columns_are_not_patterns)
{
    static const char *const names[] = {"a[1].parquet", "*.parquet", "it's.parquet", "客户 ?.parquet", "\"q\".parquet"};
    static const char *const wanted[] = {"0", "1", "2", "3", "4"};
    duckdb_need();
    free(copy("SELECT 99 AS \"we'\"\"ird\"", "a1.parquet", "FORMAT parquet"));
    for (size_t i = 0; i < sizeof names / sizeof names[0]; ++i) {
        struct duckdb_rows rows;
        char *sql = NULL;
        cr_assert(asprintf(&sql, "SELECT %s AS \"we'\"\"ird\"", wanted[i]) > 0);
        char *from = copy(sql, "made", "FORMAT parquet"), *to = scratch_path(&folder, names[i]);
        cr_assert_eq(rename(from, to), 0);
        read_path(&rows, to, "we'\"ird", 1);
        assert_rows(&rows, 1, &wanted[i]);
        free(sql);
        free(from);
        free(to);
    }
}

Test(source_duckdb, requests_that_contradict_themselves)
{
    struct duckdb_rows rows;
    duckdb_need();
    char *path = copy("SELECT 1 AS a", "a.parquet", "FORMAT parquet");
    struct strata_source_request request = {.from = "duckdb", .threads = 1};
    duckdb_read(&rows, &request, "a");
    assert_refused(&rows, STRATA_USAGE, "--query");
    request = (struct strata_source_request){.from = "duckdb", .query = "SELECT 1", .table = "t", .threads = 1};
    duckdb_read(&rows, &request, "a");
    assert_refused(&rows, STRATA_USAGE, "--query and --table");
    request = (struct strata_source_request){.path = path, .table = "t", .threads = 1};
    duckdb_read(&rows, &request, "a");
    assert_refused(&rows, STRATA_USAGE, "has no tables");
    free(path);
}

Test(source_duckdb, queries_that_are_wrong)
{
    static const struct {
        const char *query;
        enum strata_status status;
        const char *part;
    } wrong[] = {
        {"SELEC 1", STRATA_USAGE, "syntax error at or near \"SELEC\""},
        {"", STRATA_USAGE, "0 SQL statements"},
        {"SELECT 1; SELECT 2", STRATA_USAGE, "2 SQL statements"},
        {"CREATE TABLE t (a INT)", STRATA_USAGE, "only read"},
        {"COPY (SELECT 1) TO '/tmp/never.csv'", STRATA_USAGE, "only read"},
        {"SET threads = 9", STRATA_USAGE, "only read"},
        {"SELECT ?", STRATA_USAGE, "parameters"},
        {"SELECT nope FROM range(3) t(a)", STRATA_REJECTED, "nope"},
        {"FROM nope", STRATA_REJECTED, "nope"},
        {"FROM 'nope.parquet'", STRATA_IO, "nope.parquet"},
        {"FROM 'https://example.invalid/a.parquet'", STRATA_REJECTED, "httpfs"},
    };
    duckdb_need();
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; ++i) {
        struct duckdb_rows rows;
        read_query(&rows, wrong[i].query, "a", 2);
        assert_refused(&rows, wrong[i].status, wrong[i].part);
    }
}

Test(source_duckdb, a_query_that_fails_half_way_is_never_taken_for_its_end)
{
    duckdb_need();
    for (int threads = 1; threads <= 4; threads *= 2) {
        struct duckdb_rows rows;
        read_query(&rows,
                   "SELECT CASE WHEN i = 900000 THEN error('it broke') ELSE i::VARCHAR END AS a FROM range(1000000) "
                   "t(i)",
                   "a", threads);
        assert_refused(&rows, STRATA_REJECTED, "it broke");
        read_query(&rows, "SELECT (500000 - i)::UTINYINT AS a FROM range(600000) t(i) WHERE i > 499900", "a", threads);
        assert_refused(&rows, STRATA_REJECTED, "Conversion Error");
    }
}

Test(source_duckdb, damaged_files)
{
    struct duckdb_rows rows;
    size_t n;
    duckdb_need();
    char *path = copy(LOG_OF(200000), "log.parquet", "FORMAT parquet, ROW_GROUP_SIZE 20000");
    char *bytes = read_whole_file(path, &n);
    for (size_t cut = 0; cut < n; cut += n / 7) { /* cut off anywhere */
        free(scratch_write(&folder, "log.parquet", bytes, cut));
        read_path(&rows, path, "customer", 2);
        cr_assert_neq(rows.status, STRATA_OK);
        duckdb_rows_release(&rows);
    }
    memset(bytes + n / 2, 0x5a, n / 8);
    free(scratch_write(&folder, "log.parquet", bytes, n));
    read_path(&rows, path, "customer day amount", 2);
    cr_assert_eq(rows.status, STRATA_REJECTED, "%d %s", (int)rows.status, rows.error.message);
    cr_assert(strstr(rows.error.message, "log.parquet"), "%s", rows.error.message);
    duckdb_rows_release(&rows);
    free(bytes);
    free(path);
}

Test(source_duckdb, missing_files_and_pipes)
{
    struct duckdb_rows rows;
    duckdb_need();
    read_path(&rows, "/nowhere/a.parquet", "a", 1);
    assert_refused(&rows, STRATA_IO, "cannot open /nowhere/a.parquet");
    read_path(&rows, "/dev/null", "a", 1);
    assert_refused(&rows, STRATA_IO, "save it to one");
}

/* A database file may hold views of other files: with the file as an input, they cannot be looked at. */
Test(source_duckdb, a_file_cannot_make_strata_read_others)
{
    struct duckdb_rows rows;
    char *sql = NULL;
    duckdb_need();
    char *secret = copy("SELECT 42 AS a", "secret.csv", "FORMAT csv"), *database = scratch_path(&folder, "a.duckdb");
    cr_assert(asprintf(&sql, "CREATE VIEW v AS FROM read_csv('%s')", secret) > 0);
    duckdb_run(database, sql);
    const struct strata_source_request request = {.path = database, .table = "v", .threads = 1};
    duckdb_read(&rows, &request, "a");
    assert_refused(&rows, STRATA_IO, "Permission Error");
    free(sql);
    free(secret);
    free(database);
}

static size_t count_entries(void)
{
    size_t n = 0;
    DIR *entries = opendir(folder.path);
    while (readdir(entries))
        ++n;
    (void)closedir(entries);
    return n - 2;
}

Test(source_duckdb, memory_is_limited_and_spilled_rows_leave_nothing)
{
    struct duckdb_rows rows;
    struct strata_source_request request = {
        .from = "duckdb",
        .query = "SELECT i AS a, repeat('x', 40) || i AS b FROM range(1000000) t(i) ORDER BY hash(i)",
        .threads = 2,
        .memory_bytes = 48 << 20,
    };
    duckdb_need();
    duckdb_read(&rows, &request, "a b");
    assert_refused(&rows, STRATA_MEMORY, "--memory-limit");
    request.temp_dir = folder.path;
    duckdb_read(&rows, &request, "a b");
    cr_assert_eq(rows.status, STRATA_OK, "%s", rows.error.message);
    cr_assert_eq(rows.n, 1000000);
    duckdb_rows_release(&rows);
    cr_assert_eq(count_entries(), 0);
}

Test(source_duckdb, closing_in_the_middle)
{
    struct strata_error err;
    struct strata_column_source source;
    int column[STRATA_N_ROLES] = {0, -1, -1, -1, -1, -1, -1, -1};
    const struct strata_source_request request = {.from = "duckdb",
                                                  .query = "SELECT i FROM range(1000000000000) t(i)",
                                                  .threads = 2};
    duckdb_need();
    for (int n_blocks = 0; n_blocks < 3; ++n_blocks) {
        struct strata_column_block block;
        cr_assert_eq(strata_source_duckdb.open(&source, &request, &err), STRATA_OK);
        cr_assert_eq(source.kind->select(&source, column, &err), STRATA_OK);
        for (int i = 0; i < n_blocks; ++i) {
            cr_assert_eq(source.kind->next(&source, i % 2, &block, &err), STRATA_OK);
            cr_assert_gt(block.n_rows, 0);
        }
        source.kind->close(&source);
    }
}

Test(source_duckdb, a_file_that_changes_is_noticed)
{
    struct strata_error err;
    struct strata_column_source source;
    struct strata_column_block block;
    int column[STRATA_N_ROLES] = {0, -1, -1, -1, -1, -1, -1, -1};
    duckdb_need();
    char *path = copy(LOG_OF(1000), "log.parquet", "FORMAT parquet");
    const struct strata_source_request request = {.path = path, .threads = 1};
    cr_assert_eq(strata_source_duckdb.open(&source, &request, &err), STRATA_OK);
    cr_assert_eq(source.kind->select(&source, column, &err), STRATA_OK);
    do
        cr_assert_eq(source.kind->next(&source, 0, &block, &err), STRATA_OK);
    while (block.n_rows);
    free(copy(LOG_OF(1000), "other.parquet", "FORMAT parquet"));
    char *other = scratch_path(&folder, "other.parquet");
    cr_assert_eq(rename(other, path), 0);
    cr_assert_eq(source.kind->finish(&source, &err), STRATA_IO);
    cr_assert(strstr(err.message, "has changed"));
    source.kind->close(&source);
    free(other);
    free(path);
}

Test(source_duckdb, without_the_library)
{
    struct duckdb_rows rows;
    char *no_library = scratch_write_text(&folder, "libduckdb.so", "no library");
    cr_assert_eq(setenv("STRATA_DUCKDB_LIBRARY", "/nowhere/libduckdb.so", 1), 0);
    read_query(&rows, "SELECT 1 AS a", "a", 1);
    assert_refused(&rows, STRATA_USAGE, "libduckdb-linux-amd64.zip");
    cr_assert_eq(setenv("STRATA_DUCKDB_LIBRARY", no_library, 1), 0);
    read_query(&rows, "SELECT 1 AS a", "a", 1);
    assert_refused(&rows, STRATA_USAGE, "STRATA_DUCKDB_LIBRARY");
    cr_assert_eq(setenv("STRATA_DUCKDB_LIBRARY", "libm.so.6", 1), 0);
    read_query(&rows, "SELECT 1 AS a", "a", 1);
    assert_refused(&rows, STRATA_USAGE, "is not DuckDB's library");
    free(no_library);
}

Test(source_duckdb, what_it_takes)
{
    static const struct {
        const char *path, *from, *magic;
        size_t n_magic;
        bool is_taken;
    } requests[] = {
        {"a", NULL, "PAR1\0\0", 6, true},
        {"a", NULL, "PARE", 4, true},
        {"a", NULL, "PAR", 3, false},
        {"a.parquet", NULL, "id,amount", 9, false},
        {"a", NULL, "\1\2\3\4\5\6\7\10DUCK\0", 13, true},
        {"a", NULL, "\1\2\3\4\5\6\7\10DUC", 11, false},
        {"a", NULL, "", 0, false},
        {NULL, "duckdb", NULL, 0, true},
        {NULL, "postgresql://host/shop", NULL, 0, false},
    };
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; ++i) {
        const struct strata_source_request request = {.path = requests[i].path, .from = requests[i].from};
        cr_assert_eq(strata_source_duckdb.takes(&request, requests[i].magic, requests[i].n_magic),
                     requests[i].is_taken);
    }
}
