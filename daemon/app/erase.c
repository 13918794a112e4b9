#include "common/error.h"
#include "daemon/app/server_private.h"

void erase_ask(struct client *client, const struct principal *principal,
               const Suara__V1__Request *request)
{
    struct error err;
    (void)principal;
    (void)error_set(&err, ERROR_UNSUPPORTED, NULL, "this daemon does not know that request");
    client_answer_error(client, request->id, &err);
}
