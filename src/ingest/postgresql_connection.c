#include "postgresql_connection.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "memory.h"
#include "utf8.h"

enum { OPTIONS_MAX = 96 };

/* Keywords and values for PQconnectdbParams; borrowed. */
struct options {
    const char *keyword[OPTIONS_MAX], *value[OPTIONS_MAX];
    int n;
};

static void add_option(struct options *options, const char *keyword, const char *value)
{
    if (options->n + 1 >= OPTIONS_MAX)
        return;
    options->keyword[options->n] = keyword;
    options->value[options->n++] = value;
    options->keyword[options->n] = options->value[options->n] = NULL;
}

static const char *find_option(const PQconninfoOption *options, const char *keyword)
{
    for (; options->keyword; ++options)
        if (strcmp(options->keyword, keyword) == 0)
            return options->val && *options->val ? options->val : NULL;
    return NULL;
}

static bool is_given(const PQconninfoOption *address, const char *keyword, const char *variable)
{
    return find_option(address, keyword) || (variable && getenv(variable)) || find_option(address, "service") ||
           getenv("PGSERVICE");
}

/* In front of the address, so that it overrides them. */
static void add_defaults(struct options *options, const PQconninfoOption *address)
{
    static const struct {
        const char *keyword, *variable, *value;
    } defaults[] = {
        {"connect_timeout", "PGCONNECT_TIMEOUT", "10"},
        {"keepalives_idle", NULL, "60"},
        {"keepalives_interval", NULL, "10"},
        {"keepalives_count", NULL, "6"},
    };
    for (size_t i = 0; i < sizeof defaults / sizeof defaults[0]; ++i)
        if (!is_given(address, defaults[i].keyword, defaults[i].variable))
            add_option(options, defaults[i].keyword, defaults[i].value);
}

/* What no address may override. */
static void add_own(struct options *options)
{
    add_option(options, "client_encoding", "UTF8");
    add_option(options, "fallback_application_name", "strata");
}

/* A password that is not escaped ends up in the host, the port or the database, and from there in messages. */
static bool is_sound(const PQconninfoOption *address)
{
    const char *port = find_option(address, "port"), *host = find_option(address, "host");
    const char *database = find_option(address, "dbname");
    return !(port && port[strspn(port, "0123456789,")]) && !(host && host[0] != '@' && strchr(host, '@')) &&
           !(database && strpbrk(database, "@/"));
}

/* libpq's own message would quote a part of the address, which may be one of the password. */
static enum strata_status parse_address(const char *address, PQconninfoOption **parsed, struct strata_error *err)
{
    char *message = NULL;
    *parsed = PQconninfoParse(address, &message);
    PQfreemem(message);
    if (*parsed && is_sound(*parsed))
        return STRATA_OK;
    return strata_fail(err, STRATA_USAGE,
                       "the address of --source is not one of a PostgreSQL database; write "
                       "postgresql://USER@HOST:PORT/DATABASE?KEY=VALUE, with %%-escapes for other characters than "
                       "letters, digits and -._~ (@ is %%40), and the password better in ~/.pgpass");
}

/* One line that a terminal can take. */
static void copy_line(char *out, size_t capacity, const char *text)
{
    size_t n = strlen(text);
    while (n && strchr(" \n\t", text[n - 1]))
        --n;
    n = strata_utf8_cut(text, n, capacity - 1);
    memcpy(out, text, n);
    for (size_t i = 0; i < n; ++i)
        if (out[i] == '\n' || out[i] == '\t')
            out[i] = ' ';
    strata_utf8_make_printable(out, n);
    out[n] = '\0';
}

static enum strata_status fail_connection(const struct strata_postgresql_connection *connection, const char *what,
                                          struct strata_error *err)
{
    char message[1024];
    copy_line(message, sizeof message, PQerrorMessage(connection->server));
    return strata_fail(err, STRATA_IO, "%s: %s: %s", connection->name, what, *message ? message : "no reason given");
}

static void ignore_notice(void *context, const PGresult *notice)
{
    (void)context;
    (void)notice;
}

static enum strata_status name_connection(struct strata_postgresql_connection *connection, struct strata_error *err)
{
    const char *database = PQdb(connection->server), *host = PQhost(connection->server);
    char name[1024];
    int n = snprintf(name, sizeof name, "PostgreSQL database %s at %s:%s", database && *database ? database : "?",
                     host && *host ? host : "localhost", PQport(connection->server));
    if (n > 0)
        strata_utf8_make_printable(name, strlen(name));
    connection->name = strata_copy_string(name);
    return connection->name ? STRATA_OK : strata_fail(err, STRATA_MEMORY, "out of memory for a connection");
}

static enum strata_status connect_with(struct strata_postgresql_connection *connection, const struct options *options,
                                       struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    *connection = (struct strata_postgresql_connection){
        .server = PQconnectdbParams(options->keyword, options->value, 1),
    };
    if (!connection->server)
        STRATA_GIVE_UP(err, STRATA_MEMORY, "out of memory for a connection to PostgreSQL");
    STRATA_TRY(name_connection(connection, err));
    if (PQstatus(connection->server) != CONNECTION_OK)
        STRATA_TRY(fail_connection(connection, "no connection", err));
    (void)PQsetNoticeReceiver(connection->server, ignore_notice, NULL);
    const char *integer_times = PQparameterStatus(connection->server, "integer_datetimes");
    if (!integer_times || strcmp(integer_times, "on") != 0)
        STRATA_GIVE_UP(err, STRATA_REJECTED,
                       "%s: its server sends times as floating point numbers, which are not exact", connection->name);
    /* The server shall notice when nobody waits for a long statement any more; older ones cannot. */
    PQclear(PQexec(connection->server, "SET client_connection_check_interval = '10s'"));
done:
    if (status != STRATA_OK)
        strata_postgresql_disconnect(connection);
    return status;
}

enum strata_status strata_postgresql_connect(struct strata_postgresql_connection *connection, const char *address,
                                             struct strata_error *err)
{
    PQconninfoOption *parsed;
    struct options options = {0};
    enum strata_status status = parse_address(address, &parsed, err);
    if (status == STRATA_OK) {
        add_defaults(&options, parsed);
        add_option(&options, "dbname", address);
        add_own(&options);
        status = connect_with(connection, &options, err);
    }
    PQconninfoFree(parsed);
    return status;
}

enum strata_status strata_postgresql_connect_again(struct strata_postgresql_connection *connection,
                                                   const struct strata_postgresql_connection *first,
                                                   struct strata_error *err)
{
    struct options options = {0};
    PQconninfoOption *all = PQconninfo(first->server);
    if (!all)
        return strata_fail(err, STRATA_MEMORY, "out of memory for a connection to PostgreSQL");
    for (const PQconninfoOption *option = all; option->keyword; ++option)
        if (option->val && *option->val)
            add_option(&options, option->keyword, option->val);
    /* An address may name several hosts; and the name of one may stand for several. */
    const char *host_address = PQhostaddr(first->server);
    add_option(&options, "host", PQhost(first->server));
    add_option(&options, "hostaddr", host_address && *host_address ? host_address : NULL);
    add_option(&options, "port", PQport(first->server));
    add_own(&options);
    enum strata_status status = connect_with(connection, &options, err);
    PQconninfoFree(all);
    return status;
}

void strata_postgresql_disconnect(struct strata_postgresql_connection *connection)
{
    PQfinish(connection->server);
    free(connection->name);
    *connection = (struct strata_postgresql_connection){0};
}

/* Is it the server or the connection that failed, rather than the statement? By the class of the SQLSTATE. */
static bool is_out_of_order(const char *state)
{
    static const char *const classes[] = {"08", "25P03", "28", "40", "53", "55P03", "57", "58", "XX"};
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; ++i)
        if (strncmp(state, classes[i], strlen(classes[i])) == 0)
            return true;
    return false;
}

/* What the server says of a statement; without SQLSTATE it is libpq that speaks. */
static enum strata_status fail_result(const struct strata_postgresql_connection *connection, const PGresult *result,
                                      struct strata_error *err)
{
    static const struct {
        int code;
        const char *before;
    } parts[] = {{PG_DIAG_MESSAGE_PRIMARY, ": "}, {PG_DIAG_MESSAGE_DETAIL, "; "}, {PG_DIAG_MESSAGE_HINT, "; "}};
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    if (!state)
        return fail_connection(connection, "the connection broke off", err);
    char text[2048] = "";
    size_t at = 0;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; ++i) {
        const char *part = PQresultErrorField(result, parts[i].code);
        char line[512];
        if (!part)
            continue;
        copy_line(line, sizeof line, part);
        int n = snprintf(text + at, sizeof text - at, "%s%s", parts[i].before, line);
        at += n > 0 && (size_t)n < sizeof text - at ? (size_t)n : 0;
    }
    return strata_fail(err, is_out_of_order(state) ? STRATA_IO : STRATA_REJECTED, "%s%s (SQLSTATE %s)",
                       connection->name, text, state);
}

static enum strata_status take_result(const struct strata_postgresql_connection *connection, PGresult *answer,
                                      ExecStatusType expected, PGresult **result, struct strata_error *err)
{
    ExecStatusType found = PQresultStatus(answer);
    if (found == expected && result) {
        *result = answer;
        return STRATA_OK;
    }
    enum strata_status status =
        found == expected ? STRATA_OK
        : found == PGRES_FATAL_ERROR
            ? fail_result(connection, answer, err)
            : strata_fail(err, STRATA_REJECTED, "%s: the statement gives no rows", connection->name);
    PQclear(answer);
    return status;
}

enum strata_status strata_postgresql_query(const struct strata_postgresql_connection *connection, const char *statement,
                                           int n, const char *const parameter[], PGresult **result,
                                           struct strata_error *err)
{
    PGresult *answer = PQexecParams(connection->server, statement, n, NULL, parameter, NULL, NULL, 0);
    return take_result(connection, answer, result ? PGRES_TUPLES_OK : PGRES_COMMAND_OK, result, err);
}

enum strata_status strata_postgresql_query_binary(const struct strata_postgresql_connection *connection,
                                                  const char *statement, PGresult **result, struct strata_error *err)
{
    PGresult *answer = PQexecParams(connection->server, statement, 0, NULL, NULL, NULL, NULL, 1);
    return take_result(connection, answer, PGRES_TUPLES_OK, result, err);
}

enum strata_status strata_postgresql_begin(const struct strata_postgresql_connection *connection,
                                           struct strata_error *err)
{
    return strata_postgresql_query(connection, "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY", 0, NULL, NULL, err);
}

enum strata_status strata_postgresql_describe(const struct strata_postgresql_connection *connection, const char *query,
                                              PGresult **result, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    STRATA_TRY(take_result(connection, PQprepare(connection->server, "", query, 0, NULL), PGRES_COMMAND_OK, NULL, err));
    STRATA_TRY(take_result(connection, PQdescribePrepared(connection->server, ""), PGRES_COMMAND_OK, result, err));
done:
    return status;
}

enum strata_status strata_postgresql_copy(struct strata_postgresql_connection *connection, const char *statement,
                                          struct strata_error *err)
{
    PGresult *answer = PQexecParams(connection->server, statement, 0, NULL, NULL, NULL, NULL, 0);
    connection->copy = (struct strata_copy_stream){0};
    return take_result(connection, answer, PGRES_COPY_OUT, NULL, err);
}

/* The server's last word on a COPY: how many rows it sent, or why it stopped. */
static enum strata_status finish_copy(struct strata_postgresql_connection *connection, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    PGresult *result = NULL;
    STRATA_TRY(take_result(connection, PQgetResult(connection->server), PGRES_COMMAND_OK, &result, err));
    STRATA_TRY(strata_copy_stream_finish(&connection->copy, strtoull(PQcmdTuples(result), NULL, 10), err));
    PQclear(result);
    result = PQgetResult(connection->server);
    if (result)
        STRATA_TRY(fail_result(connection, result, err));
done:
    PQclear(result);
    return status;
}

enum strata_status strata_postgresql_copy_next(struct strata_postgresql_connection *connection, char **message,
                                               size_t *row_at, size_t *n, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    for (;;) {
        *message = NULL;
        int got = PQgetCopyData(connection->server, message, 0);
        if (got == -2)
            return fail_connection(connection, "the connection broke off", err);
        if (got < 0)
            return finish_copy(connection, err);
        *n = (size_t)got;
        STRATA_TRY(strata_copy_stream_take(&connection->copy, *message, *n, row_at, err));
        if (*row_at < *n)
            return STRATA_OK;
        PQfreemem(*message);
    }
done:
    PQfreemem(*message);
    *message = NULL;
    return status;
}
