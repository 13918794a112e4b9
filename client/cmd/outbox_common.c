#include "client/cmd/outbox_common.h"

#include "client/cmd/cmd.h"
#include "client/core/message.h"
#include "common/error.h"

const char *const outbox_states[] = {"waiting", "sent", "rejected", NULL};

int outbox_of(const struct cmd_call *call, struct profile *profile, struct outbox **outbox,
              struct error *err)
{
    if (profile_load(call->profile, profile, err) < 0)
        return -1;
    if (strcmp(profile->role, "office") == 0)
        *outbox = outbox_open(profile->outbox, err);
    else
        error_set(err, ERROR_PERMISSION_DENIED, NULL, MSG_NOT_OFFICE, profile->name, profile->role);
    if (*outbox)
        return 0;
    profile_release(profile);
    return -1;
}

int outbox_peek_of(const struct cmd_call *call, struct profile *profile, struct outbox **outbox,
                   struct error *err)
{
    if (profile_load(call->profile, profile, err) < 0)
        return -1;
    if (outbox_peek(profile->outbox, outbox, err) >= 0)
        return 0;
    profile_release(profile);
    return -1;
}

void outbox_time(const struct profile *profile, int64_t ms, char out[40])
{
    out[0] = '\0';
    if (ms > 0)
        civil_format_ms(ms, profile->zone == ZONE_NONE ? ZONE_WIB : profile->zone, out);
}
