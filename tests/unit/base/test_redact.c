#include "redact.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

Test(redact, passwords_go_and_everything_else_stays)
{
    static const struct {
        const char *text, *redacted;
    } cases[] = {
        {"", ""},
        {"duckdb", "duckdb"},
        {"postgresql://host/db", "postgresql://host/db"},
        {"postgresql://ann@host/db", "postgresql://ann@host/db"},
        {"postgresql://ann:hunter2@host:5432/db?sslmode=require", "postgresql://ann:***@host:5432/db?sslmode=require"},
        {"postgresql://ann:p@ss?w#rd@host/db", "postgresql://ann:***@host/db"},
        {"postgresql://ann:@host/db", "postgresql://ann:***@host/db"},
        {"postgresql://ann:p/ss@w/rd@host/db", "postgresql://ann:***@host/db"},
        {"postgresql://ann:hunter2", "postgresql://ann:***"},
        {"postgresql://host:5432/db", "postgresql://host:5432/db"},
        {"postgresql://host:5432", "postgresql://host:5432"},
        {"postgresql://one,two:5432,5433?user=ann", "postgresql://one,two:5432,5433?user=ann"},
        {"postgresql://[::1]:5432/db", "postgresql://[::1]:5432/db"},
        {"postgresql://host/db:x@y", "postgresql://host/db:x@y"},
        {"postgres:///db?user=ann&password=hunter2&port=1", "postgres:///db?user=ann&password=***&port=1"},
        {"host=h password=hunter2 user=ann", "host=h password=*** user=ann"},
        {"host=h password = hunter2", "host=h password = ***"},
        {"password='hunt er\\'2' user=ann", "password=*** user=ann"},
        {"PassWord=\"a\"\"b\" x", "PassWord=*** x"},
        {"sslpassword=hunter2", "sslpassword=***"},
        {"password='never closed", "password=***"},
        {"SELECT * FROM t WHERE key = 5", "SELECT * FROM t WHERE key = 5"},
        {"SET s3_secret_access_key='hunter2'; SELECT 1", "SET s3_secret_access_key=***; SELECT 1"},
        {"SELECT 'http://a:hunter2@b/x' FROM t", "SELECT 'http://a:***@b/x' FROM t"},
        {"password=", "password=***"},
        {"密码 password=密码", "密码 password=***"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        char *once = strata_text_redact(cases[i].text);
        char *twice = strata_text_redact(once);
        cr_assert_str_eq(once, cases[i].redacted);
        cr_assert_str_eq(twice, once);
        free(once);
        free(twice);
    }
    cr_assert_null(strata_text_redact(NULL));
}
