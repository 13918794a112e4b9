#include "client/app/line.h"

#include "client/store/profile.h"
#include "common/error.h"
#include <stdio.h>

#define CONNECT_MS 10000u

static void learn_zone(struct profile *profile, const Suara__V1__Welcome *welcome)
{
    const ProtobufCBinaryData *told = &welcome->zone;
    char name[8];

    (void)snprintf(name, sizeof name, "%.*s", told->len < sizeof name ? (int)told->len : 0,
                   told->len ? (const char *)told->data : "");
    enum zone zone = zone_parse(name);
    if (zone != ZONE_NONE && zone != profile->zone && profile_set_zone(profile, zone, NULL) < 0)
        profile->zone = zone;
}

struct uplink *line_open(struct profile *profile, uint32_t reply_ms, bool (*stopped)(void),
                         struct error *err)
{
    const struct uplink_settings settings = {
        .server = profile->server,
        .certificate = profile->certificate,
        .key = profile->key,
        .ca = profile->ca,
        .connect_ms = CONNECT_MS,
        .reply_ms = reply_ms,
        .stopped = stopped,
    };
    struct uplink *uplink = uplink_open(&settings, err);

    if (uplink)
        learn_zone(profile, uplink_welcome(uplink));
    return uplink;
}
