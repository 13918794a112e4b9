#include "client/cmd/ask.h"
#include "client/cmd/cmd.h"
#include "client/cmd/commands.h"
#include "client/cmd/output.h"
#include "client/core/ids.h"
#include "client/core/message.h"
#include "client/store/profile.h"
#include "common/error.h"
#include "common/wire.h"
#include <errno.h>
#include <string.h>

#define AT_A_TIME 1000u /* ids in a request: what the daemon takes */

static int add_file(struct buf *ids, const char *path, struct error *err)
{
    struct buf text = {0};
    char part[4096];
    size_t size;
    FILE *file = fopen(path, "re");
    if (!file)
        return error_set(err, ERROR_USAGE, NULL, MSG_CANT_READ, path, strerror(errno));
    while ((size = fread(part, 1, sizeof part, file)) > 0)
        buf_add(&text, part, size);
    int rc = 0;
    if (ferror(file))
        rc = error_set(err, ERROR_USAGE, NULL, MSG_CANT_READ, path, strerror(errno));
    else if (text.failed)
        rc = error_set(err, ERROR_IO, NULL, MSG_MEMORY);
    else if (text.len > 0)
        rc = ids_add_lines(ids, path, text.data, err);
    fclose(file);
    buf_release(&text);
    return rc;
}

static int read_ids(const struct cmd_call *call, struct buf *ids, struct error *err)
{
    for (size_t i = 1; i < call->arg_count; i++)
        if (ids_add(ids, call->args[i], err) < 0)
            return -1;
    for (size_t i = 0; i < cmd_times(call, "file"); i++)
        if (add_file(ids, cmd_nth(call, "file", i), err) < 0)
            return -1;
    return ids_settle(ids) > 0 ? 0 : error_set(err, ERROR_USAGE, NULL, MSG_ERASE_NONE);
}

/* What is erased is gone: a person confirms, a script says --yes. */
static bool sure(const struct cmd_call *call, uint64_t count)
{
    if (cmd_flag(call, "yes"))
        return true;
    if (!output_can_ask()) {
        warn(MSG_ERASE_YES);
        return false;
    }
    if (output_ask("yn", MSG_ERASE_SURE, MSG_COUNTED(count), call->args[0]) == 'y')
        return true;
    warn(MSG_ERASE_NOT);
    return false;
}

/* In the order of the ids, many at a time: what was erased before an error stays so. */
static int erase(const struct cmd_call *call, struct uplink *uplink, const struct buf *ids,
                 struct ask_erased *sum, struct error *err)
{
    Suara__V1__Erase erase = SUARA__V1__ERASE__INIT;
    size_t size = AT_A_TIME * sizeof(struct uuid);
    erase.office = wire_text(call->args[0]);
    for (size_t at = 0; at < ids->len; at += size) {
        erase.ids.data = (uint8_t *)ids->data + at;
        erase.ids.len = ids->len - at < size ? ids->len - at : size;
        if (ask_erase(uplink, &erase, sum, err) < 0)
            return -1;
    }
    return 0;
}

static void say_all(const char *office, const struct ask_erased *sum)
{
    say(MSG_ERASED, MSG_COUNTED(sum->responses), office, sum->comments,
        sum->comments == 1 ? "comment" : "comments");
    if (sum->already > 0)
        say(MSG_ERASED_ALREADY, sum->already, sum->already == 1 ? "was" : "were");
    if (sum->unknown > 0)
        say(MSG_ERASED_UNKNOWN, sum->unknown, sum->unknown == 1 ? "is" : "are",
            sum->unknown == 1 ? "it comes" : "they come");
}

static int exec(struct cmd_call *call)
{
    struct buf ids = {0};
    struct ask_erased sum = {0};
    struct profile profile = {0};
    struct error err;
    struct uplink *uplink = NULL;
    int status = CMD_WRONG_USE;

    error_clear(&err);
    if (read_ids(call, &ids, &err) < 0 || profile_load(call->profile, &profile, &err) < 0) {
        status = fail(&err);
    } else if (sure(call, ids.len / sizeof(struct uuid))) {
        uplink = ask_open(&profile, &err);
        status = !uplink || erase(call, uplink, &ids, &sum, &err) < 0 ? fail(&err) : CMD_DONE;
        if (status == CMD_DONE || sum.responses + sum.already + sum.unknown > 0)
            say_all(call->args[0], &sum);
        if (status != CMD_DONE)
            warn(MSG_ERASE_AGAIN);
    }
    uplink_close(&uplink);
    profile_release(&profile);
    buf_release(&ids);
    return status;
}

static const struct cmd_option options[] = {
    {"file", "FILE", "ids from a file, one a line; again for more", false},
    {"yes", NULL, "do not ask", false},
    {0},
};

const struct cmd cmd_admin_erase = {
    .name = "admin erase",
    .usage = "admin erase OFFICE ID.. [--file FILE].. [--yes]",
    .help = "Erase responses of an office for ever",
    .least = 1,
    .most = UINT32_MAX,
    .options = options,
    .exec = exec,
};
