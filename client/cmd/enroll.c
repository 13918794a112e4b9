#include "client/cmd/ask.h"
#include "client/cmd/cmd.h"
#include "client/cmd/commands.h"
#include "client/cmd/output.h"
#include "client/core/message.h"
#include "client/store/profile.h"

/* Who the daemon says we are. Its words are escaped by say(). */
static void tell(const struct profile *profile, const Suara__V1__Welcome *welcome)
{
    char office[128], ends[16];

    say(MSG_ENROLLED, profile->role, profile->principal, profile->name, profile->server);
    snprintf(office, sizeof office, "%.*s",
             welcome->office.len < 100 ? (int)welcome->office.len : 0,
             welcome->office.len ? (const char *)welcome->office.data : "");
    if (office[0])
        say(MSG_ENROLL_WHERE, office,
            profile->zone == ZONE_NONE ? "not known" : zone_name(profile->zone));
    if (welcome->certificate_ends > 0 && welcome->certificate_ends < INT64_MAX / 2) {
        civil_format_day(civil_day_of_ms((int64_t)welcome->certificate_ends,
                                         profile->zone == ZONE_NONE ? ZONE_WIB : profile->zone),
                         ends);
        say(MSG_ENROLL_UNTIL, ends);
    }
}

static const char *const zones[] = {"WIB", "WITA", "WIT", NULL};

static int exec(struct cmd_call *call)
{
    struct profile profile;
    struct error err;

    error_clear(&err);
    int zone = cmd_flag(call, "zone") ? cmd_choice(call, "zone", zones, "", &err) : 3;
    if (zone < 0)
        return fail(&err);
    if (profile_enroll(call->profile, call->args[0], cmd_flag(call, "replace"), &profile, &err) < 0)
        return fail(&err);

    if (zones[zone] && profile_set_zone(&profile, zone_parse(zones[zone]), &err) < 0) {
        profile_release(&profile);
        return fail(&err);
    }

    int status = CMD_DONE;
    struct uplink *uplink = ask_open(&profile, &err);
    if (uplink) {
        tell(&profile, uplink_welcome(uplink));
    } else {
        status = fail(&err);
        if (status == CMD_AWAY)
            warn(MSG_ENROLL_AWAY, profile.name, profile.name);
        else if (status == CMD_NOT_ALLOWED)
            warn(MSG_ENROLL_REFUSED, profile.name);
    }
    uplink_close(&uplink);
    profile_release(&profile);
    return status;
}

static const struct cmd_option options[] = {
    {"replace", NULL, "renew the profile; role and name must be the same, the outbox stays", false},
    {"zone", "ZONE", "office: WIB, WITA or WIT, until the server has told it", false},
    {0},
};

const struct cmd cmd_enroll = {
    .name = "enroll",
    .usage = "enroll BUNDLE [--replace] [--zone WIB|WITA|WIT]",
    .help = "Make a profile from a bundle, and ask the server who you are",
    .least = 1,
    .most = 1,
    .options = options,
    .exec = exec,
};
