#include "json_table.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "scratch.h"

static char skip_space(const char **at)
{
    *at += strspn(*at, " \t\r\n");
    return **at;
}

static void expect(const char **at, char byte)
{
    cr_assert_eq(skip_space(at), byte, "'%c' expected in JSON before: %.20s", byte, *at);
    ++*at;
}

static char unescape(char byte)
{
    switch (byte) {
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    default: cr_assert(byte == '"' || byte == '\\' || byte == '/', "escape \\%c", byte); return byte;
    }
}

static struct json_text read_text(const char **at)
{
    expect(at, '"');
    struct json_text text = {malloc(strlen(*at) + 1), 0};
    cr_assert(text.text);
    while (**at != '"') {
        cr_assert(**at, "a string without end");
        if (**at == '\\') {
            ++*at;
            text.text[text.n++] = unescape(*(*at)++);
        } else {
            text.text[text.n++] = *(*at)++;
        }
    }
    ++*at;
    text.text[text.n] = '\0';
    return text;
}

static void push(struct json_text **list, size_t n, struct json_text text)
{
    *list = realloc(*list, (n + 1) * sizeof **list);
    cr_assert(*list);
    (*list)[n] = text;
}

static struct json_row read_row(const char **at)
{
    struct json_row row = {0};
    char open = skip_space(at);
    cr_assert(open == '[' || open == '{');
    char close = open == '[' ? ']' : '}';
    for (++*at; skip_space(at) != close; ++row.n) {
        if (row.n)
            expect(at, ',');
        if (open == '{') {
            push(&row.name, row.n, read_text(at));
            expect(at, ':');
            (void)skip_space(at);
        } else {
            (void)skip_space(at);
        }
        push(&row.value, row.n, read_text(at));
    }
    ++*at;
    return row;
}

static void add_row(struct json_table *table, struct json_row row)
{
    table->row = realloc(table->row, (table->n + 1) * sizeof *table->row);
    cr_assert(table->row);
    table->row[table->n++] = row;
}

void json_table_read(struct json_table *table, const char *path)
{
    size_t n;
    char *text = read_whole_file(path, &n);
    const char *at = text;
    *table = (struct json_table){0};
    if (skip_space(&at) == '{') {
        add_row(table, read_row(&at));
    } else {
        expect(&at, '[');
        while (skip_space(&at) != ']') {
            if (table->n)
                expect(&at, ',');
            add_row(table, read_row(&at));
        }
        ++at;
    }
    cr_assert_eq(skip_space(&at), '\0', "%s goes on: %.20s", path, at);
    free(text);
}

void json_table_release(struct json_table *table)
{
    for (size_t i = 0; i < table->n; ++i) {
        for (size_t j = 0; j < table->row[i].n; ++j) {
            free(table->row[i].value[j].text);
            if (table->row[i].name)
                free(table->row[i].name[j].text);
        }
        free(table->row[i].value);
        free(table->row[i].name);
    }
    free(table->row);
    *table = (struct json_table){0};
}
