#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <strata/generate.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64], path[128];

static void setup(void)
{
    strcpy(folder, "/tmp/strata-generate-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/log.csv", folder);
}

static int files_in_folder(void)
{
    int count = 0;
    DIR *dir = opendir(folder);
    cr_assert_not_null(dir);
    for (struct dirent *entry; (entry = readdir(dir));)
        count += entry->d_name[0] != '.';
    closedir(dir);
    return count;
}

static void teardown(void)
{
    unlink(path);
    rmdir(folder);
}

TestSuite(generate, .init = setup, .fini = teardown);

static char *read_log(size_t *size)
{
    FILE *file = fopen(path, "rb");
    cr_assert_not_null(file);
    struct stat about;
    cr_assert(eq(int, fstat(fileno(file), &about), 0));
    *size = (size_t)about.st_size;
    char *text = malloc(*size + 1);
    cr_assert_not_null(text);
    cr_assert(eq(sz, fread(text, 1, *size, file), *size));
    text[*size] = '\0';
    fclose(file);
    return text;
}

static struct strata_generate_options small_options(void)
{
    struct strata_generate_options options;
    strata_generate_options_init(&options);
    options.customers = 500;
    options.return_share = 0.1;
    options.threads = 1;
    return options;
}

static char *generate(const struct strata_generate_options *options, size_t *size, uint64_t *rows)
{
    struct strata_error err = {0};
    enum strata_status status = strata_generate(options, path, NULL, rows, &err);
    cr_assert(eq(int, status, STRATA_OK), "%s", err.message);
    return read_log(size);
}

static void expect_error(const struct strata_generate_options *options, enum strata_status expected, const char *word)
{
    struct strata_error err = {0};
    cr_assert(eq(int, strata_generate(options, path, NULL, NULL, &err), expected));
    cr_assert(eq(int, err.status, expected));
    cr_assert_not_null(strstr(err.message, word), "'%s' is not in: %s", word, err.message);
    cr_assert(eq(int, files_in_folder(), 0), "something was left behind");
}

Test(generate, the_same_bytes_for_any_number_of_threads)
{
    struct strata_generate_options options = small_options();
    /* Several chunks of customers and several blocks of rows. */
    options.customers = 40000;
    options.days = 60;
    size_t size = 0;
    uint64_t rows = 0;
    char *expected = generate(&options, &size, &rows);
    cr_assert(rows > 40000);
    const int threads[] = {2, 3, 8};
    for (size_t i = 0; i < 3; ++i) {
        options.threads = threads[i];
        size_t other_size = 0;
        uint64_t other_rows = 0;
        char *other = generate(&options, &other_size, &other_rows);
        cr_assert(eq(sz, other_size, size));
        cr_assert(eq(u64, other_rows, rows));
        cr_assert(memcmp(other, expected, size) == 0, "%d threads give other bytes", threads[i]);
        free(other);
    }
    free(expected);
}

Test(generate, rows_are_counted_and_another_seed_gives_another_log)
{
    struct strata_generate_options options = small_options();
    size_t size = 0, other_size = 0, lines = 0;
    uint64_t rows = 0;
    char *text = generate(&options, &size, &rows);
    for (size_t i = 0; i < size; ++i)
        lines += text[i] == '\n';
    cr_assert(eq(sz, lines, (size_t)rows + 1));
    options.seed = 2;
    char *other = generate(&options, &other_size, NULL);
    cr_assert(size != other_size || memcmp(text, other, size) != 0);
    free(other);
    free(text);
}

Test(generate, every_row_has_the_documented_shape)
{
    struct strata_generate_options options = small_options();
    size_t size = 0;
    char *text = generate(&options, &size, NULL), *rest = NULL;
    char *line = strtok_r(text, "\n", &rest);
    cr_assert(eq(str, line, "customer_id,order_time,amount,order_id,channel,category"));
    bool purchase = false, returned = false;
    while ((line = strtok_r(NULL, "\n", &rest))) {
        unsigned customer;
        int year, month, day, hour, minute, second, end = 0;
        double amount;
        char kind, channel[16], category[16];
        unsigned long order;
        int fields = sscanf(line, "C%7u,%4d-%2d-%2d %2d:%2d:%2d,%lf,%c%8lu,%15[a-z],%15[a-z]%n", &customer, &year,
                            &month, &day, &hour, &minute, &second, &amount, &kind, &order, channel, category, &end);
        cr_assert(eq(int, fields, 12), "%s", line);
        cr_assert(line[end] == '\0' && line[8] == ',', "%s", line);
        cr_assert(customer >= 1 && customer <= 500);
        cr_assert(year == 2024 || year == 2025);
        cr_assert(kind == (amount < 0 ? 'R' : 'O'), "%s", line);
        purchase |= amount > 0;
        returned |= amount < 0;
    }
    cr_assert(purchase && returned);
    free(text);
}

Test(generate, lines_of_an_order_add_up_whatever_their_number)
{
    struct strata_generate_options options = small_options();
    options.columns = "order,amount";
    options.header = false;
    options.return_share = 0.0;
    double total[2] = {0.0};
    size_t orders[2] = {0};
    for (int several = 0; several < 2; ++several) {
        options.multi_line_share = several;
        size_t size = 0;
        char *text = generate(&options, &size, NULL), *rest = NULL, last[16] = "";
        for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
            char order[16];
            double amount = 0.0;
            cr_assert(eq(int, sscanf(line, "%15[^,],%lf", order, &amount), 2));
            cr_assert(amount > 0.0);
            orders[several] += strcmp(order, last) != 0;
            strcpy(last, order);
            total[several] += amount;
        }
        free(text);
    }
    cr_assert(eq(sz, orders[0], orders[1]));
    cr_assert_float_eq(total[0], total[1], 1e-6);
}

Test(generate, chosen_columns_and_no_header)
{
    struct strata_generate_options options = small_options();
    options.columns = "amount,customer";
    options.header = false;
    size_t size = 0;
    char *text = generate(&options, &size, NULL);
    double amount;
    unsigned customer;
    cr_assert(eq(int, sscanf(text, "%lf,C%u", &amount, &customer), 2));
    free(text);
}

Test(generate, uuids_are_version_4_and_as_many_as_customers)
{
    struct strata_generate_options options = small_options();
    options.ids = STRATA_IDS_UUID;
    options.columns = "customer";
    options.header = false;
    options.one_time_share = 1.0;
    options.return_share = options.multi_line_share = 0.0;
    size_t size = 0;
    char *text = generate(&options, &size, NULL);
    cr_assert(eq(sz, size, 500u * 37));
    for (size_t row = 0; row < 500; ++row) {
        const char *id = text + row * 37;
        cr_assert(eq(sz, strspn(id, "0123456789abcdef-"), 36));
        cr_assert(id[8] == '-' && id[13] == '-' && id[18] == '-' && id[23] == '-');
        cr_assert(id[14] == '4' && strchr("89ab", id[19]));
        for (size_t other = 0; other < row; ++other)
            cr_assert(memcmp(id, text + other * 37, 36) != 0);
    }
    free(text);
}

Test(generate, an_older_log_is_replaced)
{
    struct strata_generate_options options = small_options();
    size_t size = 0, again = 0;
    free(generate(&options, &size, NULL));
    free(generate(&options, &again, NULL));
    cr_assert(eq(sz, size, again));
    cr_assert(eq(int, files_in_folder(), 1));
}

Test(generate, options_out_of_bounds)
{
    const struct strata_generate_options good = small_options();
    struct strata_generate_options options;
#define EXPECT_USAGE(member, value, word)                                                                              \
    options = good;                                                                                                    \
    options.member = value;                                                                                            \
    expect_error(&options, STRATA_USAGE, word)
    EXPECT_USAGE(customers, 0, "customers");
    EXPECT_USAGE(customers, 2000000001, "customers");
    EXPECT_USAGE(days, 0, "days");
    EXPECT_USAGE(days, 36501, "days");
    EXPECT_USAGE(start, "yesterday", "yesterday");
    EXPECT_USAGE(start, NULL, "first day");
    EXPECT_USAGE(start, "9999-12-01", "9999");
    EXPECT_USAGE(one_time_share, -0.1, "one-time");
    EXPECT_USAGE(one_time_share, NAN, "one-time");
    EXPECT_USAGE(return_share, 1.5, "returned");
    EXPECT_USAGE(multi_line_share, 2.0, "several rows");
    EXPECT_USAGE(orders_per_year, 0.0, "orders per year");
    EXPECT_USAGE(mean_amount, INFINITY, "mean amount");
    EXPECT_USAGE(ids, (enum strata_generate_ids)7, "ids");
    EXPECT_USAGE(threads, -1, "threads");
    EXPECT_USAGE(columns, "customer,colour", "colour");
    EXPECT_USAGE(columns, "customer,customer", "twice");
    EXPECT_USAGE(columns, "", "unknown column");
#undef EXPECT_USAGE
}

Test(generate, a_full_disk_is_an_error)
{
    struct strata_generate_options options = small_options();
    struct strata_error err = {0};
    cr_assert(eq(int, strata_generate(&options, "/dev/full", NULL, NULL, &err), STRATA_IO));
    cr_assert_not_null(strstr(err.message, "/dev/full"));
}

Test(generate, no_such_directory_is_an_error)
{
    struct strata_generate_options options = small_options();
    struct strata_error err = {0};
    cr_assert(eq(int, strata_generate(&options, "/nonexistent/log.csv", NULL, NULL, &err), STRATA_IO));
    cr_assert_not_null(strstr(err.message, "/nonexistent/log.csv"));
    cr_assert(eq(int, strata_generate(&options, folder, NULL, NULL, &err), STRATA_IO));
}

Test(generate, a_reader_that_has_gone_is_an_error_not_a_signal)
{
    struct strata_generate_options options = small_options();
    struct strata_error err = {0};
    int ends[2];
    cr_assert(eq(int, pipe(ends), 0));
    close(ends[0]);
    cr_assert(dup2(ends[1], STDOUT_FILENO) == STDOUT_FILENO);
    close(ends[1]);
    enum strata_status status = strata_generate(&options, "-", NULL, NULL, &err);
    cr_assert_not_null(strstr(err.message, "standard output"));
    cr_assert(eq(int, status, STRATA_IO));
}

static void remember(void *context, const struct strata_event *event)
{
    struct strata_event *last = context;
    cr_assert(event->share >= last->share);
    *last = *event;
}

Test(generate, progress_ends_with_everything)
{
    struct strata_generate_options options = small_options();
    struct strata_event last = {.share = 0.0};
    struct strata_observer observer = {.notify = remember, .context = &last};
    struct strata_error err = {0};
    uint64_t rows = 0;
    cr_assert(eq(int, strata_generate(&options, path, &observer, &rows, &err), STRATA_OK));
    cr_assert(eq(u64, last.rows, rows));
    cr_assert(eq(str, (char *)last.stage, "generate"));
    cr_assert(last.share == 1.0);
}
