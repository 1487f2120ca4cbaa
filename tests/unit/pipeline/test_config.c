/* The configuration: the laws of the option table, YAML and its errors, text and back, options against each other. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <strata/config.h>
#include <strata/segments.h>
#include <string.h>
#include <unistd.h>

static struct strata_config config;
static struct strata_error err;
static char path[] = "/tmp/strata-config-XXXXXX";

static void set_up(void)
{
    int file = mkstemp(path);
    cr_assert(file >= 0);
    close(file);
    cr_assert_eq(strata_config_init(&config, &err), STRATA_OK, "%s", err.message);
}

static void tear_down(void)
{
    strata_config_release(&config);
    unlink(path);
}

TestSuite(config, .init = set_up, .fini = tear_down);

static void write_bytes(const char *bytes, size_t n)
{
    FILE *file = fopen(path, "wb");
    cr_assert(file);
    cr_assert_eq(fwrite(bytes, 1, n, file), n);
    cr_assert_eq(fclose(file), 0);
}

static enum strata_status load(const char *yaml)
{
    write_bytes(yaml, strlen(yaml));
    return strata_config_load(&config, path, &err);
}

static void load_well(const char *yaml) { cr_assert_eq(load(yaml), STRATA_OK, "%s\n%s", yaml, err.message); }

/* A fresh configuration with only this file over it. */
static void start_again(void)
{
    strata_config_release(&config);
    cr_assert_eq(strata_config_init(&config, &err), STRATA_OK);
    err = (struct strata_error){0};
}

static char *text_of(const char *option)
{
    char *text = NULL;
    cr_assert_eq(strata_config_get(&config, option, &text, &err), STRATA_OK, "%s", err.message);
    return text;
}

static void expect(const char *option, const char *value)
{
    char *text = text_of(option);
    cr_assert_str_eq(text, value, "%s is %s, not %s", option, text, value);
    free(text);
}

static char *yaml_of(const struct strata_config *some)
{
    char *text = NULL;
    cr_assert_eq(strata_config_to_yaml(some, &text, &err), STRATA_OK, "%s", err.message);
    return text;
}

/* ---- laws of the option table ---- */

Test(config, names_and_flags_are_unique_and_found)
{
    for (size_t i = 0; i < strata_option_count(); i++) {
        const struct strata_option *a = strata_option_at(i);
        char flag[64];
        cr_assert_eq(strata_option_find(a->name), a);
        snprintf(flag, sizeof flag, "--%s", a->flag ? a->flag : "none");
        cr_assert_eq(strata_option_find(flag), a->flag ? a : NULL);
        cr_assert(a->help && *a->help && a->group && *a->group, "%s", a->name);
        cr_assert_eq(a->flag && !a->metavar, a->flag_value != NULL, "%s", a->name);
        cr_assert_eq(a->type == STRATA_OPTION_CHOICE, a->words != NULL, "%s", a->name);
    }
    cr_assert_null(strata_option_at(strata_option_count()));
    cr_assert_null(strata_option_find("nothing"));
}

Test(config, rows_of_a_group_are_adjacent)
{
    for (size_t i = 0; i < strata_option_count(); i++)
        for (size_t j = i + 1; j < strata_option_count(); j++) {
            const char *group = strata_option_at(i)->group;
            if (strcmp(group, strata_option_at(j)->group) == 0 && j > i + 1)
                cr_assert_str_eq(strata_option_at(j - 1)->group, group);
        }
}

Test(config, defaults_are_inside_the_bounds_and_read_back)
{
    for (size_t i = 0; i < strata_option_count(); i++) {
        const struct strata_option *option = strata_option_at(i);
        if (option->type == STRATA_OPTION_RULES)
            continue;
        expect(option->name, option->default_text ? option->default_text : "");
        if (option->default_text)
            cr_assert_eq(strata_config_set(&config, option->name, option->default_text, &err), STRATA_OK);
    }
    cr_assert_eq(strata_config_validate(&config, &err), STRATA_OK, "%s", err.message);
}

/* A value other than the default, in its canonical form. */
static const char *other_value(const struct strata_option *option, char store[64])
{
    switch (option->type) {
    case STRATA_OPTION_TEXT: return "客户 \"id\": #1";
    case STRATA_OPTION_CHOICE: return strcpy(store, strrchr(option->words, '|') + 1);
    case STRATA_OPTION_FLAG: return strcmp(option->default_text, "true") == 0 ? "false" : "true";
    case STRATA_OPTION_INTEGER: snprintf(store, 64, "%.0f", option->low + 2); return store;
    case STRATA_OPTION_SIZE: return "512M";
    case STRATA_OPTION_REAL: return "0.0125";
    case STRATA_OPTION_DATE: return "2024-02-29";
    case STRATA_OPTION_PATHS: return "orders, old/*.csv";
    case STRATA_OPTION_NAMES: return "tenure,orders";
    case STRATA_OPTION_NUMBERS: return "0.5,30,180";
    case STRATA_OPTION_RULES: break;
    }
    return NULL;
}

/* "a.b" and a value as YAML; text in single quotes. */
static void put_yaml(char out[256], const struct strata_option *option, const char *value)
{
    const char *dot = strchr(option->name, '.');
    bool is_text = option->type == STRATA_OPTION_TEXT || option->type == STRATA_OPTION_PATHS;
    snprintf(out, 256, "%.*s%s%s: %s%s%s\n", dot ? (int)(dot - option->name) : 0, option->name, dot ? ":\n  " : "",
             dot ? dot + 1 : option->name, is_text ? "'" : "", value, is_text ? "'" : "");
}

Test(config, every_row_is_set_by_name_by_flag_and_by_yaml)
{
    char store[64], yaml[256], flag[64];
    for (size_t i = 0; i < strata_option_count(); i++) {
        const struct strata_option *option = strata_option_at(i);
        const char *value = other_value(option, store);
        if (!value)
            continue;
        start_again();
        cr_assert_eq(strata_config_set(&config, option->name, value, &err), STRATA_OK, "%s", err.message);
        expect(option->name, value);

        start_again();
        cr_assert(option->flag);
        snprintf(flag, sizeof flag, "--%s", option->flag);
        cr_assert_eq(strata_config_set(&config, flag, option->flag_value ? option->flag_value : value, &err), STRATA_OK,
                     "%s", err.message);
        expect(flag, value);

        start_again();
        put_yaml(yaml, option, value);
        load_well(yaml);
        expect(option->name, value);
    }
}

Test(config, bounds_hold_on_both_sides)
{
    char value[64];
    for (size_t i = 0; i < strata_option_count(); i++) {
        const struct strata_option *option = strata_option_at(i);
        if (option->type != STRATA_OPTION_INTEGER && option->type != STRATA_OPTION_SIZE &&
            option->type != STRATA_OPTION_REAL)
            continue;
        for (int side = 0; side < 2; side++) {
            double bound = side ? option->high : option->low;
            snprintf(value, sizeof value, "%.0f", bound);
            cr_assert_eq(strata_config_set(&config, option->name, value, &err), STRATA_OK, "%s", err.message);
            snprintf(value, sizeof value, "%.0f", side ? bound * 2 + 1 : bound - 1);
            cr_assert_eq(strata_config_set(&config, option->name, value, &err), STRATA_USAGE);
            cr_assert(strstr(err.message, option->name) == err.message && strstr(err.message, "out of bounds"), "%s",
                      err.message);
        }
    }
}

/* ---- values ---- */

Test(config, messages_begin_with_the_name_that_the_caller_used)
{
    cr_assert_eq(strata_config_set(&config, "scores.method", "meen", &err), STRATA_USAGE);
    cr_assert_str_eq(err.message, "scores.method: 'meen' is not one of auto, quantile, ntile, r-rfm, fixed or mean\n"
                                  "did you mean mean?");
    cr_assert_eq(strata_config_set(&config, "--as-of", "2025-02-30", &err), STRATA_USAGE);
    cr_assert_str_eq(err.message,
                     "--as-of: '2025-02-30' is not a date\nwrite YYYY-MM-DD or auto, a day of the calendar");
    cr_assert_eq(strata_config_set(&config, "--score-metod", "mean", &err), STRATA_USAGE);
    cr_assert_str_eq(err.message, "there is no option --score-metod\ndid you mean --score-method?");
    cr_assert_eq(strata_config_set(&config, "scores.metod", "mean", &err), STRATA_USAGE);
    cr_assert_str_eq(err.message, "there is no option scores.metod\ndid you mean scores.method?");
}

Test(config, values_that_are_refused)
{
    static const char *const bad[][2] = {
        {"threads", ""},
        {"threads", "two"},
        {"threads", "2x"},
        {"threads", "1.5"},
        {"threads", "99999999999999999999"},
        {"memory_limit", "8Q"},
        {"memory_limit", "8 "},
        {"memory_limit", "G"},
        {"memory_limit", "-1"},
        {"memory_limit", "9999999999T"},
        {"clusters.tolerance", "nan"},
        {"clusters.tolerance", "inf"},
        {"clusters.tolerance", "0x1p-3"},
        {"clusters.tolerance", ""},
        {"clusters.columns", "a,,b"},
        {"clusters.columns", ""},
        {"as_of", "2025-1-1"},
        {"as_of", ""},
        {"compress", "maybe"},
        {"output", ""},
        {"time_zone", ""},
        {"scores.recency_cuts", "1,x"},
        {"currency", "\xff\xfe"},
        {"transactions", ""},
        {"transactions", "\xc3(.csv"},
        {"segments.rules", "x"},
        {"header", "perhaps"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        cr_expect_eq(strata_config_set(&config, bad[i][0], bad[i][1], &err), STRATA_USAGE, "%s = '%s'", bad[i][0],
                     bad[i][1]);
        cr_expect_eq(strncmp(err.message, bad[i][0], strlen(bad[i][0])), 0, "%s", err.message);
        cr_expect(strchr(err.message, '\n'), "it says what to do: %s", err.message);
    }
}

Test(config, sizes_and_words)
{
    static const struct {
        const char *text;
        int64_t bytes;
    } sizes[] = {{"0", 0},          {"1000", 1000},    {"1K", 1024},        {"512M", 512 << 20},
                 {"8G", 8LL << 30}, {"2T", 2LL << 40}, {"8GiB", 8LL << 30}, {"8GB", 8LL << 30}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        cr_assert_eq(strata_config_set(&config, "memory_limit", sizes[i].text, &err), STRATA_OK, "%s", err.message);
        cr_assert_eq(config.memory_limit_bytes, sizes[i].bytes, "%s", sizes[i].text);
    }
    cr_assert_eq(strata_config_set(&config, "memory_limit", "auto", &err), STRATA_OK);
    cr_assert_eq(config.memory_limit_bytes, STRATA_CONFIG_AUTO);
    cr_assert_eq(config.as_of_day, STRATA_CONFIG_AS_OF_AUTO);
    cr_assert_eq(config.window_days, STRATA_CONFIG_AUTO);
    cr_assert_eq(config.max_bad_rows, STRATA_CONFIG_AUTO);
    cr_assert_eq(config.clusters.k, STRATA_CONFIG_AUTO);
    cr_assert_eq(strata_config_set(&config, "as_of", "1970-01-02", &err), STRATA_OK);
    cr_assert_eq(config.as_of_day, 1);
}

Test(config, lists_are_set_and_added_to)
{
    cr_assert_eq(strata_config_set(&config, "transactions", "a,b.csv", &err), STRATA_OK);
    cr_assert_eq(strata_config_add(&config, "--transactions", "c.csv", &err), STRATA_OK);
    cr_assert_eq(config.transactions.n, 2);
    cr_assert_str_eq(config.transactions.item[0], "a,b.csv");
    cr_assert_str_eq(config.transactions.item[1], "c.csv");
    cr_assert_eq(strata_config_set(&config, "transactions", "d.csv", &err), STRATA_OK);
    cr_assert_eq(config.transactions.n, 1);
    cr_assert_eq(strata_config_set(&config, "scores.recency_cuts", "30, 90,180 ", &err), STRATA_OK);
    cr_assert_eq(config.scores.recency_cuts.n, 3);
    cr_assert_eq(config.scores.recency_cuts.item[2], 180);
}

/* An empty column is one that is not mapped, even where a usual name would be recognised. */
Test(config, optional_columns_can_be_taken_back)
{
    load_well("columns: {order: id}\n");
    cr_assert_eq(strata_config_set(&config, "--order", "", &err), STRATA_OK);
    cr_assert_str_eq(config.columns.order, "");
}

/* ---- YAML ---- */

static const char example[] =
    "transactions: [orders/2025-*.csv, orders/today.csv]\n"
    "columns: {customer: customer_id, time: order_time, amount: amount, order: order_id}\n"
    "time_zone: UTC\n"
    "as_of: 2026-01-01\n"
    "scores: {method: quantile, levels: 5}          # quantile | ntile | r-rfm | fixed | mean\n"
    "segments: {map: default}\n"
    "clusters: {k: auto, columns: [recency, frequency, monetary], transform: log1p, scaling: standard, restarts: 8}\n"
    "output: results.h5\n";

Test(config, the_example_is_read)
{
    load_well(example);
    cr_assert_eq(config.transactions.n, 2);
    cr_assert_str_eq(config.transactions.item[1], "orders/today.csv");
    cr_assert_str_eq(config.columns.time, "order_time");
    cr_assert_eq(config.as_of_day, 20454);
    cr_assert_eq(config.scores.method, STRATA_CONFIG_SCORE_QUANTILE);
    cr_assert_eq(config.scores.levels, 5);
    cr_assert_eq(config.clusters.columns.n, 3);
    cr_assert_eq(strata_config_validate(&config, &err), STRATA_OK, "%s", err.message);
}

Test(config, block_style_and_single_values)
{
    load_well("---\n"
              "transactions: orders.csv\n"
              "clusters:\n"
              "  k: 4\n"
              "  columns:\n"
              "    - recency\n"
              "    - monetary\n"
              "scores:\n"
              "  method: fixed\n"
              "  recency_cuts: 30,90\n"
              "  frequency_cuts: [2, 5]\n"
              "  monetary_cuts: [1e2, 1e3]\n"
              "quiet: yes\n"
              "compress: false\n"
              "memory_limit: 8G\n"
              "...\n");
    expect("transactions", "orders.csv");
    expect("clusters.columns", "recency,monetary");
    expect("scores.monetary_cuts", "100,1000");
    cr_assert_eq(config.scores.monetary_cuts.item[1], 1000);
    cr_assert(config.quiet && !config.compress);
    cr_assert_eq(strata_config_validate(&config, &err), STRATA_OK, "%s", err.message);
    cr_assert_eq(strata_config_score_levels(&config), 3);
}

Test(config, files_that_say_nothing)
{
    static const char *const empty[] = {"",
                                        "\n\n",
                                        "# only a comment\n",
                                        "---\n",
                                        "--- ~\n",
                                        "{}\n",
                                        "\xef\xbb\xbf",
                                        "scores:\nas_of: ~\nclusters: {k: null}\ntransactions:\nsegments: {rules: }\n"};
    char *defaults = yaml_of(&config);
    for (size_t i = 0; i < sizeof empty / sizeof empty[0]; i++) {
        load_well(empty[i]);
        char *text = yaml_of(&config);
        cr_assert_str_eq(text, defaults, "case %zu", i);
        free(text);
    }
    free(defaults);
}

Test(config, a_file_lays_over_what_is_there)
{
    load_well("transactions: [a, b]\nseed: 7\nsegments: {rules: [{name: A}, {name: B}]}\n");
    load_well("transactions: [c]\nsegments: {rules: [{name: C}]}\n");
    expect("transactions", "c");
    expect("seed", "7");
    cr_assert_eq(config.segments.n_rules, 1);
    cr_assert_str_eq(config.segments.rules[0].name, "C");
    cr_assert_eq(strata_config_set(&config, "--transactions", "d", &err), STRATA_OK);
    expect("transactions", "d");
}

Test(config, own_rules)
{
    load_well("segments:\n"
              "  rules:\n"
              "    - {name: Champions, name_zh: 冠军, action: Reward them, r: 4-5, fm: 4-5}\n"
              "    - name: Lost\n"
              "      r: 1\n"
              "      f: any\n"
              "      m: ~\n"
              "  otherwise: Rest\n");
    cr_assert_eq(config.segments.map, STRATA_CONFIG_MAP_OWN);
    cr_assert_eq(config.segments.n_rules, 2);
    const struct strata_segment_rule *rules = config.segments.rules;
    cr_assert_str_eq(rules[0].name_zh, "冠军");
    cr_assert_str_eq(rules[0].action, "Reward them");
    cr_assert(rules[0].r.low == 4 && rules[0].r.high == 5 && rules[0].fm.low == 4);
    cr_assert(rules[0].f.low == 0 && rules[0].f.high == STRATA_SCORE_RANGE_END);
    cr_assert(rules[1].r.low == 1 && rules[1].r.high == 1);
    cr_assert(rules[1].f.high == STRATA_SCORE_RANGE_END && rules[1].m.high == STRATA_SCORE_RANGE_END);
    cr_assert_null(rules[1].name_zh);
    cr_assert_eq(strata_config_validate(&config, &err), STRATA_OK, "%s", err.message);
    /* A flag wins over the rules of the file. */
    cr_assert_eq(strata_config_set(&config, "--segment-map", "r-vignette", &err), STRATA_OK);
    cr_assert_eq(strata_config_validate(&config, &err), STRATA_OK, "%s", err.message);
    char *text = yaml_of(&config);
    cr_assert_null(strstr(text, "rules"));
    free(text);
}

/* The message after the path of the file. */
static void expect_error(const char *yaml, size_t n, const char *message)
{
    start_again();
    write_bytes(yaml, n);
    cr_assert_eq(strata_config_load(&config, path, &err), STRATA_USAGE, "%s", yaml);
    cr_assert_eq(strncmp(err.message, path, strlen(path)), 0, "%s", err.message);
    cr_assert_str_eq(err.message + strlen(path), message, "%s\n%s", yaml, err.message);
}

Test(config, errors_name_line_and_key)
{
    static const char *const cases[][2] = {
        {"seed: 1\ntransaction: a\n", ":2: transaction: there is no such key\ndid you mean transactions?"},
        {"scores:\n  methd: mean\n", ":2: scores.methd: there is no such key\ndid you mean scores.method?"},
        {"score: {method: mean}\n", ":1: score: there is no such key\ndid you mean scores?"},
        {"\nmethod: mean\n", ":2: method: there is no such key\ndid you mean scores.method?"},
        {"scores.method: mean\n", ":1: scores.method: there is no such key\ndid you mean scores.method?"},
        {"zzzzzzzzz: 1\n", ":1: zzzzzzzzz: there is no such key\nremove it; the keys are in strata run --help"},
        {"--seed: 1\n", ":1: --seed: there is no such key\ndid you mean seed?"},
        {"seed: 1\n\nseed: 2\n", ":3: seed: this key is also on line 1\nremove one of them"},
        {"scores: {levels: 5}\nscores: {levels: 4}\n", ":2: scores: this key is also on line 1\nremove one of them"},
        {"scores: {levels: 5,\n levels: 4}\n", ":2: scores.levels: this key is also on line 1\nremove one of them"},
        {"scores: mean\n", ":1: scores: needs a mapping, not a single value\nwrite its keys and values: {key: value}"},
        {"scores: [mean]\n", ":1: scores: needs a mapping, not a list\nwrite its keys and values: {key: value}"},
        {"output: [a, b]\n", ":1: output: needs a single value, not a list\nwrite key: value"},
        {"output: {a: b}\n", ":1: output: needs a single value, not a mapping\nwrite key: value"},
        {"transactions: {a: b}\n", ":1: transactions: needs a list or a single value, not a mapping\nwrite [a, b]"},
        {"transactions:\n  - a\n  - [b]\n",
         ":3: transactions[1]: needs a single value, not a list\nwrite the values in one list: [a, b]"},
        {"- a\n- b\n", ":1: the configuration: needs a mapping, not a list\nwrite lines of the form key: value"},
        {"\njust words\n",
         ":2: the configuration: needs a mapping, not a single value\nwrite lines of the form key: value"},
        {"seed: 1\nclusters:\n  k: 2000\n",
         ":3: clusters.k: 2000 is out of bounds\nwrite a number from 0 to 1000, or auto"},
        {"seed: one\n", ":1: seed: 'one' is not a whole number\nwrite a number from 0 to 9007199254740992"},
        {"window: -3\n", ":1: window: -3 is out of bounds\nwrite a number from 1 to 100000 days, or all"},
        {"scores:\n  levels: 5\n  method: quantil\n",
         ":3: scores.method: 'quantil' is not one of auto, quantile, ntile, r-rfm, fixed or mean\n"
         "did you mean quantile?"},
        {"header: vielleicht\n", ":1: header: 'vielleicht' is not a value of this option\nwrite auto, yes or no"},
        {"as_of: 2025-13-01\n",
         ":1: as_of: '2025-13-01' is not a date\nwrite YYYY-MM-DD or auto, a day of the calendar"},
        {"memory_limit: lots\n",
         ":1: memory_limit: 'lots' is not a size\nwrite bytes, or a number with K, M, G or T: 8G"},
        {"compress: perhaps\n",
         ":1: compress: 'perhaps' is not a value of this option\nwrite false, true, no, yes, off or on"},
        {"output: ''\n", ":1: output: the value is empty\nleave the option out for its default, results.h5"},
        {"scores:\n  recency_cuts:\n    - 30\n    - many\n",
         ":4: scores.recency_cuts[1]: 'many' is not a number\nwrite a number from -1000000000000000 to "
         "1000000000000000"},
        {"transactions: [a, '']\n", ":1: transactions[1]: a value of the list is empty\nwrite it or remove it"},
        {"a: &x 1\n", ":1: a: there is no such key\nremove it; the keys are in strata run --help"},
        {"seed: &x 1\nthreads: *x\n", ":2: aliases (*name) are not understood\nwrite the value again"},
        {"seed: 1\n---\nseed: 2\n",
         ":2: a second document begins here\nwrite one document: one configuration per file"},
        {"? [a]\n: 1\n", ":1: a key must be a word, not a list or a mapping\nwrite key: value"},
        {"currency: \"a\\0b\"\n", ":1: currency: the value holds a NUL character\nremove it"},
        {"segments: {rules: x}\n",
         ":1: segments.rules: needs a list, not a single value\nwrite a list of rules: - {name: Champions, r: 4-5, fm: "
         "4-5}"},
        {"segments:\n  rules:\n    - Champions\n",
         ":3: segments.rules[0]: needs a mapping, not a single value\nwrite a rule such as {name: Champions, r: 4-5, "
         "fm: 4-5}"},
        {"segments:\n  rules:\n    - {name: A}\n    - {nam: B}\n",
         ":4: segments.rules[1].nam: there is no such key in a rule\ndid you mean name? a rule has name, name_zh, "
         "action, r, f, m, fm"},
        {"segments:\n  rules:\n    - {name: A, r: [4, 5]}\n",
         ":3: segments.rules[0].r: needs a single value, not a list\nwrite a text, or scores such as 4-5 or 3"},
        {"segments:\n  rules:\n    - {name: A,\n       r: 3, r: 4}\n",
         ":4: segments.rules[0].r: this key is also on line 4\nremove one of them"},
        {"segments:\n  rules:\n    - {name: A}\n    - {r: 3}\n",
         ":4: segments.rules[1]: the rule has no name\nwrite name: and the segment's name"},
        {"segments:\n  map: default\n  rules: [{name: A}]\n",
         ":3: segments.rules: segments.map on line 2 is not own, so these rules would not be used\nwrite map: own, or "
         "remove one of the two"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        expect_error(cases[i][0], strlen(cases[i][0]), cases[i][1]);
}

Test(config, ranges_of_rules_are_checked_where_they_are)
{
    static const char *const bad[] = {"5-4", "x", "4-", "-4", "11", "1-2-3", "1.5"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char yaml[128], where[128];
        start_again();
        snprintf(yaml, sizeof yaml, "segments:\n  rules:\n    - name: A\n      fm: %s\n", bad[i]);
        snprintf(where, sizeof where, "%s:4: segments.rules[0].fm: ", path);
        cr_assert_eq(load(yaml), STRATA_USAGE, "%s", bad[i]);
        cr_assert_eq(strncmp(err.message, where, strlen(where)), 0, "%s", err.message);
        cr_assert(strstr(err.message, bad[i]), "%s", err.message);
    }
}

Test(config, what_is_not_yaml)
{
    char where[128];
    snprintf(where, sizeof where, "%s:2: column ", path);
    cr_assert_eq(load("seed: 1\n\tthreads: 2\n"), STRATA_USAGE);
    cr_assert_eq(strncmp(err.message, where, strlen(where)), 0, "%s", err.message);
    cr_assert(strstr(err.message, "not YAML"), "%s", err.message);

    cr_assert_eq(load("scores: {method: mean\n"), STRATA_USAGE);
    cr_assert(strstr(err.message, "not YAML"), "%s", err.message);

    snprintf(where, sizeof where, "%s: byte 11: not YAML", path);
    write_bytes("currency: \xff\n", 12);
    cr_assert_eq(strata_config_load(&config, path, &err), STRATA_USAGE);
    cr_assert_eq(strncmp(err.message, where, strlen(where)), 0, "%s", err.message);

    write_bytes("seed: 1\n\0", 9);
    cr_assert_eq(strata_config_load(&config, path, &err), STRATA_USAGE);
    cr_assert(strstr(err.message, "byte 9: not YAML"), "%s", err.message);
}

Test(config, files_that_cannot_be_read)
{
    cr_assert_eq(strata_config_load(&config, "/nowhere/strata.yaml", &err), STRATA_IO);
    cr_assert(strstr(err.message, "cannot open the configuration /nowhere/strata.yaml: No such file"), "%s",
              err.message);
    cr_assert_eq(strata_config_load(&config, "/tmp", &err), STRATA_IO);
    cr_assert(strstr(err.message, "cannot read the configuration /tmp: Is a directory"), "%s", err.message);
}

Test(config, files_beyond_measure)
{
    size_t n = (1 << 20) + 1;
    char *text = malloc(n);
    memset(text, '#', n);
    expect_error(text, n, ": larger than 1048576 bytes\nis it a configuration? transactions go into --transactions");
    free(text);

    char *yaml = NULL;
    FILE *stream = open_memstream(&yaml, &n);
    fputs("segments:\n  rules:\n", stream);
    for (int i = 0; i < 1001; i++)
        fputs("  - {name: A}\n", stream);
    cr_assert_eq(fclose(stream), 0);
    expect_error(yaml, n, ":1003: segments.rules: more than 1000 rules\nwrite fewer rules");
    free(yaml);

    n = 100000;
    yaml = malloc(n);
    memset(yaml, '[', n);
    memcpy(yaml, "seed: ", 6);
    expect_error(yaml, n, ":1: seed: needs a single value, not a list\nwrite key: value");
    free(yaml);
}

Test(config, an_error_may_be_ignored)
{
    write_bytes("seed: x\n", 8);
    cr_assert_eq(strata_config_load(&config, path, NULL), STRATA_USAGE);
    cr_assert_eq(strata_config_set(&config, "seed", "x", NULL), STRATA_USAGE);
    cr_assert_eq(strata_config_set(&config, "sed", "x", NULL), STRATA_USAGE);
}

/* ---- to YAML and back ---- */

static void check_round_trip(void)
{
    char *before = yaml_of(&config);
    start_again();
    load_well(before);
    char *after = yaml_of(&config);
    cr_assert_str_eq(after, before);
    free(before);
    free(after);
}

Test(config, the_effective_configuration_loads_again)
{
    static const char *const cases[] = {
        "",
        example,
        "segments: {map: chinese-8}\n",
        "scores: {method: fixed, recency_cuts: [30, 90.5], frequency_cuts: [2, 5], monetary_cuts: [1e-7, 0.1]}\n",
        "segments:\n  rules:\n    - {name: 'a: \"b\" #c', name_zh: 冠军, action: \"x\\ny\\u2028\\x85\", r: 4-5, fm: "
        "3}\n"
        "    - {name: 'null', f: 1, m: 2-3}\n  otherwise: '~'\n",
        "transactions: ['it''s, here.csv', \"tab\\there\", '~', 'null', ' x ']\ncurrency: 'yes'\n"
        "exclude_order_prefix: '1e5'\n",
        "columns: {customer: 'null', time: '3', amount: \"\\\\\", order: 客户编号}\ncurrency: \"\\U0001F600\\uFEFF\"\n",
        "clusters: {k: 0, tolerance: 1e-9}\nbad_rows: skip\nmax_bad_rows: 0\nmemory_limit: 1536M\nquiet: true\n",
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        start_again();
        load_well(cases[i]);
        check_round_trip();
        cr_assert_eq(strata_config_validate(&config, &err), STRATA_OK, "%s\n%s", err.message, cases[i]);
    }
}

/* What the check refuses, not the reading. */
Test(config, cut_points_of_too_few_and_too_many_levels_load_again)
{
    static const char *const cases[] = {
        "scores: {method: fixed}\n",
        "scores: {method: fixed, recency_cuts: '1,2,3,4,5,6,7,8,9,10'}\n",
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        start_again();
        load_well(cases[i]);
        check_round_trip();
        cr_assert_eq(strata_config_validate(&config, &err), STRATA_USAGE, "%s", cases[i]);
    }
}

/* What no column is called is only found when the options are checked against each other. */
Test(config, names_that_are_no_words_come_back)
{
    static const char *const names[] = {"recency", "rec[ency", "a]", "b: c", "#d", "null", "-e", "\"", "é", "~"};
    load_well("clusters: {columns: [recency, 'rec[ency', 'a]', 'b: c', '#d', 'null', '-e', '\"', é, '~']}\n");
    char *yaml = yaml_of(&config);
    cr_assert(strstr(yaml, "  columns: [recency, \"rec[ency\", "), "%s", yaml);
    start_again();
    load_well(yaml);
    cr_assert_eq(config.clusters.columns.n, sizeof names / sizeof names[0]);
    for (size_t i = 0; i < config.clusters.columns.n; i++)
        cr_assert_str_eq(config.clusters.columns.item[i], names[i]);
    free(yaml);
}

Test(config, any_text_comes_back)
{
    unsigned state = 1;
    for (int round = 0; round < 300; round++) {
        char text[40] = "x", *yaml;
        size_t n = 0;
        while (n < 30) { /* code points of one to three bytes, control characters among them */
            state = state * 1664525u + 1013904223u;
            unsigned kind = state >> 30, code = (state >> 8) & 0xFFFF;
            if (kind < 2) {
                text[n++] = (char)(code % 127 + 1);
            } else if (kind == 2) {
                code = 0x80 + code % 0x780;
                text[n++] = (char)(0xC0 | code >> 6);
                text[n++] = (char)(0x80 | (code & 0x3F));
            } else if ((code = 0x800 + code % 0xF800) < 0xD800 || code > 0xDFFF) {
                text[n++] = (char)(0xE0 | code >> 12);
                text[n++] = (char)(0x80 | (code >> 6 & 0x3F));
                text[n++] = (char)(0x80 | (code & 0x3F));
            }
        }
        start_again();
        cr_assert_eq(strata_config_set(&config, "currency", text, &err), STRATA_OK, "%s", err.message);
        cr_assert_eq(strata_config_set(&config, "transactions", text, &err), STRATA_OK, "%s", err.message);
        yaml = yaml_of(&config);
        start_again();
        load_well(yaml);
        cr_assert_str_eq(config.currency, text);
        cr_assert_str_eq(config.transactions.item[0], text);
        free(yaml);
    }
}

Test(config, auto_is_resolved_in_the_record)
{
    load_well("segments: {map: chinese-8}\n");
    cr_assert_eq(config.scores.method, STRATA_CONFIG_SCORE_AUTO);
    cr_assert_eq(strata_config_score_method(&config), STRATA_CONFIG_SCORE_MEAN);
    cr_assert_eq(strata_config_score_levels(&config), 2);
    char *yaml = yaml_of(&config);
    cr_assert(strstr(yaml, "  method: mean\n  levels: 2\n"), "%s", yaml);
    free(yaml);
}

/* ---- options against each other ---- */

Test(config, passwords_are_not_told)
{
    char *text = NULL;
    start_again();
    load_well("source: 'postgresql://ann:hunter2@host/db'\nquery: \"SELECT 1 -- password=hunter2\"\n");
    cr_assert_str_eq(config.source, "postgresql://ann:hunter2@host/db");
    cr_assert_eq(strata_config_to_yaml(&config, &text, &err), STRATA_OK);
    cr_expect_null(strstr(text, "hunter2"), "%s", text);
    cr_expect(strstr(text, "source: \"postgresql://ann:***@host/db\""), "%s", text);
    free(text);
    cr_assert_eq(strata_config_get(&config, "--source", &text, &err), STRATA_OK);
    cr_expect_str_eq(text, "postgresql://ann:***@host/db");
    free(text);
}

Test(config, options_that_do_not_fit_together)
{
    static const char *const cases[][3] = {
        {"columns: {quantity: q}\n", "columns.quantity (--quantity)", "columns.unit_price (--unit-price)"},
        {"columns: {unit_price: p}\n", "columns.unit_price (--unit-price)", "columns.quantity (--quantity)"},
        {"columns: {quantity: q, unit_price: p, amount: a}\n", "columns.amount (--amount)", "columns.quantity"},
        {"columns: {customer: id, time: id}\n", "columns.customer", "columns.time"},
        {"max_bad_rows: 3\n", "max_bad_rows", "bad_rows: skip"},
        {"scores: {recency_cuts: [1]}\n", "scores.recency_cuts", "scores.method: fixed"},
        {"scores: {method: fixed, recency_cuts: [1]}\n", "scores.method is fixed", "scores.frequency_cuts"},
        {"scores: {method: fixed, recency_cuts: [1, 2], frequency_cuts: [1, 2], monetary_cuts: [1]}\n",
         "scores.monetary_cuts has 1", "scores.recency_cuts has 2"},
        {"scores: {method: fixed, recency_cuts: [2, 2], frequency_cuts: [1, 2], monetary_cuts: [1, 2]}\n",
         "scores.recency_cuts", "rising"},
        {"scores: {method: fixed, recency_cuts: '1,2,3,4,5,6,7,8,9,10', frequency_cuts: [1], monetary_cuts: [1]}\n",
         "scores.recency_cuts has 10", "at most 9"},
        {"scores: {method: fixed, levels: 5, recency_cuts: [1], frequency_cuts: [1], monetary_cuts: [1]}\n",
         "scores.levels is 5", "2 levels"},
        {"scores: {method: mean, levels: 5}\n", "scores.levels is 5", "mean"},
        {"scores: {method: ntile, levels: 2}\n", "scores.levels is 2", "3 to 10"},
        {"scores: {levels: 5}\nsegments: {map: chinese-8}\n", "scores.levels is 5", "segments.map"},
        {"scores: {method: quantile}\nsegments: {map: chinese-8}\n", "chinese-8", "scores.method"},
        {"scores: {levels: 4}\nsegments: {map: r-vignette}\n", "r-vignette", "scores.levels"},
        {"scores: {method: mean}\nsegments: {map: r-0.3.0}\n", "r-0.3.0", "scores.method"},
        {"segments: {map: own}\n", "segments.map is own", "segments.rules"},
        {"segments: {rules: []}\n", "segments.map is own", "segments.rules"},
        {"scores: {levels: 4}\nsegments: {rules: [{name: A, r: 4-5}]}\n", "(A)", "4-5"},
        {"time_format: dat\n", "time_format (--time-format)", "did you mean date?"},
        {"time_format: '%d/%m/%Q'\n", "'%Q'", "%Y"},
        {"time_format: '%d/%m/%'\n", "time_format (--time-format)", "%Y"},
        {"time_format: '%d/%m'\n", "no year", "%Y"},
        {"time_format: '%d %Y'\n", "no month", "%m"},
        {"time_zone: Mars/Olympus\n", "time_zone (--time-zone): ", "Mars/Olympus"},
        {"clusters: {columns: [recensy]}\n", "recensy", "did you mean recency?"},
        {"clusters: {columns: [recency, recency]}\n", "recency twice", "clusters.columns"},
        {"clusters: {columns: []}\n", "clusters.columns", "clusters.k: 0"},
        {"transactions: [a.h5]\noutput: a.h5\n", "a.h5", "transactions"},
        {"transactions: [a.h5]\nsource: duckdb\n", "transactions (--transactions)", "source (--source)"},
        {"source: duckdb\n", "source (--source) is given without", "table (--table)"},
        {"source: duckdb\nquery: SELECT 1\ntable: t\n", "query (--query)", "table (--table)"},
        {"query: SELECT 1\n", "query (--query)", "transactions (--transactions)"},
        {"table: t\n", "table (--table)", "source (--source)"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        start_again();
        load_well(cases[i][0]);
        cr_expect_eq(strata_config_validate(&config, &err), STRATA_USAGE, "%s", cases[i][0]);
        cr_expect(strstr(err.message, cases[i][1]), "%s%s", cases[i][0], err.message);
        cr_expect(strstr(err.message, cases[i][2]), "%s%s", cases[i][0], err.message);
    }
}

Test(config, options_that_fit_together)
{
    static const char *const good[] = {
        "columns: {quantity: q, unit_price: p}\n",
        "time_format: '%d.%m.%y %H:%M:%S'\n",
        "time_format: '%d-%b-%Y'\n",
        "clusters: {k: 0, columns: []}\n",
        "clusters: {columns: [r_score, f_score, tenure]}\n",
        "scores: {levels: 10}\n",
        "scores: {method: mean}\n",
        "scores: {method: mean}\nsegments: {rules: [{name: A, r: 0-1}]}\n",
        "bad_rows: skip\nmax_bad_rows: 0\n",
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        start_again();
        load_well(good[i]);
        cr_expect_eq(strata_config_validate(&config, &err), STRATA_OK, "%s%s", good[i], err.message);
    }
}

/* ---- names ---- */

Test(config, nearest_names)
{
    static const char *const names[] = {"run", "show", "check", "features", "generate"};
    static const char *const meant[][2] = {
        {"rnu", "run"},          {"shwo", "show"}, {"chek", "check"}, {"feature", "features"},
        {"genrate", "generate"}, {"zzz", NULL},    {"", NULL},        {"x", NULL}};
    for (size_t i = 0; i < sizeof meant / sizeof meant[0]; i++) {
        const char *near = strata_nearest_name(meant[i][0], names, 5);
        if (meant[i][1])
            cr_expect_str_eq(near ? near : "", meant[i][1], "%s", meant[i][0]);
        else
            cr_expect_null(near, "%s: %s", meant[i][0], near ? near : "");
    }
}

/* ---- the report on the segment map ---- */

static int report(const char *yaml, char **text)
{
    int n_problems = -1;
    start_again();
    load_well(yaml);
    cr_assert_eq(strata_config_validate(&config, &err), STRATA_OK, "%s", err.message);
    cr_assert_eq(strata_segment_map_report(&config, text, &n_problems, &err), STRATA_OK, "%s", err.message);
    return n_problems;
}

Test(config, maps_are_reported)
{
    char *text;
    cr_assert_eq(report("", &text), 0);
    cr_assert_str_eq(text, "segment map default: 12 rules on 125 cells of R/F/M scores\n");
    free(text);

    cr_assert_eq(report("segments: {map: chinese-8}\n", &text), 0);
    free(text);

    cr_assert_gt(report("segments: {map: r-vignette}\n", &text), 0);
    cr_assert(strstr(text, "hole: 36 of 125 cells match no rule and become Others: 1/1/3"), "%s", text);
    cr_assert(strstr(text, "unreachable: rule 4 (New Customers)"), "%s", text);
    cr_assert(strstr(text, "overlap: rule 1 (Champions) and rule 2 (Loyal Customers) share 8 cells"), "%s", text);
    free(text);

    cr_assert_eq(report("scores: {levels: 3}\nsegments:\n  otherwise: Rest\n  rules:\n    - {name: A, r: 2-3}\n"
                        "    - {name: B, r: 2, f: 1, m: 1}\n    - {name: C, r: 1, f: 1-3, m: 1-2}\n",
                        &text),
                 3);
    cr_assert_str_eq(text, "segment map own: 3 rules on 27 cells of R/F/M scores\n"
                           "overlap: rule 1 (A) and rule 2 (B) share 1 cell; the first rule gets it\n"
                           "hole: 3 of 27 cells match no rule and become Rest: 1/1/3 1/2/3 1/3/3\n"
                           "unreachable: rule 2 (B) never wins a cell: earlier rules take all of its cells, or it has "
                           "none\n");
    free(text);
}
