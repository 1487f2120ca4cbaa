/* Time zones from TZif files (RFC 8536), versions 1 to 4. */
#include "calendar.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "check.h"
#include "memory.h"
#include "time_zone_rule.h"

#define TZIF_HEADER_SIZE   44
#define TZIF_FILE_SIZE_MAX (1 << 20)
#define OFFSET_MAX         (26 * 3600)
#define LAST_RULE_YEAR     2200
#define SECONDS_PER_DAY    86400

/* What to write: the signs of Etc are POSIX's, which nobody expects. */
#define NAMES "write UTC, Area/City such as Europe/Berlin, or Etc/GMT-8 for the fixed offset UTC+8"

struct tzif {
    const unsigned char *bytes;
    size_t size;
    const char *path;
};

struct tzif_block {
    unsigned version;
    uint32_t n_utc_flags, n_standard_flags, n_leaps, n_times, n_types, n_letters;
    size_t time_size;
    size_t begin; /* of the data, behind the header */
    size_t end;
};

static uint32_t big_endian_32(const unsigned char *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static int64_t read_time(const struct tzif *file, size_t at, size_t time_size)
{
    uint32_t high = big_endian_32(file->bytes + at);

    if (time_size == 4)
        return (int32_t)high;
    return (int64_t)((uint64_t)high << 32 | big_endian_32(file->bytes + at + 4));
}

static enum strata_status fail_malformed(const struct tzif *file, const char *what, struct strata_error *err)
{
    return strata_fail(err, STRATA_IO, "the time zone file %s is damaged: %s; install tzdata again", file->path, what);
}

/* The header at `at` and the extent of its data; everything that is read later lies inside it. */
static enum strata_status read_block(const struct tzif *file, size_t at, size_t time_size, struct tzif_block *block,
                                     struct strata_error *err)
{
    if (file->size < at || file->size - at < TZIF_HEADER_SIZE || memcmp(file->bytes + at, "TZif", 4) != 0)
        return fail_malformed(file, "no TZif header", err);

    const unsigned char *header = file->bytes + at;
    *block = (struct tzif_block){
        .version = header[4] == 0 ? 1 : header[4] - (unsigned)'0',
        .n_utc_flags = big_endian_32(header + 20),
        .n_standard_flags = big_endian_32(header + 24),
        .n_leaps = big_endian_32(header + 28),
        .n_times = big_endian_32(header + 32),
        .n_types = big_endian_32(header + 36),
        .n_letters = big_endian_32(header + 40),
        .time_size = time_size,
        .begin = at + TZIF_HEADER_SIZE,
    };
    /* Counts have 32 bits and the entries at most 12 bytes: no overflow in 64 bits. */
    uint64_t size = (uint64_t)block->n_times * (time_size + 1) + (uint64_t)block->n_types * 6 + block->n_letters +
                    (uint64_t)block->n_leaps * (time_size + 4) + block->n_standard_flags + block->n_utc_flags;
    if (size > file->size - block->begin)
        return fail_malformed(file, "it is cut short", err);
    block->end = block->begin + (size_t)size;
    return STRATA_OK;
}

/* Append an offset from an instant on; instants must not descend, an equal one replaces the last. */
static void append_offset(struct strata_time_zone *zone, int64_t from, int32_t offset)
{
    int32_t n = zone->n_transitions;
    int32_t before = n > 0 ? zone->offset[n - 1] : zone->first_offset;

    if (n > 0 && from == zone->transition[n - 1]) {
        zone->offset[n - 1] = offset;
    } else if ((n == 0 || from > zone->transition[n - 1]) && offset != before) {
        zone->transition[n] = from;
        zone->offset[n] = offset;
        zone->n_transitions++;
    }
}

static int32_t year_of(int64_t utc_seconds)
{
    if (utc_seconds < (int64_t)STRATA_DAY_MIN * SECONDS_PER_DAY)
        return 1;
    if (utc_seconds >= (int64_t)LAST_RULE_YEAR * 366 * SECONDS_PER_DAY)
        return LAST_RULE_YEAR + 1;
    int64_t day = utc_seconds / SECONDS_PER_DAY - (utc_seconds % SECONDS_PER_DAY < 0);
    return strata_date_from_day((int32_t)day).year;
}

/* Both changes of every year from that of the last instant of the table on. */
static void append_rule(struct strata_time_zone *zone, const struct strata_zone_rule *rule, int32_t first_year,
                        int64_t after)
{
    for (int32_t year = first_year; year <= LAST_RULE_YEAR; year++) {
        int64_t begin = strata_zone_rule_begin(rule, year);
        int64_t end = strata_zone_rule_end(rule, year);
        bool begins_first = begin < end;
        int64_t first = begins_first ? begin : end;
        int64_t second = begins_first ? end : begin;
        if (first > after)
            append_offset(zone, first, begins_first ? rule->daylight_offset : rule->standard_offset);
        if (second > after)
            append_offset(zone, second, begins_first ? rule->standard_offset : rule->daylight_offset);
    }
}

static enum strata_status read_table(const struct tzif *file, const struct tzif_block *block,
                                     struct strata_time_zone *zone, struct strata_error *err)
{
    size_t indices = block->begin + (size_t)block->n_times * block->time_size;
    size_t types = indices + block->n_times;
    int64_t last = 0;

    for (uint32_t i = 0; i < block->n_types; i++) {
        int32_t offset = (int32_t)big_endian_32(file->bytes + types + 6 * (size_t)i);
        if (offset < -OFFSET_MAX || offset > OFFSET_MAX)
            return fail_malformed(file, "an offset beyond 26 hours", err);
    }
    zone->first_offset = (int32_t)big_endian_32(file->bytes + types);
    for (uint32_t i = 0; i < block->n_times; i++) {
        int64_t from = read_time(file, block->begin + i * block->time_size, block->time_size);
        uint32_t type = file->bytes[indices + i];
        if (type >= block->n_types)
            return fail_malformed(file, "an unknown local time type", err);
        if (i > 0 && from <= last)
            return fail_malformed(file, "its instants are not in order", err);
        append_offset(zone, from, (int32_t)big_endian_32(file->bytes + types + 6 * (size_t)type));
        last = from;
    }
    return STRATA_OK;
}

/* The rule between the two line feeds at the end of the file; an empty one means that nothing is known. */
static enum strata_status read_footer(const struct tzif *file, const struct tzif_block *block,
                                      struct strata_zone_rule *rule, struct strata_error *err)
{
    const char *begin = (const char *)file->bytes + block->end;
    size_t n = file->size - block->end;
    const char *end = n > 1 && begin[0] == '\n' ? memchr(begin + 1, '\n', n - 1) : NULL;

    *rule = (struct strata_zone_rule){0};
    if (!end)
        return fail_malformed(file, "it has no rule for later years", err);
    if (end > begin + 1 && !strata_zone_rule_parse(begin + 1, (size_t)(end - begin - 1), rule))
        return fail_malformed(file, "its rule for later years cannot be read", err);
    return STRATA_OK;
}

static enum strata_status parse_file(const struct tzif *file, struct strata_time_zone *zone, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    struct tzif_block block;
    struct strata_zone_rule rule = {0};

    STRATA_TRY(read_block(file, 0, 4, &block, err));
    if (block.version >= 2) {
        /* The first table is for readers of version 1 alone. */
        STRATA_TRY(read_block(file, block.end, 8, &block, err));
        STRATA_TRY(read_footer(file, &block, &rule, err));
    }
    if (block.n_types == 0 || block.n_types > 256)
        STRATA_TRY(fail_malformed(file, "it has no local time types", err));
    if (block.n_leaps > 0)
        STRATA_GIVE_UP(err, STRATA_USAGE,
                       "the time zone file %s counts leap seconds, which no time stamp does; use the zone without "
                       "\"right/\"",
                       file->path);

    size_t capacity = (size_t)block.n_times + 2 * (LAST_RULE_YEAR + 1);
    zone->transition = strata_malloc_array(capacity, sizeof *zone->transition);
    zone->offset = strata_malloc_array(capacity, sizeof *zone->offset);
    if (!zone->transition || !zone->offset)
        STRATA_TRY(strata_fail_memory(err, "a time zone", capacity, sizeof *zone->transition));
    STRATA_TRY(read_table(file, &block, zone, err));
    if (rule.has_daylight) {
        int64_t last = INT64_MIN;
        if (block.n_times > 0)
            last = read_time(file, block.begin + (size_t)(block.n_times - 1) * 8, 8);
        append_rule(zone, &rule, year_of(last), last);
    }
done:
    return status;
}

/* Letters, digits, _ + - and . in parts parted by single slashes, no part beginning with a dot. */
static bool name_is_safe(const char *name)
{
    bool part_begins = true;

    for (const char *at = name; *at; at++) {
        bool plain = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') || (*at >= '0' && *at <= '9') ||
                     *at == '_' || *at == '+' || *at == '-';
        if (!plain && (part_begins || (*at != '/' && *at != '.')))
            return false;
        part_begins = *at == '/';
    }
    return !part_begins && strlen(name) < 256;
}

static enum strata_status read_file(FILE *file, struct tzif *tzif, unsigned char **bytes, struct strata_error *err)
{
    size_t capacity = TZIF_FILE_SIZE_MAX + 1;

    *bytes = strata_malloc_array(capacity, 1);
    if (!*bytes)
        return strata_fail_memory(err, "a time zone file", capacity, 1);
    tzif->bytes = *bytes;
    tzif->size = fread(*bytes, 1, capacity, file);
    if (ferror(file))
        return strata_fail(err, STRATA_IO, "cannot read the time zone file %s: %s", tzif->path, strerror(errno));
    if (tzif->size == capacity)
        return fail_malformed(tzif, "it is larger than 1 MiB", err);
    return STRATA_OK;
}

enum strata_status strata_time_zone_load(struct strata_time_zone *zone, const char *name, struct strata_error *err)
{
    enum strata_status status = STRATA_OK;
    FILE *file = NULL;
    unsigned char *bytes = NULL;
    char path[4096];
    struct stat information;
    const char *folder = getenv("TZDIR");

    *zone = (struct strata_time_zone){0};
    if (strcmp(name, "UTC") == 0)
        return STRATA_OK;
    if (!name_is_safe(name))
        STRATA_GIVE_UP(err, STRATA_USAGE, "\"%.100s\" is no time zone; " NAMES, name);
    if (!folder || !*folder)
        folder = "/usr/share/zoneinfo";
    if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path)
        STRATA_GIVE_UP(err, STRATA_USAGE, "the folder in TZDIR has too long a name");

    if (stat(path, &information) != 0 || !S_ISREG(information.st_mode))
        STRATA_GIVE_UP(err, STRATA_USAGE,
                       "there is no time zone %s in %s; " NAMES "; the files come with the package tzdata", name,
                       folder);
    file = fopen(path, "rb");
    if (!file)
        STRATA_GIVE_UP(err, STRATA_IO, "cannot open the time zone file %s: %s", path, strerror(errno));
    struct tzif tzif = {.path = path};
    STRATA_TRY(read_file(file, &tzif, &bytes, err));
    STRATA_TRY(parse_file(&tzif, zone, err));
done:
    if (file)
        (void)fclose(file);
    free(bytes);
    if (status != STRATA_OK)
        strata_time_zone_release(zone);
    return status;
}

void strata_time_zone_release(struct strata_time_zone *zone)
{
    free(zone->transition);
    free(zone->offset);
    *zone = (struct strata_time_zone){0};
}

struct strata_zone_span strata_time_zone_span(const struct strata_time_zone *zone, int64_t utc_seconds)
{
    /* The number of transitions at or before the instant. */
    int32_t low = 0;
    int32_t high = zone->n_transitions;

    while (low < high) {
        int32_t middle = low + (high - low) / 2;
        if (zone->transition[middle] <= utc_seconds)
            low = middle + 1;
        else
            high = middle;
    }
    return (struct strata_zone_span){
        .from = low > 0 ? zone->transition[low - 1] : INT64_MIN,
        .until = low < zone->n_transitions ? zone->transition[low] : INT64_MAX,
        .offset = low > 0 ? zone->offset[low - 1] : zone->first_offset,
    };
}

int32_t strata_time_zone_offset(const struct strata_time_zone *zone, int64_t utc_seconds)
{
    return strata_time_zone_span(zone, utc_seconds).offset;
}
