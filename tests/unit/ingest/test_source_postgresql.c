#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "source_kinds.h"

static const struct strata_column_source_kind *const kind = &strata_source_postgresql;

Test(source_postgresql, takes_addresses)
{
    static const char *const ours[] = {"postgresql://", "postgres://u@h/d", "postgresql:///d?host=/tmp", "postgresql"};
    static const char *const others[] = {"duckdb", "postgresqlx://", "postgres", "orders.csv", ""};
    for (size_t i = 0; i < sizeof ours / sizeof ours[0]; ++i)
        cr_expect(kind->takes(&(struct strata_source_request){.from = ours[i]}, "", 0), "%s", ours[i]);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; ++i)
        cr_expect(!kind->takes(&(struct strata_source_request){.from = others[i]}, "", 0), "%s", others[i]);
    cr_expect(!kind->takes(&(struct strata_source_request){.path = "postgresql://"}, "PGCOPY", 6));
}

static enum strata_status open_at(const char *address, struct strata_error *err)
{
    struct strata_column_source source = {0};
    const struct strata_source_request request = {.from = address, .query = "SELECT 1", .threads = 1};
    enum strata_status status = kind->open(&source, &request, err);
    cr_expect_null(source.state);
    return status;
}

#ifdef STRATA_HAS_POSTGRESQL

/* A password that is not escaped becomes a host, a port or a database: no message may repeat it. */
Test(source_postgresql, no_address_is_repeated)
{
    static const char *const addresses[] = {
        "postgresql://user:pass@canary@localhost/shop",
        "postgresql://user:pass/canary@localhost/shop",
        "postgresql://user:canary",
        "postgresql://user:canary%zz@localhost/shop",
        "postgresql://user:canary%00@localhost/shop",
        "postgresql://user:canary@[::1/shop",
        "postgresql://user:canary@localhost:x/shop",
        "postgresql://user:p@localhost/shop?canary",
        "postgresql://user:p@localhost/shop?canary=1",
        "postgresql://user:p@localhost/shop?host=a@canary",
        "postgresql://user:p/canary",
        "postgresql://user:p@localhost/shop/canary",
    };
    for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; ++i) {
        struct strata_error err = {0};
        enum strata_status status = open_at(addresses[i], &err);
        cr_expect(status == STRATA_USAGE, "%s: %d", addresses[i], (int)status);
        cr_expect(!strstr(err.message, "canary"), "%s", err.message);
        cr_expect(strstr(err.message, "--source"), "%s", err.message);
    }
}

Test(source_postgresql, no_server)
{
    struct strata_error err = {0};
    cr_expect_eq(open_at("postgresql://user:canary@/shop?host=/nowhere/at/all&port=5433", &err), STRATA_IO);
    cr_expect(strstr(err.message, "PostgreSQL database shop at /nowhere/at/all:5433: no connection: "), "%s",
              err.message);
    cr_expect(!strstr(err.message, "canary"), "%s", err.message);
    cr_expect(!strchr(err.message, '\n'), "%s", err.message);
}

Test(source_postgresql, query_or_table)
{
    struct strata_column_source source = {0};
    struct strata_source_request request = {.from = "postgresql://", .threads = 1};
    struct strata_error err = {0};
    cr_expect_eq(kind->open(&source, &request, &err), STRATA_USAGE);
    request.query = "SELECT 1";
    request.table = "orders";
    cr_expect_eq(kind->open(&source, &request, &err), STRATA_USAGE);
    cr_expect(strstr(err.message, "--table"), "%s", err.message);
}

#else

Test(source_postgresql, says_what_is_missing)
{
    struct strata_error err = {0};
    cr_expect_eq(open_at("postgresql://", &err), STRATA_USAGE);
    cr_expect(strstr(err.message, "libpq"), "%s", err.message);
}

#endif
