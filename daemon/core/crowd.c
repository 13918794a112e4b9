#include "daemon/core/crowd.h"

void crowd_look(struct crowd_pace *pace, uint64_t since_ms, uint64_t bytes, uint64_t now_ms)
{
    if (since_ms != pace->since_ms)
        *pace = (struct crowd_pace){.since_ms = since_ms, .paid_ms = since_ms};
    pace->paid_ms += (bytes - pace->bytes) * 1000 / CROWD_RATE;
    if (pace->paid_ms > now_ms)
        pace->paid_ms = now_ms;
    pace->bytes = bytes;
}

static uint64_t late(const struct crowd_pace *pace, uint64_t now_ms)
{
    return pace->since_ms ? now_ms - pace->paid_ms : 0;
}

bool crowd_behind(const struct crowd_pace *pace, uint64_t now_ms)
{
    return late(pace, now_ms) >= CROWD_STALL_MS;
}

static struct crowd_verdict verdict(enum crowd_why why, uint64_t weight, uint64_t patience)
{
    if (weight < patience)
        return (struct crowd_verdict){CROWD_STAYS, 0};
    return (struct crowd_verdict){why, weight};
}

struct crowd_verdict crowd_judge(const struct crowd_guest *guest, uint64_t now_ms)
{
    const struct crowd_verdict stays = {CROWD_STAYS, 0};
    uint64_t in_state = now_ms - guest->state_ms, quiet = now_ms - guest->quiet_ms;
    if (guest->state == SESSION_OPENING)
        return verdict(CROWD_SILENT, in_state, CROWD_DOOR_MS);
    if (guest->out.since_ms)
        return verdict(CROWD_DEAF, late(&guest->out, now_ms), CROWD_STALL_MS);
    if (guest->open > 0)
        return stays;
    if (guest->waits_ms)
        return verdict(CROWD_WAITS, (now_ms - guest->waits_ms) * guest->of_name, CROWD_IDLE_MS);
    if (guest->held)
        return stays;
    if (guest->state == SESSION_GREETING)
        return verdict(CROWD_SILENT, in_state, CROWD_DOOR_MS);
    if (guest->state != SESSION_READY)
        return stays;
    if (guest->in.since_ms)
        return verdict(CROWD_SLOW, late(&guest->in, now_ms), CROWD_STALL_MS);
    return verdict(CROWD_IDLE, quiet * guest->of_name, CROWD_IDLE_MS);
}

int crowd_order(const struct crowd_verdict *a, const struct crowd_verdict *b)
{
    if (a->why != b->why)
        return a->why > b->why ? -1 : 1;
    return (a->weight < b->weight) - (a->weight > b->weight);
}

const char *crowd_why_text(enum crowd_why why)
{
    switch (why) {
    case CROWD_STAYS:
        break;
    case CROWD_IDLE:
        return "idle";
    case CROWD_WAITS:
        return "waits for room";
    case CROWD_DEAF:
        return "replies not taken";
    case CROWD_SLOW:
        return "half a message";
    case CROWD_SILENT:
        return "no handshake or Hello";
    }
    return "";
}
