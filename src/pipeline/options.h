/* The values of options: from text, to text. The rows themselves are in options.def, their public face in config.h. */
#ifndef STRATA_PIPELINE_OPTIONS_H
#define STRATA_PIPELINE_OPTIONS_H

#include <strata/config.h>

/* Is the value a list? (Rules are not.) */
bool strata_option_is_list(const struct strata_option *option);

/* Set the option's field from text; a list grows if `append`, else it is replaced. Messages do not name the option: the
 * caller puts its own name and place before them. STRATA_USAGE, STRATA_MEMORY. */
enum strata_status strata_option_assign(const struct strata_option *option, struct strata_config *config,
                                        const char *value, bool append, struct strata_error *err) STRATA_MUST_USE;

/* Empty a list. */
void strata_option_clear(const struct strata_option *option, struct strata_config *config);

/* How many values the option has: 0 or 1, or the length of the list. */
size_t strata_option_n_values(const struct strata_option *option, const struct strata_config *config);

/* Value `index` as text that strata_option_assign takes, passwords as "***"; NULL if there is no memory. free() it. */
char *strata_option_value_text(const struct strata_option *option, const struct strata_config *config, size_t index);

/* Free what the option's field owns and zero it. */
void strata_option_release(const struct strata_option *option, struct strata_config *config);

/* Lay YAML text over the configuration, as strata_config_load does with a file; `name` is for messages. */
enum strata_status strata_config_load_text(struct strata_config *config, const char *name, const char *text,
                                           size_t n_bytes, struct strata_error *err) STRATA_MUST_USE;

/* Free the segment rules. */
void strata_config_rules_release(struct strata_config *config);

/* Put a name and a place before the message in `err`: "%s: message". Returns `status`. */
enum strata_status strata_option_blame(struct strata_error *err, enum strata_status status, const char *where);

#endif
