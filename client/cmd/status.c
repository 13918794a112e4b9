#include "client/cmd/ask.h"
#include "client/cmd/clock_note.h"
#include "client/cmd/cmd.h"
#include "client/cmd/commands.h"
#include "client/cmd/output.h"
#include "client/core/message.h"
#include "client/store/outbox.h"
#include "client/store/profile.h"
#include "common/buf.h"
#include "common/clock.h"
#include "common/error.h"
#include "common/expiry.h"
#include "common/net/tls.h"

#define FACTS_MAX 24

struct end_text {
    char day[16], note[96];
};

/* What is told, and the room for texts that are made for it. */
struct status {
    struct layout_fact fact[FACTS_MAX];
    size_t count;
    char program[128], office[128], clock[CLOCK_NOTE], oldest[40], last[40];
    struct end_text own, ca, server;
};

static void add(struct status *status, struct layout_fact fact)
{
    if (status->count < FACTS_MAX)
        status->fact[status->count++] = fact;
}

static void add_text(struct status *status, const char *key, const char *title, const char *text)
{
    add(status, (struct layout_fact){.key = key, .title = title, .text = text});
}

/* counts NULL: no outbox of this profile. */
static void add_count(struct status *status, const char *key, const char *title,
                      const struct outbox_counts *counts, uint64_t number)
{
    add(status, (struct layout_fact){.key = key,
                                     .title = title,
                                     .kind = FACT_NUMBER,
                                     .absent = !counts,
                                     .number = (int64_t)number});
}

static const char *text_of(char *out, size_t room, const ProtobufCBinaryData *text)
{
    snprintf(out, room, "%.*s", text->len < room ? (int)text->len : (int)room - 1,
             text->len ? (const char *)text->data : "");
    return out[0] ? out : NULL;
}

static void add_clock(struct status *status, int64_t ahead_ms)
{
    struct layout_fact fact = {.key = "clock_ahead_ms",
                               .title = "Server's clock",
                               .kind = FACT_NUMBER,
                               .number = ahead_ms};

    if (clock_note(ahead_ms, status->clock))
        fact.note = status->clock;
    fact.text = fact.note ? "differs from ours" : "agrees with ours";
    add(status, fact);
}

/* ends_ms 0: not known. what: what is to be done when it ends soon. */
static void add_end(struct status *status, struct end_text *text, struct layout_fact fact,
                    int64_t ends_ms, const char *what, enum zone zone)
{
    int64_t now_ms = clock_wall_ms();

    if (ends_ms <= 0 || ends_ms >= INT64_MAX / 2) {
        add(status, fact);
        return;
    }
    civil_format_day(civil_day_of_ms(ends_ms, zone), text->day);
    fact.text = text->day;
    if (expiry_soon(EXPIRY_CERTIFICATE, 0, ends_ms, now_ms)) {
        if (ends_ms <= now_ms)
            snprintf(text->note, sizeof text->note, MSG_CERT_ENDED, what);
        else
            snprintf(text->note, sizeof text->note, MSG_CERT_SOON, expiry_days(ends_ms, now_ms),
                     what);
        fact.note = text->note;
    }
    add(status, fact);
}

/* Ours, also when the server is away; and the server's, which it shows. */
static void add_ends(struct status *status, const struct uplink *uplink,
                     const struct profile *profile, enum zone zone)
{
    const struct tls_files files = {.certificate = profile->certificate, .ca = profile->ca};
    struct tls_lives lives;

    tls_files_lives(&files, clock_wall_ms(), &lives);
    add_end(status, &status->own,
            (struct layout_fact){.key = "certificate_ends", .title = "Certificate ends"},
            lives.certificate.to_ms, MSG_CERT_ASK, zone);
    add_end(status, &status->ca, (struct layout_fact){.key = "ca_ends", .title = "CA ends"},
            lives.ca.to_ms, MSG_CERT_ASK, zone);
    add_end(status, &status->server,
            (struct layout_fact){.key = "server_certificate_ends",
                                 .title = "Server's certificate ends"},
            uplink ? uplink_server_ends_ms(uplink) : 0, MSG_CERT_TELL, zone);
}

static void add_profile(struct status *status, const struct profile *profile)
{
    add_text(status, "profile", "Profile", profile->name);
    add_text(status, "role", "Role", profile->role);
    add_text(status, "name", "Name", profile->principal);
    add_text(status, "server", "Server", profile->server);
}

/* `reached` is also told when there is no line: then with the reason. */
static void add_server(struct status *status, const struct uplink *uplink, const struct error *err,
                       const struct profile *profile)
{
    const Suara__V1__Welcome *welcome = uplink ? uplink_welcome(uplink) : NULL;
    enum zone zone = profile->zone == ZONE_NONE ? ZONE_WIB : profile->zone;
    int64_t now_ms = clock_wall_ms();
    struct layout_fact reached = {.key = "reached", .title = "Reached", .kind = FACT_BOOL};

    reached.number = welcome != NULL;
    if (!welcome)
        reached.note = err->text;
    else if (!welcome->ready)
        reached.note = MSG_NOT_READY;
    add(status, reached);
    add(status, (struct layout_fact){.key = "ready",
                                     .title = "Takes responses",
                                     .kind = FACT_BOOL,
                                     .absent = !welcome,
                                     .number = welcome && welcome->ready});
    add_text(status, "program", "Program",
             welcome ? text_of(status->program, sizeof status->program, &welcome->program) : NULL);
    add_text(status, "office", "Office",
             welcome ? text_of(status->office, sizeof status->office, &welcome->office) : NULL);
    add_text(status, "zone", "Time zone",
             profile->zone == ZONE_NONE ? NULL : zone_name(profile->zone));
    if (welcome && welcome->now < INT64_MAX / 2)
        add_clock(status, (int64_t)welcome->now - now_ms);
    else
        add(status, (struct layout_fact){
                        .key = "clock_ahead_ms", .title = "Server's clock", .absent = true});
    add_ends(status, uplink, profile, zone);
}

static const char *time_of(char out[40], int64_t ms, enum zone zone)
{
    if (ms == 0)
        return NULL;
    civil_format_ms(ms, zone == ZONE_NONE ? ZONE_WIB : zone, out);
    return out;
}

static void add_counts(struct status *status, const struct outbox_counts *counts, enum zone zone)
{
    static const struct outbox_counts none;
    const struct outbox_counts *c = counts ? counts : &none;

    add_count(status, "waiting", "Waiting", counts, c->waiting);
    add_text(status, "oldest", "  since", time_of(status->oldest, c->oldest_ms, zone));
    add_count(status, "sent", "Sent and stored", counts, c->sent);
    add_count(status, "duplicates", "Sent, duplicates", counts, c->duplicates);
    add_text(status, "last_receipt", "Last receipt",
             time_of(status->last, c->last_receipt_ms, zone));
    add(status, (struct layout_fact){.key = "rejected",
                                     .title = "Rejected",
                                     .kind = FACT_NUMBER,
                                     .absent = !counts,
                                     .number = (int64_t)c->rejected,
                                     .note = c->rejected > 0 ? MSG_HAS_REJECTED : NULL});
}

/* Only an office has one. One that was never made is an empty one. */
static int add_outbox(struct status *status, const struct profile *profile, struct error *err)
{
    struct outbox_counts counts = {0};
    struct outbox *outbox = NULL;
    bool office = strcmp(profile->role, "office") == 0;

    int rc = office ? outbox_peek(profile->outbox, &outbox, err) : 0;
    if (rc == 1)
        rc = outbox_counts(outbox, &counts, err);
    outbox_close(&outbox);
    add_counts(status, office && rc >= 0 ? &counts : NULL, profile->zone);
    return rc < 0 ? -1 : 0;
}

static int exec(struct cmd_call *call)
{
    struct profile profile;
    struct layout_style style;
    struct status status = {0};
    struct error err, trouble;
    struct buf out = {0};
    int code = CMD_DONE;

    error_clear(&err);
    error_clear(&trouble);
    if (output_style(call, false, &style, &err) < 0 ||
        profile_load(call->profile, &profile, &err) < 0)
        return fail(&err);

    struct uplink *uplink = ask_open(&profile, &trouble);
    add_profile(&status, &profile);
    add_server(&status, uplink, &trouble, &profile);
    if (!uplink)
        code = cmd_exit_of(&trouble);
    else if (!uplink_welcome(uplink)->ready)
        code = CMD_AWAY;
    if (add_outbox(&status, &profile, &err) < 0)
        code = cmd_worse(code, fail(&err));
    layout_facts_print(&out, status.fact, status.count, NULL, NULL, &style);
    code = cmd_worse(code, output_write(&out));
    uplink_close(&uplink);
    profile_release(&profile);
    return code;
}

static const struct cmd_option options[] = {
    {"format", "FORMAT", "table (default) or json", false},
    {0},
};

const struct cmd cmd_status = {
    .name = "status",
    .usage = "status [--format table|json]",
    .help = "Who this profile is, whether the server can be reached, and what waits",
    .options = options,
    .exec = exec,
};
