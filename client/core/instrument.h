/*
 * The questionnaires this client can read. The daemon's tables are the truth; these few lines let
 * an office check and save a file while the line is down.
 */
#ifndef SUARA_CLIENT_CORE_INSTRUMENT_H
#define SUARA_CLIENT_CORE_INSTRUMENT_H

#include "common/instrument.h"

struct error;

/* NULL: the default. An unknown code is NULL and ERROR_USAGE, with the nearest known one. */
const struct instrument *instrument_find(const char *code, struct error *err);

#endif
