#include <string.h>

#include "check.h"
#include "plan.h"
#include "record_reader.h"

/* Customer, time and amount are three fields. */
enum { SAMPLE_RECORDS = 100, VALUE_BYTES = 256, ENOUGH_FIELDS = 3 };

/* How well a delimiter fits the first records. */
struct fit {
    bool is_space;
    size_t n_fields;     /* of the first record */
    size_t n_recognised; /* fields of the first record that are known or asked for */
    size_t n_same;       /* records with as many fields as the first */
    size_t n_records;    /* with one that has no end, if it comes to that */
};

static struct strata_dialect dialect_of(enum strata_delimiter delimiter)
{
    return (struct strata_dialect){strata_delimiter_byte(delimiter), delimiter == STRATA_DELIMITER_SPACE};
}

static bool is_wanted(struct strata_field name, const struct strata_ingest_options *options)
{
    for (int role = 0; role < STRATA_N_ROLES; ++role) {
        const char *column = options->column[role];
        if (column && strlen(column) == name.n && memcmp(column, name.text, name.n) == 0)
            return true;
        if (!column && strata_role_recognises((enum strata_role)role, name.text, (unsigned)name.n))
            return true;
    }
    return false;
}

static size_t count_recognised(const struct strata_record *record, const struct strata_ingest_options *options)
{
    size_t count = 0;
    for (size_t i = 0; i < record->n_fields && i < record->capacity; ++i) {
        char scratch[VALUE_BYTES];
        if (record->field[i].n <= sizeof scratch)
            count += is_wanted(strata_field_trim(strata_field_value(record->field[i], scratch)), options);
    }
    return count;
}

static enum strata_status try_delimiter(enum strata_delimiter delimiter, const struct strata_text_plan *plan,
                                        struct strata_byte_source *source, const struct strata_ingest_options *options,
                                        struct fit *fit, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct strata_record_reader reader = {0};
    *fit = (struct fit){.is_space = delimiter == STRATA_DELIMITER_SPACE};
    STRATA_TRY(strata_record_reader_open(&reader, source, dialect_of(delimiter), plan->data_offset, 1, err));
    while (fit->n_records < SAMPLE_RECORDS) {
        enum strata_record_result result;
        struct strata_error ignored;
        bool is_end;
        status = strata_record_reader_next(&reader, &result, &is_end, &ignored);
        if (status == STRATA_REJECTED || status == STRATA_MEMORY) { /* a row without end, for this delimiter */
            ++fit->n_records;
            status = STRATA_OK;
            break;
        }
        if (status != STRATA_OK) {
            if (err)
                *err = ignored;
            goto done;
        }
        if (is_end)
            break;
        if (reader.record.is_blank)
            continue;
        if (fit->n_records++ == 0) {
            fit->n_fields = reader.record.n_fields;
            fit->n_recognised = count_recognised(&reader.record, options);
        }
        fit->n_same += reader.record.n_fields == fit->n_fields && result == STRATA_RECORD_OK;
    }
done:
    strata_record_reader_close(&reader);
    return status;
}

/* More recognised columns win, then more records of one shape, then more fields; but blanks are often inside of fields,
 * so that they do not win against a delimiter that makes enough of them. */
static bool fits_better(const struct fit *a, const struct fit *b)
{
    if ((a->n_fields > 1) != (b->n_fields > 1))
        return a->n_fields > 1;
    if (a->n_recognised != b->n_recognised)
        return a->n_recognised > b->n_recognised;
    double share_a = a->n_records ? (double)a->n_same / (double)a->n_records : 0;
    double share_b = b->n_records ? (double)b->n_same / (double)b->n_records : 0;
    if (share_a < share_b || share_a > share_b)
        return share_a > share_b;
    return a->is_space && b->n_fields >= ENOUGH_FIELDS ? false : a->n_fields > b->n_fields;
}

enum strata_status strata_plan_delimiter(struct strata_text_plan *plan, struct strata_byte_source *source,
                                         const struct strata_ingest_options *options, struct strata_error *err)
{
    plan->delimiter = options->delimiter;
    if (options->delimiter == STRATA_DELIMITER_AUTO) {
        struct fit best = {0};
        plan->delimiter = STRATA_DELIMITER_COMMA;
        for (int d = STRATA_DELIMITER_AUTO + 1; d < STRATA_N_DELIMITERS; ++d) {
            struct fit fit;
            enum strata_status status = try_delimiter((enum strata_delimiter)d, plan, source, options, &fit, err);
            if (status != STRATA_OK)
                return status;
            if (fits_better(&fit, &best)) {
                best = fit;
                plan->delimiter = (enum strata_delimiter)d;
            }
        }
    }
    plan->dialect = dialect_of(plan->delimiter);
    return STRATA_OK;
}
