#include "check.h"
#include "contained.h"

static void read_all(void *context, struct strata_wire *wire)
{
    const struct strata_contained_reading *reading = context;
    struct strata_error error = {0};
    enum strata_status outcome = reading->read(reading->result, &error);
    strata_wire_send(wire);
    strata_wire_pass_outcome(wire, &outcome, &error);
    if (outcome == STRATA_OK)
        reading->pass(reading->result, wire);
}

enum strata_status strata_contained_read(const struct strata_contained_reading *reading, struct strata_error *err)
{
    enum strata_status status = STRATA_OK, outcome = STRATA_OK;
    struct strata_contained contained;
    struct strata_contained_reading copy = *reading;
    STRATA_TRY(strata_contained_start(&contained, read_all, &copy, -1, reading->path, 0, err));
    strata_wire_pass_outcome(&contained.wire, &outcome, err);
    if (outcome == STRATA_OK)
        reading->pass(reading->result, &contained.wire);
    status = strata_contained_check(&contained, err);
    if (status == STRATA_OK)
        status = outcome;
    strata_contained_stop(&contained);
done:
    return status;
}
