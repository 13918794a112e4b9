#include "client/cmd/cmd.h"
#include "client/cmd/commands.h"
#include "client/cmd/output.h"
#include "client/core/message.h"
#include "common/buf.h"
#include "common/error.h"

static int option_width(const struct cmd_option *option)
{
    return (int)(strlen(option->name) + (option->argument ? strlen(option->argument) + 1 : 0));
}

static void print_options(const struct cmd_option *options, int width)
{
    for (; options && options->name; options++)
        if (!options->hidden)
            printf("  --%s%s%-*s  %s\n", options->name, options->argument ? " " : "",
                   width - (int)strlen(options->name) - (options->argument ? 1 : 0),
                   options->argument ? options->argument : "", options->help);
}

static void print_all(const char *prefix)
{
    size_t len = prefix ? strlen(prefix) : 0;

    printf("usage: suara [--profile NAME] COMMAND ..\n\n");
    for (size_t i = 0; i < cmd_count; i++)
        if (strncmp(cmd_table[i]->name, prefix ? prefix : "", len) == 0)
            printf("  %-22s  %s\n", cmd_table[i]->name, cmd_table[i]->help);
    printf("\n`suara help COMMAND` tells its options; suara(1) tells everything.\n");
}

void cmd_help_print(const struct cmd *cmd)
{
    int width = 0;

    if (!cmd) {
        print_all(NULL);
        return;
    }
    printf("usage: suara %s\n\n%s.\n\n", cmd->usage, cmd->help);
    if (cmd->alias)
        printf("Also: suara %s\n\n", cmd->alias);
    for (const struct cmd_option *o = cmd->options; o && o->name; o++)
        if (!o->hidden && option_width(o) > width)
            width = option_width(o);
    for (const struct cmd_option *o = cmd_global_options; o->name; o++)
        if (option_width(o) > width)
            width = option_width(o);
    print_options(cmd->options, width);
    print_options(cmd_global_options, width);
}

/* Every command and option, one a line: what the manual page must tell. */
static void dump(void)
{
    for (const struct cmd_option *o = cmd_global_options; o->name; o++)
        printf("--%s\n", o->name);
    for (size_t i = 0; i < cmd_count; i++) {
        printf("%s\n", cmd_table[i]->name);
        if (cmd_table[i]->alias)
            printf("%s\n", cmd_table[i]->alias);
        for (const struct cmd_option *o = cmd_table[i]->options; o && o->name; o++)
            if (!o->hidden)
                printf("%s --%s\n", cmd_table[i]->name, o->name);
    }
}

/* The command called so, or the group that the words begin. */
static int help_on(const char *name)
{
    struct error err;
    char near[CMD_NAME_MAX];
    size_t len = strlen(name);
    bool group = false;

    for (size_t i = 0; i < cmd_count; i++) {
        const struct cmd *cmd = cmd_table[i];
        if (strcmp(cmd->name, name) == 0 || (cmd->alias && strcmp(cmd->alias, name) == 0)) {
            cmd_help_print(cmd);
            return CMD_DONE;
        }
        group = group || (strncmp(cmd->name, name, len) == 0 && cmd->name[len] == ' ');
    }
    if (group) {
        print_all(name);
        return CMD_DONE;
    }
    if (cmd_nearest(name, near))
        error_set(&err, ERROR_USAGE, NULL, MSG_UNKNOWN_NEAR, name, near);
    else
        error_set(&err, ERROR_USAGE, NULL, MSG_UNKNOWN, name);
    return fail(&err);
}

static int exec(struct cmd_call *call)
{
    struct buf name = {0};

    if (cmd_flag(call, "dump")) {
        dump();
        return CMD_DONE;
    }
    if (call->arg_count == 0) {
        print_all(NULL);
        return CMD_DONE;
    }
    for (size_t i = 0; i < call->arg_count; i++)
        buf_printf(&name, "%s%s", i > 0 ? " " : "", call->args[i]);
    int status = name.failed ? CMD_NOT_SAVED : help_on(name.data);
    buf_release(&name);
    return status;
}

static const struct cmd_option options[] = {
    {"dump", NULL, "every command and option, one a line", true},
    {0},
};

const struct cmd cmd_help = {
    .name = "help",
    .usage = "help [COMMAND]",
    .help = "List the commands, or tell about one",
    .most = 3,
    .options = options,
    .exec = exec,
};
