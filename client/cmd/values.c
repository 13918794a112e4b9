#include "client/cmd/cmd.h"

#include "client/core/message.h"
#include "common/buf.h"
#include "common/error.h"
#include "common/text.h"
#include <assert.h>
#include <errno.h>
#include <limits.h>

#define DAY_MS (24u * 60 * 60 * 1000)

static void known(const struct cmd_call *call, const char *name)
{
    const struct cmd_option *option = call->cmd->options;

    while (option && option->name && strcmp(option->name, name) != 0)
        option++;
    assert(option && option->name);
    (void)option;
}

size_t cmd_times(const struct cmd_call *call, const char *name)
{
    size_t times = 0;

    known(call, name);
    for (size_t i = 0; i < call->given_count; i++)
        times += strcmp(call->given[i].option->name, name) == 0;
    return times;
}

const char *cmd_nth(const struct cmd_call *call, const char *name, size_t k)
{
    for (size_t i = 0; i < call->given_count; i++)
        if (strcmp(call->given[i].option->name, name) == 0 && k-- == 0)
            return call->given[i].value;
    return NULL;
}

const char *cmd_value(const struct cmd_call *call, const char *name)
{
    size_t times = cmd_times(call, name);

    return times > 0 ? cmd_nth(call, name, times - 1) : NULL;
}

bool cmd_flag(const struct cmd_call *call, const char *name)
{
    return cmd_times(call, name) > 0;
}

static int no_choice(const char *name, const char *value, const char *const *list, size_t count,
                     struct error *err)
{
    const char *near = text_nearest(value, list, count);
    struct buf all = {0};

    for (size_t i = 0; i < count; i++)
        buf_printf(&all, "%s%s", i > 0 ? ", " : "", list[i]);
    if (near)
        error_set(err, ERROR_USAGE, NULL, MSG_CHOICE_NEAR, name, value, near, all.data);
    else
        error_set(err, ERROR_USAGE, NULL, MSG_CHOICE, name, value, buf_text(&all));
    buf_release(&all);
    return -1;
}

int cmd_choice_of(const char *name, const char *value, const char *const *list, struct error *err)
{
    int count = 0;

    for (; list[count]; count++)
        if (strcmp(list[count], value) == 0)
            return count;
    return no_choice(name, value, list, (size_t)count, err);
}

int cmd_choice(const struct cmd_call *call, const char *name, const char *const *list,
               const char *standard, struct error *err)
{
    const char *value = cmd_value(call, name);

    return cmd_choice_of(name, value ? value : standard, list, err);
}

int cmd_duration(const struct cmd_call *call, const char *name, uint32_t standard_ms, uint32_t *ms,
                 struct error *err)
{
    static const struct {
        const char *unit;
        unsigned long ms;
    } units[] = {{"", 1000}, {"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}};
    const char *text = cmd_value(call, name);
    char *end;

    if (!text) {
        *ms = standard_ms;
        return 0;
    }
    errno = 0;
    unsigned long count = text[0] >= '0' && text[0] <= '9' ? strtoul(text, &end, 10) : ULONG_MAX;
    for (size_t i = 0; count <= DAY_MS && i < sizeof units / sizeof *units; i++)
        if (strcmp(end, units[i].unit) == 0 && count <= DAY_MS / units[i].ms) {
            *ms = (uint32_t)(count * units[i].ms);
            return 0;
        }
    return error_set(err, ERROR_USAGE, NULL, MSG_DURATION, name, text);
}

int cmd_seq(const char *text, int64_t *seq, struct error *err)
{
    char *end;

    errno = 0;
    long long value = text[0] >= '1' && text[0] <= '9' ? strtoll(text, &end, 10) : 0;
    if (value < 1 || errno != 0 || *end != '\0')
        return error_set(err, ERROR_USAGE, NULL, MSG_SEQ, text);
    *seq = value;
    return 0;
}

int cmd_exit_of(const struct error *err)
{
    switch (err->code) {
    case ERROR_NONE:
        return CMD_DONE;
    case ERROR_INVALID:
    case ERROR_TOO_LARGE:
    case ERROR_USAGE:
        return CMD_WRONG_USE;
    case ERROR_UNAUTHENTICATED:
    case ERROR_PERMISSION_DENIED:
        return CMD_NOT_ALLOWED;
    case ERROR_OVERLOADED:
    case ERROR_UNAVAILABLE:
    case ERROR_UNSUPPORTED: /* an older server: newer ones will answer */
    case ERROR_INTERNAL:    /* its fault; later it may work */
        return CMD_AWAY;
    case ERROR_IO:
        return CMD_NOT_SAVED;
    }
    return CMD_AWAY;
}

int cmd_worse(int a, int b)
{
    static const int order[] = {CMD_STOPPED,  CMD_NOT_SAVED, CMD_WRONG_USE, CMD_NOT_ALLOWED,
                                CMD_REJECTED, CMD_AWAY,      CMD_DONE};

    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        if (a == order[i] || b == order[i])
            return order[i];
    return a;
}
