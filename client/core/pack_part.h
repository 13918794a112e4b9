/*
 * Parts of a batch: to split one that is refused whole, to keep one response that was
 * refused, and to look at it.
 */
#ifndef SUARA_CLIENT_CORE_PACK_PART_H
#define SUARA_CLIENT_CORE_PACK_PART_H

#include "client/core/import.h"
#include "common/buf.h"
#include <stddef.h>
#include <stdint.h>

struct error;
struct pack_view;

/* Looks at a batch as kept.h has it. NULL and *err (INTERNAL: it is none of ours; IO: memory). */
struct pack_view *pack_view_open(const void *payload, size_t size, struct error *err);
void pack_view_close(struct pack_view **view);

uint32_t pack_view_count(const struct pack_view *view);

/* The code of the questionnaire; lives as the view. NULL without memory. */
const char *pack_view_instrument(struct pack_view *view);

/* Packs responses from .. from + count - 1 as a batch of their own, with the words they use. */
int pack_part(struct pack_view *view, uint32_t from, uint32_t count, const struct uuid *batch,
              struct buf *out, struct error *err) __attribute__((warn_unused_result));

/* One response; word sizes are 0 where not given. Valid until the next call on the view. line,
 * named and hash are not known here. */
int pack_view_row(struct pack_view *view, uint32_t index, struct import_row *out, struct error *err)
    __attribute__((warn_unused_result));

/* Appends a response as a row under import_canonical_header: id as a UUID, time with an offset. */
void pack_canonical_row(const struct import_row *row, enum zone zone, struct buf *out);

#endif
