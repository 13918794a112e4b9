#include "common/wire.h"

#include "common/error.h"
#include "common/frame.h"
#include "common/squeeze.h"

size_t wire_arena_cap(size_t size)
{
    return 16 * size + 64 * (size_t)1024;
}

/* Every encoder writes fields in the order of their numbers, so the id is in front: it can be
 * named in the answer even when the rest is not taken. 0 when it is not there. */
static uint64_t peek_id(const uint8_t *data, size_t size)
{
    if (size == 0 || data[0] != (1u << 3 | PROTOBUF_C_WIRE_TYPE_VARINT))
        return 0;
    uint64_t id = 0;
    for (size_t i = 1; i < size && i <= 10; i++) {
        id |= (uint64_t)(data[i] & 0x7Fu) << (7 * (i - 1));
        if ((data[i] & 0x80u) == 0)
            return id;
    }
    return 0;
}

static ProtobufCMessage *unpack(const ProtobufCMessageDescriptor *descriptor, const uint8_t *data,
                                size_t size, struct arena *arena, struct error *err)
{
    ProtobufCMessage *message =
        protobuf_c_message_unpack(descriptor, &arena->allocator, size, data);
    if (!message && arena->starved) /* not the sender's fault, who need not send anything else */
        error_set(err, ERROR_OVERLOADED, NULL, "memory is short here; try again later");
    else if (!message && arena->refused)
        error_set(err, ERROR_TOO_LARGE, NULL,
                  "the message takes too much memory for its size; send less at a time");
    else if (!message)
        error_set(err, ERROR_INVALID, NULL, "the frame holds no message of this protocol");
    return message;
}

Suara__V1__Request *wire_request(const uint8_t *data, size_t size, struct arena *arena,
                                 uint64_t *id, struct error *err)
{
    *id = peek_id(data, size);
    ProtobufCMessage *message = unpack(&suara__v1__request__descriptor, data, size, arena, err);
    if (!message)
        return NULL;
    Suara__V1__Request *request = (Suara__V1__Request *)message;
    *id = request->id;
    if (request->body_case == SUARA__V1__REQUEST__BODY__NOT_SET) {
        error_set(err, ERROR_UNSUPPORTED, NULL, "this version does not know that request");
        return NULL;
    }
    return request;
}

Suara__V1__Reply *wire_reply(const uint8_t *data, size_t size, struct arena *arena,
                             struct error *err)
{
    ProtobufCMessage *message = unpack(&suara__v1__reply__descriptor, data, size, arena, err);
    if (!message)
        return NULL;
    Suara__V1__Reply *reply = (Suara__V1__Reply *)message;
    if (reply->body_case == SUARA__V1__REPLY__BODY__NOT_SET) {
        error_set(err, ERROR_UNSUPPORTED, NULL, "this version does not know that reply");
        return NULL;
    }
    return reply;
}

/* ---- compressed ----------------------------------------------------------------------------- */

/* Unpacked into the squeeze's buffer first: `zstd` lies in the arena, which is then used again. */
static const uint8_t *inside(const ProtobufCBinaryData *zstd, struct squeeze *squeeze, size_t max,
                             struct arena *arena, size_t *size, struct error *err)
{
    const uint8_t *data = squeeze_unpack(squeeze, zstd->data, zstd->len, max, size, err);
    if (data) {
        arena->cap = wire_arena_cap(*size);
        arena_clear(arena);
    }
    return data;
}

static void mismatch(struct error *err)
{
    error_set(err, ERROR_INVALID, NULL,
              "what is compressed is not one message with the id of the one around it, or none");
}

Suara__V1__Request *wire_request_inside(const Suara__V1__Request *outer, struct squeeze *squeeze,
                                        size_t max, struct arena *arena, struct error *err)
{
    size_t size;
    uint64_t around = outer->id, id;
    const uint8_t *data = inside(&outer->zstd, squeeze, max, arena, &size, err);
    Suara__V1__Request *request = data ? wire_request(data, size, arena, &id, err) : NULL;
    if (!request)
        return NULL;
    if ((request->id != around && request->id != 0) ||
        request->body_case == SUARA__V1__REQUEST__BODY_ZSTD) {
        mismatch(err);
        return NULL;
    }
    request->id = around;
    return request;
}

Suara__V1__Reply *wire_reply_inside(const Suara__V1__Reply *outer, struct squeeze *squeeze,
                                    size_t max, struct arena *arena, struct error *err)
{
    size_t size;
    uint64_t around = outer->id;
    const uint8_t *data = inside(&outer->zstd, squeeze, max, arena, &size, err);
    Suara__V1__Reply *reply = data ? wire_reply(data, size, arena, err) : NULL;
    if (!reply || (reply->id == around && reply->body_case != SUARA__V1__REPLY__BODY_ZSTD))
        return reply;
    mismatch(err);
    return NULL;
}

/* The numbers in front: the id, and `last` of a reply. */
static size_t head_size(const uint8_t *data, size_t size)
{
    size_t at = 0;
    while (at + 1 < size && data[at] < 3u << 3 && (data[at] & 7u) == PROTOBUF_C_WIRE_TYPE_VARINT) {
        for (at++; at < size && (data[at] & 0x80u); at++)
            ;
        at++;
    }
    return at < size ? at : size;
}

static size_t put_varint(uint8_t *out, size_t value)
{
    size_t size = 0;
    for (; value >= 0x80; value >>= 7)
        out[size++] = (uint8_t)(value | 0x80);
    out[size++] = (uint8_t)value;
    return size;
}

bool wire_squeeze(struct buf *out, struct squeeze *squeeze, const uint8_t *frame, size_t size,
                  enum wire_body body)
{
    const uint8_t *message = frame + FRAME_HEADER;
    uint8_t header[FRAME_HEADER], field[16];
    size_t packed, len = size - FRAME_HEADER, head = head_size(message, len);
    size_t used = put_varint(field, (size_t)body << 3 | PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED);
    bool already = used <= len - head && memcmp(message + head, field, used) == 0;
    const uint8_t *zstd = already ? NULL : squeeze_pack(squeeze, message, len, &packed);
    if (!zstd)
        return false;
    used += put_varint(field + used, packed);
    frame_put_length(header, (uint32_t)(head + used + packed));
    if (!buf_reserve(out, sizeof header + head + used + packed))
        return false;
    buf_add(out, header, sizeof header);
    buf_add(out, message, head);
    buf_add(out, field, used);
    buf_add(out, zstd, packed);
    return true;
}

bool wire_has_zstd(const Suara__V1__Compression *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (list[i] == SUARA__V1__COMPRESSION__COMPRESSION_ZSTD)
            return true;
    return false;
}

int wire_pack(struct buf *out, const ProtobufCMessage *message, uint32_t max, struct error *err)
{
    size_t size = protobuf_c_message_get_packed_size(message);
    if (size > max)
        return error_set(err, ERROR_TOO_LARGE, NULL,
                         "a message of %zu bytes, where at most %lu are taken", size,
                         (unsigned long)max);
    char *to = buf_reserve(out, FRAME_HEADER + size);
    if (!to)
        return error_set(err, ERROR_INTERNAL, NULL, "no memory for a message of %zu bytes", size);
    frame_put_length((uint8_t *)to, (uint32_t)size);
    protobuf_c_message_pack(message, (uint8_t *)to + FRAME_HEADER);
    out->len += FRAME_HEADER + size;
    return 0;
}

ProtobufCBinaryData wire_text(const char *text)
{
    /* protobuf-c never writes through it, but its field is not const. */
    union {
        const char *from;
        uint8_t *to;
    } bytes = {.from = text ? text : ""};
    return (ProtobufCBinaryData){.len = strlen(bytes.from), .data = bytes.to};
}

int wire_is(const ProtobufCBinaryData *field, const char *text)
{
    size_t len = strlen(text);
    return field->len == len && (len == 0 || memcmp(field->data, text, len) == 0);
}

Suara__V1__Error wire_error(const struct error *err)
{
    Suara__V1__Error message = SUARA__V1__ERROR__INIT;
    bool travels = err->code >= ERROR_INVALID && err->code <= ERROR_INTERNAL;
    message.code = travels ? (Suara__V1__Error__Code)err->code : SUARA__V1__ERROR__CODE__INTERNAL;
    message.text = wire_text(err->text);
    message.field = wire_text(err->field);
    message.retry_after_ms = err->retry_after_ms;
    return message;
}

void wire_error_read(const Suara__V1__Error *message, struct error *err)
{
    /* A code of a newer peer: whoever decides by it treats it as a fault of the peer. */
    enum error_code code = ERROR_INTERNAL;
    if ((int)message->code >= ERROR_INVALID && (int)message->code <= ERROR_INTERNAL)
        code = (enum error_code)message->code;
    char field[sizeof err->field];
    size_t len = message->field.len < sizeof field ? message->field.len : sizeof field - 1;
    if (len)
        memcpy(field, message->field.data, len);
    field[len] = '\0';
    size_t most = sizeof err->text - 1;
    int text_len = (int)(message->text.len < most ? message->text.len : most);
    if (text_len == 0 || !message->text.data[0])
        error_set(err, code, field, "the other side gave no reason");
    else
        error_set(err, code, field, "%.*s", text_len, (const char *)message->text.data);
    err->retry_after_ms = message->retry_after_ms;
}
