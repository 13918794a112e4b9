/* Requests that the protocol has and this daemon does not serve yet. */
#include "common/error.h"
#include "daemon/app/server_private.h"

static void not_yet(struct client *client, const Suara__V1__Request *request)
{
    struct error err;
    (void)error_set(&err, ERROR_UNSUPPORTED, NULL, "this daemon does not know that request");
    client_answer_error(client, request->id, &err);
}

void verify_ask(struct client *client, const struct principal *principal,
                const Suara__V1__Request *request)
{
    (void)principal;
    not_yet(client, request);
}

void rebuild_ask(struct client *client, const struct principal *principal,
                 const Suara__V1__Request *request)
{
    (void)principal;
    not_yet(client, request);
}
