#include "plain_columns.h"

#include "decimal_word.h"
#include "plain_columns_kernels.h"
#include "structure.h"
#include "time_quick.h"

size_t strata_plain_count_portable(const uint32_t *position, size_t n_fields, size_t n)
{
    for (size_t row = 0; row < n; ++row)
        for (size_t i = 1; i <= n_fields; ++i)
            if (strata_structure_is_newline(*position++) != (i == n_fields))
                return row;
    return n;
}

void strata_plain_split_rows(const struct strata_plain_split *split, size_t row, struct strata_plain_column *column)
{
    for (size_t c = 0; row < split->n && c < split->n_columns; ++c, ++column) {
        size_t i = row, at = row * split->n_fields + (size_t)split->field[c];
        uint32_t from = at ? strata_structure_offset(split->position[at - 1]) + 1 : (uint32_t)split->start;
        for (;; at += split->n_fields) {
            column->from[i] = from;
            column->n[i] = strata_structure_offset(split->position[at]) - from;
            if (++i == split->n)
                break;
            from = strata_structure_offset(split->position[at + split->n_fields - 1]) + 1;
        }
    }
}

static void split_portable(const struct strata_plain_split *split, struct strata_plain_column *column)
{
    strata_plain_split_rows(split, 0, column);
}

static bool key_has_quote(struct strata_key key)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), quotes = '"' * ones;
    uint64_t high = key.high ^ quotes, low = key.low ^ quotes;
    return ((((high - ones) & ~high) | ((low - ones) & ~low)) & (ones << 7)) != 0;
}

static uint64_t keys_portable(const struct strata_plain_column *column, size_t n, struct strata_key *key)
{
    uint64_t good = 0;
    for (size_t i = 0; i < n; ++i) {
        size_t length = column->n[i];
        bool is_good = length - 1 < sizeof *key - 1;
        key[i] = strata_key_from_padded(column->text + column->from[i], is_good ? length : 0);
        is_good = is_good && strata_key_is_plain(key[i]) && !(column->is_quoted && key_has_quote(key[i]));
        good |= (uint64_t)is_good << i;
    }
    return good;
}

static uint64_t amounts_portable(const struct strata_plain_column *column, size_t n, int decimals, int64_t *amount)
{
    uint64_t good = 0;
    for (size_t i = 0; i < n; ++i) {
        const char *text = column->text + column->from[i];
        bool is_negative = text[0] == '-', is_good = false;
        size_t length = column->n[i] - is_negative;
        if (length - 1 < 8) {
            unsigned blank = (unsigned)(64 - 8 * length);
            uint64_t zeros = STRATA_ASCII_ZEROS & ((UINT64_C(1) << blank) - 1);
            uint64_t word = strata_load_8(text + column->n[i] - 8) >> blank << blank | zeros;
            is_good = strata_decimal_from_word(word, length, decimals, &amount[i]);
            amount[i] = is_negative ? -amount[i] : amount[i];
        }
        good |= (uint64_t)is_good << i;
    }
    return good;
}

uint64_t strata_plain_days_portable(const struct strata_plain_column *column, size_t n,
                                    const struct strata_time_format *format, struct strata_time_memo *memo,
                                    int32_t *day)
{
    uint64_t good = 0, last = 0; /* the date of the row before: logs are often in order of time */
    uint32_t last_digits = 0;
    int32_t last_day = 0;
    for (size_t i = 0; i < n; ++i) {
        const char *text = column->text + column->from[i];
        struct strata_clock clock;
        bool is_good = strata_time_quick_clock(format, text, column->n[i], &clock);
        if (strata_load_8(text) != last || strata_load_2(text + 8) != last_digits) {
            if (!is_good || !strata_time_quick_date(format, memo, text, &last_day)) {
                last = 0;
                continue;
            }
            last = strata_load_8(text);
            last_digits = strata_load_2(text + 8);
        }
        day[i] = last_day;
        good |= (uint64_t)is_good << i;
    }
    return good;
}

static const struct strata_plain_column_variant variants[] = {
#if defined(__x86_64__)
    {"avx512", strata_plain_count_avx512, strata_plain_split_avx512, strata_plain_keys_avx512,
     strata_plain_amounts_avx512, strata_plain_days_avx512},
    {"avx2", strata_plain_count_portable, split_portable, strata_plain_keys_avx2, strata_plain_amounts_avx2,
     strata_plain_days_portable},
#endif
    {"portable", strata_plain_count_portable, split_portable, keys_portable, amounts_portable,
     strata_plain_days_portable},
};

size_t strata_plain_column_variants(const struct strata_plain_column_variant **first)
{
    size_t n = sizeof variants / sizeof variants[0], skipped = 0;
#if defined(__x86_64__)
    bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
    bool avx512 = avx2 && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
                  __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512cd");
    skipped = avx512 ? 0 : avx2 ? 1 : 2;
#endif
    *first = variants + skipped;
    return n - skipped;
}
