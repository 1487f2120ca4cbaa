/* In place of base/contained.c: the other end of the wire says what the input says, whatever it is asked. */
#ifndef STRATA_FUZZ_CONTAINED_REPLY_H
#define STRATA_FUZZ_CONTAINED_REPLY_H

#include <stddef.h>
#include <stdint.h>

/* What every process that is started from now on says. Borrowed. */
void fuzz_reply(const uint8_t *bytes, size_t n);

#endif
