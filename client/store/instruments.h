/*
 * The questionnaires that a profile can work with while the line is down: the one that is compiled
 * in, and those the server told of, kept as instruments/CODE.ini beside the outbox. A server that
 * gave one to an office never changes it again, so a copy stays right.
 */
#ifndef SUARA_CLIENT_STORE_INSTRUMENTS_H
#define SUARA_CLIENT_STORE_INSTRUMENTS_H

#include "common/instrument.h"

struct error;
struct instruments;
struct profile;

/* profile: must outlive it. What is found lives until it is closed. NULL without memory. */
struct instruments *instruments_open(const struct profile *profile);
void instruments_close(struct instruments **instruments);

/* code NULL: the default, skm-2017. NULL: it is not here, or its copy can't be read; *err (USAGE,
 * IO) says which. */
const struct instrument *instruments_find(struct instruments *instruments, const char *code,
                                          struct error *err);

/*
 * Takes a text that the server gave under that code. An office's profile keeps a copy of it; where
 * that can't be written, it serves this run only. NULL: INTERNAL (it is no such questionnaire).
 */
const struct instrument *instruments_take(struct instruments *instruments, const char *code,
                                          const void *text, size_t size, struct error *err);

#endif
