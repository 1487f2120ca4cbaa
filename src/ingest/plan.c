#include "plan.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "hdf5_signature.h"
#include "record_reader.h"

/* Rows whose times are looked at before the layout is settled; more only while day and month can be either. */
enum { TIME_SAMPLES = 10000, VALUE_BYTES = 256 };

/* Files that are something else altogether, by their first bytes. */
static const struct {
    const char *magic;
    size_t n;
    const char *what;
} other_formats[] = {
    {"\x1f\x8b", 2, "compressed twice; decompress it once (gunzip or unzstd)"},
    {"\x28\xb5\x2f\xfd", 4, "compressed twice; decompress it once (gunzip or unzstd)"},
    {"\xff\xfe\0\0", 4, "UTF-32 text; convert it first (iconv -f UTF-32 -t UTF-8)"},
    {"\0\0\xfe\xff", 4, "UTF-32 text; convert it first (iconv -f UTF-32 -t UTF-8)"},
    {"\xff\xfe", 2, "UTF-16 text; take --encoding utf-16 or auto"},
    {"\xfe\xff", 2, "UTF-16 text; take --encoding utf-16 or auto"},
    {"PAR1", 4, "a Parquet file; give it by its path, uncompressed"},
    {"PK\x03\x04", 4, "a zip archive or a spreadsheet; export it as delimited text"},
    {"BZh91AY&", 8, "compressed with bzip2; decompress it first (bunzip2)"},
    {"\xfd"
     "7zXZ",
     6, "compressed with xz; decompress it first (unxz)"},
    {"\x04\x22\x4d\x18", 4, "compressed with lz4; decompress it first (unlz4)"},
};

/* Behind a longer block of the user's, HDF5 is not told in what comes through a pipe or is compressed. */
enum { HDF5_BLOCK_MAX = 4096 };

static const char byte_order_mark[] = "\xef\xbb\xbf";

struct strata_field strata_field_trim(struct strata_field field)
{
    while (field.n && (field.text[0] == ' ' || field.text[0] == '\t')) {
        ++field.text;
        --field.n;
    }
    while (field.n && (field.text[field.n - 1] == ' ' || field.text[field.n - 1] == '\t'))
        --field.n;
    return field;
}

/* Of what cannot be read as HDF5, since a path that could be was looked at before. */
static enum strata_status refuse_hdf5(struct strata_byte_source *source, struct strata_error *err)
{
    for (uint64_t at = 0; at <= HDF5_BLOCK_MAX; at = strata_hdf5_signature_next(at)) {
        char found[STRATA_HDF5_SIGNATURE_BYTES];
        size_t n;
        bool is_end;
        enum strata_status status = strata_byte_source_read(source, 0, at, found, sizeof found, &n, &is_end, err);
        if (status != STRATA_OK)
            return status;
        if (strata_hdf5_signature_is(found, n))
            return strata_fail(err, STRATA_REJECTED, "%s is an HDF5 file; give it by its path, uncompressed",
                               source->path);
    }
    return STRATA_OK;
}

/* Is it text at all, and where does it begin behind a byte order mark? */
static enum strata_status check_beginning(struct strata_text_plan *plan, struct strata_byte_source *source,
                                          struct strata_error *err)
{
    char beginning[8];
    size_t n;
    bool is_end;
    enum strata_status status = strata_byte_source_read_alone(source, 0, err);
    if (status == STRATA_OK)
        status = strata_byte_source_read(source, 0, 0, beginning, sizeof beginning, &n, &is_end, err);
    if (status != STRATA_OK)
        return status;
    for (size_t i = 0; i < sizeof other_formats / sizeof other_formats[0]; ++i)
        if (n >= other_formats[i].n && memcmp(beginning, other_formats[i].magic, other_formats[i].n) == 0)
            return strata_fail(err, STRATA_REJECTED, "%s is %s", source->path, other_formats[i].what);
    if ((status = refuse_hdf5(source, err)) != STRATA_OK)
        return status;
    plan->data_offset = n >= 3 && memcmp(beginning, byte_order_mark, 3) == 0 ? 3 : 0;
    plan->data_line = 1;
    plan->encoding = strata_byte_source_encoding(source);
    return STRATA_OK;
}

/* The first record that is not blank. */
static enum strata_status find_first(struct strata_record_reader *reader, bool *is_end, struct strata_error *err)
{
    enum strata_record_result result;
    enum strata_status status;
    do
        status = strata_record_reader_next(reader, &result, is_end, err);
    while (status == STRATA_OK && !*is_end && reader->record.is_blank);
    return status;
}

enum strata_status strata_plan_reject_times(const char *path, const char *column, const struct strata_time_guess *guess,
                                            struct strata_error *err)
{
    char explanation[STRATA_TIME_EXPLANATION];
    strata_time_guess_explain(guess, explanation);
    return strata_fail(err, STRATA_REJECTED, "%s, column %s: %s (--time-format)", path, column, explanation);
}

/* The time of a row into the guess; false, with the reason, if the row has none. */
static bool feed_row(struct strata_time_guess *guess, const struct strata_text_plan *plan,
                     const struct strata_record *record, enum strata_record_result result,
                     enum strata_reject_reason *reason)
{
    char scratch[VALUE_BYTES];
    if (result != STRATA_RECORD_OK || record->n_fields != plan->n_fields) {
        *reason = result == STRATA_RECORD_BAD ? record->reason : STRATA_REJECT_FIELD_COUNT;
        return false;
    }
    struct strata_field field = record->field[plan->field[STRATA_ROLE_TIME]];
    if (field.n > sizeof scratch) {
        *reason = STRATA_REJECT_TIME_MALFORMED;
        return false;
    }
    field = strata_field_trim(strata_field_value(field, scratch));
    strata_time_guess_feed(guess, field.text, field.n);
    *reason = STRATA_REJECT_TIME_EMPTY;
    return field.n > 0;
}

/* Look at times until their layout is clear: at TIME_SAMPLES rows at least, at all rows if it stays ambiguous. */
static enum strata_status settle_times(struct strata_text_plan *plan, struct strata_byte_source *source,
                                       struct strata_record_reader *reader, const struct strata_ingest_options *options,
                                       struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_time_guess guess;
    enum strata_time_verdict verdict = STRATA_TIME_AMBIGUOUS;
    enum strata_reject_reason reason, first_reason = STRATA_REJECT_TIME_EMPTY;
    uint64_t first_line = 0; /* of a row without a time */
    strata_time_guess_begin(&guess);
    for (uint64_t n = 1; n <= TIME_SAMPLES || verdict == STRATA_TIME_AMBIGUOUS; ++n) {
        enum strata_record_result result;
        bool is_end;
        STRATA_TRY(strata_record_reader_next(reader, &result, &is_end, err));
        if (is_end)
            break;
        if (!reader->record.is_blank && !feed_row(&guess, plan, &reader->record, result, &reason) && !first_line) {
            first_line = reader->record_line;
            first_reason = reason;
        }
        if (n % TIME_SAMPLES == 0 && guess.n_samples)
            verdict = strata_time_guess_decide(&guess, options->time_zone, &plan->time_format);
    }
    if (guess.n_samples == 0)
        STRATA_GIVE_UP(err, STRATA_REJECTED, "%s, line %llu: %s; no row can be read", source->path,
                       (unsigned long long)first_line, strata_reject_reason_text(first_reason));
    verdict = strata_time_guess_decide(&guess, options->time_zone, &plan->time_format);
    if (verdict != STRATA_TIME_SETTLED)
        status = strata_plan_reject_times(source->path, plan->name[STRATA_ROLE_TIME], &guess, err);
done:
    return status;
}

static enum strata_status plan_times(struct strata_text_plan *plan, struct strata_byte_source *source,
                                     const struct strata_ingest_options *options, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_record_reader reader = {0};
    bool is_end;
    STRATA_TRY(strata_record_reader_open(&reader, source, plan->dialect, plan->data_offset, plan->data_line, err));
    STRATA_TRY(find_first(&reader, &is_end, err));
    plan->has_rows = !is_end;
    if (is_end)
        goto done;
    if (strcmp(options->time_format, "auto") != 0) {
        STRATA_TRY(strata_time_format_declare(&plan->time_format, options->time_format, options->time_zone, err));
        goto done;
    }
    reader.at = (size_t)(reader.record_offset - reader.offset); /* the first row is a sample too */
    reader.line = reader.record_line;
    STRATA_TRY(settle_times(plan, source, &reader, options, err));
done:
    strata_record_reader_close(&reader);
    return status;
}

enum strata_status strata_text_plan_make(struct strata_text_plan *plan, struct strata_byte_source *source,
                                         const struct strata_ingest_options *options, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_record_reader reader = {0};
    bool is_end;
    *plan = (struct strata_text_plan){0};
    STRATA_TRY(check_beginning(plan, source, err));
    STRATA_TRY(strata_plan_delimiter(plan, source, options, err));
    STRATA_TRY(strata_record_reader_open(&reader, source, plan->dialect, plan->data_offset, plan->data_line, err));
    STRATA_TRY(find_first(&reader, &is_end, err));
    if (is_end)
        STRATA_GIVE_UP(err, STRATA_REJECTED, "%s is empty", source->path);
    STRATA_TRY(strata_plan_columns(plan, source, &reader.record, options, err));
    if (plan->has_header) {
        plan->data_offset = reader.offset + reader.at;
        plan->data_line = reader.line;
    }
    STRATA_TRY(plan_times(plan, source, options, err));
done:
    strata_record_reader_close(&reader);
    return status;
}

void strata_text_plan_release(struct strata_text_plan *plan)
{
    for (int role = 0; role < STRATA_N_ROLES; ++role)
        free(plan->name[role]);
    *plan = (struct strata_text_plan){0};
}
