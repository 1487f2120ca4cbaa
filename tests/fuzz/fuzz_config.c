/* A configuration: what is loaded can be written, and what is written says the same when it is loaded. */
#include <stdlib.h>
#include <strata/config.h>
#include <string.h>

#include "fuzz.h"

static char *written(const struct strata_config *config)
{
    char *text = NULL;
    struct strata_error error;
    enum strata_status status = strata_config_to_yaml(config, &text, &error);
    FUZZ_CHECK(status == STRATA_OK, "%s", error.message);
    return text;
}

static enum strata_status load(struct strata_config *config, const void *bytes, size_t n, struct strata_error *error)
{
    enum strata_status status = strata_config_init(config, error);
    if (status == STRATA_OK)
        status = strata_config_load(config, fuzz_file(bytes, n), error);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct strata_config config, again;
    struct strata_error error = {0};
    enum strata_status status = load(&config, data, n, &error);
    FUZZ_CHECK(status == STRATA_OK || (status == STRATA_USAGE && error.message[0]), "%d: %s", (int)status,
               error.message);
    if (status == STRATA_OK) {
        char *text = written(&config);
        status = load(&again, text, strlen(text), &error);
        FUZZ_CHECK(status == STRATA_OK, "%s\n%s", error.message, text);
        char *text_again = written(&again);
        FUZZ_CHECK(strcmp(text, text_again) == 0, "%s\nbecomes\n%s", text, text_again);
        struct strata_error fault = {0}, same_fault = {0};
        status = strata_config_validate(&config, &fault);
        FUZZ_CHECK(status == strata_config_validate(&again, &same_fault), "%s", fault.message);
        FUZZ_CHECK(status != STRATA_OK || strata_config_score_levels(&config) > 1, "%s", text);
        strata_config_release(&again);
        free(text);
        free(text_again);
    }
    strata_config_release(&config);
    return 0;
}
