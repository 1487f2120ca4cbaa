/* A snapshot's description over a wire, from the process that read it. */
#ifndef STRATA_STORE_SNAPSHOT_PASS_H
#define STRATA_STORE_SNAPSHOT_PASS_H

#include <strata/snapshot.h>

#include "wire.h"

/* What is received can be released, whatever the wire's status. */
void strata_snapshot_pass(struct strata_wire *wire, struct strata_snapshot *snapshot);

#endif
