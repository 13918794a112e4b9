/*
 * Responses to SubmitBatch messages, written by hand in one pass (protobuf-c would want a struct of
 * 200 bytes for each first): the words of a batch once, each response some fifty bytes.
 */
#ifndef SUARA_CLIENT_CORE_PACK_H
#define SUARA_CLIENT_CORE_PACK_H

#include "client/core/import.h"
#include "common/buf.h"

#define PACK_RESPONSES 2000u          /* in a batch, unless told otherwise */
#define PACK_BYTES     (512u * 1024u) /* a batch stays below, half of the default max_frame */

struct pack;

/* most: responses in a batch; 0: PACK_RESPONSES. NULL without memory. */
struct pack *pack_new(const char *instrument, uint32_t most);
void pack_free(struct pack **pack);

/* True: it is in. False: finish and clear first, it does not fit any more. */
bool pack_add(struct pack *pack, const struct import_row *row);

uint32_t pack_count(const struct pack *pack);
const uint32_t *pack_lines(const struct pack *pack); /* pack_count of them */
const int64_t *pack_hashes(const struct pack *pack); /* likewise; 0: not to be remembered */
const int64_t *pack_names(const struct pack *pack);  /* IMPORT_NAMES each; NULL: none is named */

/* The whole message, valid until the next call on the pack. NULL without memory. */
const struct buf *pack_finish(struct pack *pack, const struct uuid *batch);
void pack_clear(struct pack *pack);

/* For those who write responses from elsewhere (pack_part.c): tag and bytes, tag and number. */
void pack_bytes(struct buf *out, unsigned tag, const void *data, size_t size);
void pack_number(struct buf *out, unsigned tag, uint64_t value);

#endif
