/* The configuration of a run.
 *
 * Every option is one row of a table (strata_option_at): the YAML key, the flag, the default, the bounds, the unit and
 * the help come from that row. `strata_config_init` sets all defaults, `strata_config_load` lays a YAML file over them,
 * `strata_config_set` sets one option, `strata_config_validate` checks the options against each other. Relative paths
 * are relative to the current directory, in a configuration file too.
 */
#ifndef STRATA_CONFIG_H
#define STRATA_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <strata/export.h>
#include <strata/status.h>

/* The value of an integer option that says "auto" or "unlimited". */
#define STRATA_CONFIG_AUTO (-1)

/* The value of `as_of_day` that says "auto": the day after the last transaction. */
#define STRATA_CONFIG_AS_OF_AUTO INT32_MIN

enum strata_config_delimiter {
    STRATA_CONFIG_DELIMITER_AUTO,
    STRATA_CONFIG_DELIMITER_COMMA,
    STRATA_CONFIG_DELIMITER_SEMICOLON,
    STRATA_CONFIG_DELIMITER_TAB,
    STRATA_CONFIG_DELIMITER_PIPE,
    STRATA_CONFIG_DELIMITER_SPACE,
};

enum strata_config_header { STRATA_CONFIG_HEADER_AUTO, STRATA_CONFIG_HEADER_YES, STRATA_CONFIG_HEADER_NO };

enum strata_config_returns {
    STRATA_CONFIG_RETURNS_NET,
    STRATA_CONFIG_RETURNS_EXCLUDE,
    STRATA_CONFIG_RETURNS_SEPARATE,
};

enum strata_config_zero_amounts { STRATA_CONFIG_ZERO_AMOUNTS_KEEP, STRATA_CONFIG_ZERO_AMOUNTS_EXCLUDE };

enum strata_config_duplicates { STRATA_CONFIG_DUPLICATES_KEEP, STRATA_CONFIG_DUPLICATES_DROP };

enum strata_config_bad_rows { STRATA_CONFIG_BAD_ROWS_FAIL, STRATA_CONFIG_BAD_ROWS_SKIP };

enum strata_config_amount_rounding { STRATA_CONFIG_AMOUNT_ROUNDING_NONE, STRATA_CONFIG_AMOUNT_ROUNDING_HALF_EVEN };

enum strata_config_amount_style {
    STRATA_CONFIG_AMOUNT_PLAIN,         /* 1234.50 */
    STRATA_CONFIG_AMOUNT_GROUPED_POINT, /* 1,234.50 */
    STRATA_CONFIG_AMOUNT_GROUPED_COMMA, /* 1.234,50 */
};

enum strata_config_score_method {
    STRATA_CONFIG_SCORE_AUTO, /* mean with the map chinese-8, quantile otherwise: strata_config_score_method */
    STRATA_CONFIG_SCORE_QUANTILE,
    STRATA_CONFIG_SCORE_NTILE,
    STRATA_CONFIG_SCORE_R_RFM,
    STRATA_CONFIG_SCORE_FIXED,
    STRATA_CONFIG_SCORE_MEAN,
};

enum strata_config_segment_map {
    STRATA_CONFIG_MAP_DEFAULT,
    STRATA_CONFIG_MAP_R_VIGNETTE,
    STRATA_CONFIG_MAP_R_0_3_0,
    STRATA_CONFIG_MAP_CHINESE_8,
    STRATA_CONFIG_MAP_OWN, /* segments.rules */
};

enum strata_config_criterion {
    STRATA_CONFIG_CRITERION_SILHOUETTE,
    STRATA_CONFIG_CRITERION_SIMPLIFIED_SILHOUETTE,
    STRATA_CONFIG_CRITERION_CALINSKI_HARABASZ,
    STRATA_CONFIG_CRITERION_DAVIES_BOULDIN,
    STRATA_CONFIG_CRITERION_BIC,
    STRATA_CONFIG_CRITERION_EUCLIDEAN_SILHOUETTE,
    STRATA_CONFIG_CRITERION_GAP,
};

enum strata_config_seeding {
    STRATA_CONFIG_SEEDING_CORESET,         /* greedy k-means++ on a coreset */
    STRATA_CONFIG_SEEDING_KMEANS_PARALLEL, /* k-means|| */
};

enum strata_config_precision {
    STRATA_CONFIG_PRECISION_FLOAT32,
    STRATA_CONFIG_PRECISION_FLOAT64,
};

enum strata_config_transform {
    STRATA_CONFIG_TRANSFORM_NONE,
    STRATA_CONFIG_TRANSFORM_LOG1P,
    STRATA_CONFIG_TRANSFORM_WINSOR,
    STRATA_CONFIG_TRANSFORM_YEO_JOHNSON,
    STRATA_CONFIG_TRANSFORM_BOX_COX,
    STRATA_CONFIG_TRANSFORM_QUANTILE,
    STRATA_CONFIG_TRANSFORM_QUANTILE_NORMAL,
};

enum strata_config_scaling {
    STRATA_CONFIG_SCALING_NONE,
    STRATA_CONFIG_SCALING_STANDARD,
    STRATA_CONFIG_SCALING_ROBUST,
    STRATA_CONFIG_SCALING_WHITEN,
};

/* What becomes of a customer without a usable value in a column that is clustered. */
enum strata_config_missing {
    STRATA_CONFIG_MISSING_DROP,   /* no cluster */
    STRATA_CONFIG_MISSING_REFUSE, /* the run is refused */
    STRATA_CONFIG_MISSING_MEDIAN, /* it counts as the column's median */
    STRATA_CONFIG_MISSING_ZERO,   /* it counts as 0 */
};

enum strata_config_progress {
    STRATA_CONFIG_PROGRESS_AUTO,
    STRATA_CONFIG_PROGRESS_ALWAYS,
    STRATA_CONFIG_PROGRESS_NEVER
};

enum strata_config_log { STRATA_CONFIG_LOG_TEXT, STRATA_CONFIG_LOG_JSON };

struct strata_text_list {
    size_t n;
    char **item; /* n texts, all owned (malloc) */
};

struct strata_number_list {
    size_t n;
    double *item; /* owned (malloc) */
};

/* Scores from `low` to `high`, both included; from 0 to STRATA_SCORE_RANGE_END: any score. */
#define STRATA_SCORE_RANGE_END INT8_MAX
struct strata_score_range {
    int low, high;
};

/* One row of an own segment map; the first rule that matches wins. `fm` is round((F + M) / 2). */
struct strata_segment_rule {
    char *name;    /* never NULL */
    char *name_zh; /* or NULL */
    char *action;  /* or NULL */
    struct strata_score_range r, f, m, fm;
};

/* All texts are owned (malloc); a text that is not set is NULL. */
struct strata_config {
    struct strata_text_list transactions; /* paths and globs */
    char *source, *query, *table;         /* a database instead of them; what of it, or of HDF5 files, is read */
    struct {
        char *customer, *time, *amount, *order, *quantity, *unit_price, *channel, *category;
    } columns;
    char *encoding; /* "auto", "utf-8", "gb18030", "utf-16" or another that iconv knows */
    enum strata_config_delimiter delimiter;
    enum strata_config_header header;
    char *time_format; /* "auto", "iso", "date", "epoch-s", "epoch-ms", "epoch-us", "epoch-ns" or a pattern */
    char *time_zone;
    int32_t as_of_day;   /* days since 1970-01-01, or STRATA_CONFIG_AS_OF_AUTO */
    int64_t window_days; /* or STRATA_CONFIG_AUTO: all */
    char *exclude_order_prefix;
    enum strata_config_returns returns;
    enum strata_config_zero_amounts zero_amounts;
    enum strata_config_duplicates duplicates;
    enum strata_config_bad_rows bad_rows;
    int64_t max_bad_rows; /* or STRATA_CONFIG_AUTO: unlimited */
    struct {
        int64_t decimals; /* amounts are integers of 10^-decimals currency units */
        enum strata_config_amount_rounding rounding;
        enum strata_config_amount_style style;
        bool signs; /* also currency signs, trailing minus and parentheses */
    } amount;
    char *currency;
    struct {
        enum strata_config_score_method method;
        int64_t levels;                                                        /* or STRATA_CONFIG_AUTO */
        struct strata_number_list recency_cuts, frequency_cuts, monetary_cuts; /* ascending; method fixed only */
    } scores;
    struct {
        enum strata_config_segment_map map;
        size_t n_rules;
        struct strata_segment_rule *rules; /* owned; used if map is STRATA_CONFIG_MAP_OWN */
        char *otherwise;                   /* the segment of customers that no rule matches */
    } segments;
    struct {
        int64_t k; /* or STRATA_CONFIG_AUTO; 0: no clusters */
        struct strata_text_list columns;
        enum strata_config_criterion criterion;
        enum strata_config_transform transform;
        enum strata_config_scaling scaling;
        enum strata_config_missing missing;
        enum strata_config_seeding seeding;
        enum strata_config_precision precision;
        int64_t restarts, max_k, max_iterations;
        double tolerance;
        int64_t min_size; /* customers */
        double min_share;
        char *previous; /* a snapshot; NULL: none */
        double previous_margin;
    } clusters;
    char *output;
    bool compress;
    int64_t threads;            /* 0: all */
    int64_t memory_limit_bytes; /* 0: no limit; STRATA_CONFIG_AUTO: what the system allows */
    char *temp_dir;             /* NULL: $TMPDIR or /tmp */
    int64_t seed;
    enum strata_config_progress progress;
    enum strata_config_log log;
    bool quiet;
};

/* All defaults. Fails for want of memory only; release it even then. */
STRATA_API enum strata_status strata_config_init(struct strata_config *config,
                                                 struct strata_error *err) STRATA_MUST_USE;

/* Releasing a zeroed or a released configuration is a no-op. */
STRATA_API void strata_config_release(struct strata_config *config);

/* Lay a YAML file over the configuration: what the file does not name stays, lists are replaced. An empty file changes
 * nothing. STRATA_USAGE with file, line and key if something is not right, STRATA_IO if the file cannot be read; the
 * configuration is then partly changed and only fit for release. */
STRATA_API enum strata_status strata_config_load(struct strata_config *config, const char *yaml_path,
                                                 struct strata_error *err) STRATA_MUST_USE;

/* Set one option from text. `option` is a key path ("scores.method") or a flag ("--score-method"); messages call it as
 * the caller did. Lists are replaced; all but `transactions` take several values separated by commas. */
STRATA_API enum strata_status strata_config_set(struct strata_config *config, const char *option, const char *value,
                                                struct strata_error *err) STRATA_MUST_USE;

/* The same, but a list keeps what it has and grows. */
STRATA_API enum strata_status strata_config_add(struct strata_config *config, const char *option, const char *value,
                                                struct strata_error *err) STRATA_MUST_USE;

/* The value of an option as text that strata_config_set takes; "" if it is not set. free() it. */
STRATA_API enum strata_status strata_config_get(const struct strata_config *config, const char *option, char **text,
                                                struct strata_error *err) STRATA_MUST_USE;

/* The complete effective configuration as YAML; loaded over the defaults it gives the same text again. free() it. */
STRATA_API enum strata_status strata_config_to_yaml(const struct strata_config *config, char **text,
                                                    struct strata_error *err) STRATA_MUST_USE;

/* Do the options fit together? STRATA_USAGE, naming both, if two do not. Reads no transactions. */
STRATA_API enum strata_status strata_config_validate(const struct strata_config *config,
                                                     struct strata_error *err) STRATA_MUST_USE;

/* The score method and the number of levels with "auto" resolved; levels: 2 for mean, cuts + 1 for fixed, else 5. */
STRATA_API enum strata_config_score_method strata_config_score_method(const struct strata_config *config);
STRATA_API int strata_config_score_levels(const struct strata_config *config);

enum strata_option_type {
    STRATA_OPTION_TEXT,    /* char * */
    STRATA_OPTION_CHOICE,  /* an enum, one of `words` */
    STRATA_OPTION_FLAG,    /* bool */
    STRATA_OPTION_INTEGER, /* int64_t */
    STRATA_OPTION_SIZE,    /* int64_t bytes; K, M, G, T are powers of 1024 */
    STRATA_OPTION_REAL,    /* double */
    STRATA_OPTION_DATE,    /* int32_t days since 1970-01-01 */
    STRATA_OPTION_PATHS,   /* struct strata_text_list, not split at commas */
    STRATA_OPTION_NAMES,   /* struct strata_text_list */
    STRATA_OPTION_NUMBERS, /* struct strata_number_list */
    STRATA_OPTION_RULES,   /* segment rules: in a configuration file only */
};

struct strata_option {
    const char *name; /* YAML key path: "scores.method" */
    const char *flag; /* without the dashes; NULL: in a configuration file only */
    enum strata_option_type type;
    size_t offset;            /* of the value in struct strata_config */
    const char *metavar;      /* what the flag takes, for help; NULL: the flag takes nothing and sets flag_value */
    const char *flag_value;   /* NULL unless metavar is */
    const char *default_text; /* NULL: not set */
    const char *words;        /* CHOICE: the values, separated by '|', in the order of the enum */
    const char *auto_word;    /* INTEGER, SIZE and DATE: the word for "auto"; NULL: none */
    double low, high;         /* INTEGER, SIZE, REAL, NUMBERS: bounds, both included */
    const char *unit;         /* or NULL */
    const char *group;        /* heading in help; rows of a group are adjacent */
    const char *help;         /* one line */
    bool has_secret; /* TEXT: may hold a password, which is "***" in what strata_config_get and _to_yaml give */
};

STRATA_API size_t strata_option_count(void);

/* Row `index` of the table, NULL beyond its end. */
STRATA_API const struct strata_option *strata_option_at(size_t index);

/* By key path or by flag ("--score-method"); NULL if there is none. */
STRATA_API const struct strata_option *strata_option_find(const char *name);

/* The candidate that `text` is most likely a misspelling of, NULL if none is near (Damerau-Levenshtein distance). */
STRATA_API const char *strata_nearest_name(const char *text, const char *const *candidates, size_t n_candidates);

#endif
