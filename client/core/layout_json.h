/*
 * The JSON side of the layouts (jansson). Objects keep the order in which keys were put. A failure
 * (no memory) is a NULL that every function here passes on.
 */
#ifndef SUARA_CLIENT_CORE_LAYOUT_JSON_H
#define SUARA_CLIENT_CORE_LAYOUT_JSON_H

#include "client/core/layout.h"
#include <jansson.h>
#include <stddef.h>

/* Text of a peer; what is no UTF-8 is shown escaped. */
json_t *layout_json_text(const void *data, size_t size);

/* The same, "" as null. */
json_t *layout_json_text_or_null(const void *data, size_t size);

/* Puts a value (its reference is taken) under a key. object NULL or value NULL: gives NULL, and
 * nothing leaks; else the object. */
json_t *layout_json_put(json_t *object, const char *key, json_t *value);
json_t *layout_json_append(json_t *array, json_t *value);

/* A row as an object; numbers end in a zero byte, as layout_rows_add and wire_text give them. */
json_t *layout_json_row(const struct layout_column *columns, size_t count,
                        const ProtobufCBinaryData *cells);
json_t *layout_json_rows(const struct layout_rows *rows);
json_t *layout_json_facts(const struct layout_fact *facts, size_t count,
                          const struct layout_rows *rows, const char *rows_key);

/* Appends the document, by jansson's flags; takes the reference. NULL: out->failed. */
void layout_json_dump(struct buf *out, json_t *document, size_t flags);

/* The same for people, with a newline behind it. */
void layout_json_print(struct buf *out, json_t *document);

#endif
