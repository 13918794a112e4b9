/*
 * Rows for programs, one after the other: a list of any length in bounded memory. CSV as
 * layout_rows_print has it; JSON is an array with an object on each line.
 */
#ifndef SUARA_CLIENT_CORE_LAYOUT_STREAM_H
#define SUARA_CLIENT_CORE_LAYOUT_STREAM_H

#include "client/core/layout.h"

struct layout_stream {
    enum layout_format format;           /* CSV or JSON */
    const struct layout_column *columns; /* as long as the stream */
    size_t column_count;
    bool begun;
};

/* Each appends to out, which whoever calls writes and empties in between. Cells: column_count of
 * them. out->failed without memory. */
void layout_stream_row(struct layout_stream *stream, const ProtobufCBinaryData *cells,
                       struct buf *out);
void layout_stream_end(struct layout_stream *stream, struct buf *out);

#endif
