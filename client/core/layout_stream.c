#include "client/core/layout_stream.h"

#include "client/core/layout_json.h"
#include "common/buf.h"
#include "common/text.h"

static void csv_head(const struct layout_stream *stream, struct buf *out)
{
    for (size_t i = 0; i < stream->column_count; i++) {
        if (i > 0)
            buf_putc(out, ',');
        layout_csv_field(out, stream->columns[i].name, strlen(stream->columns[i].name));
    }
    buf_putc(out, '\n');
}

static void csv_row(const struct layout_stream *stream, const ProtobufCBinaryData *cells,
                    struct buf *out)
{
    for (size_t i = 0; i < stream->column_count; i++) {
        if (i > 0)
            buf_putc(out, ',');
        layout_csv_field(out, cells[i].data, cells[i].len);
    }
    buf_putc(out, '\n');
}

static void begin(struct layout_stream *stream, struct buf *out)
{
    if (!stream->begun && stream->format == LAYOUT_CSV)
        csv_head(stream, out);
    else if (stream->format == LAYOUT_JSON)
        buf_puts(out, stream->begun ? ",\n" : "[\n");
    stream->begun = true;
}

void layout_stream_row(struct layout_stream *stream, const ProtobufCBinaryData *cells,
                       struct buf *out)
{
    begin(stream, out);
    if (stream->format == LAYOUT_CSV)
        csv_row(stream, cells, out);
    else
        layout_json_dump(out, layout_json_row(stream->columns, stream->column_count, cells), 0);
}

void layout_stream_end(struct layout_stream *stream, struct buf *out)
{
    if (stream->format == LAYOUT_CSV && !stream->begun)
        csv_head(stream, out);
    else if (stream->format == LAYOUT_JSON)
        buf_puts(out, stream->begun ? "\n]\n" : "[]\n");
}
