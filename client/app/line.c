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

static struct uplink *dial(const struct profile *profile, uint32_t reply_ms, bool (*stopped)(void),
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
    return uplink_open(&settings, err);
}

struct uplink *line_open(struct profile *profile, uint32_t reply_ms, bool (*stopped)(void),
                         struct error *err)
{
    struct uplink *uplink = dial(profile, reply_ms, stopped, err);

    /* Enrolled anew since the profile was read: the files of before are gone, or no longer good. */
    if (!uplink && profile_refresh(profile, NULL) == 1)
        uplink = dial(profile, reply_ms, stopped, err);
    if (uplink)
        learn_zone(profile, uplink_welcome(uplink));
    return uplink;
}
