#include "common/frame.h"
#include "common/squeeze.h"
#include "common/wire.h"
#include "daemon/app/server_private.h"
#include <string.h>

/* Compressed messages of clients that offered it in their Hello; the wire has their form. */

bool client_agree(struct client *client, const Suara__V1__Hello *hello)
{
    client->squeezes = client->server->squeeze && client->server->settings.compression &&
                       wire_has_zstd(hello->compression, hello->n_compression);
    return client->squeezes;
}

const Suara__V1__Request *client_unfold(struct client *client, const Suara__V1__Request *request,
                                        struct arena *arena, struct error *err)
{
    struct server *server = client->server;
    /* Without an agreement it is a body like any other that is not known. */
    if (!client->squeezes || request->body_case != SUARA__V1__REQUEST__BODY_ZSTD)
        return request;
    request = wire_request_inside(request, server->squeeze, server->limits.max_frame, arena, err);
    if (!request && err->code == ERROR_TOO_LARGE && strcmp(err->field, "frame") == 0)
        metric_add(&server->metrics, METRIC_LIMIT_MAX_FRAME, 1);
    return request;
}

/* Each frame in the form that is shorter. Its buffer is the server's: one for all. */
static bool send_each(struct client *client, const struct buf *frames)
{
    struct server *server = client->server;
    bool room = true;
    for (size_t at = 0, size; at < frames->len; at += size) {
        uint8_t *frame = (uint8_t *)frames->data + at;
        uint32_t length = 0;
        if (frame_length(frame, UINT32_MAX, &length, NULL) != 0)
            break; /* never: they were packed here */
        size = FRAME_HEADER + (size_t)length;
        struct buf plain = {.data = (char *)frame, .len = size};
        buf_clear(&server->squeezed);
        bool smaller =
            wire_squeeze(&server->squeezed, server->squeeze, frame, size, WIRE_REPLY_ZSTD);
        room = conn_send(client->conn, smaller ? &server->squeezed : &plain);
    }
    return room;
}

bool client_put(struct client *client, const struct buf *frames)
{
    return client->squeezes && frames->len >= SQUEEZE_LEAST ? send_each(client, frames)
                                                            : conn_send(client->conn, frames);
}
