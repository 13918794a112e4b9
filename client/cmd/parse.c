#include "client/cmd/cmd.h"

#include "client/core/message.h"
#include "common/buf.h"
#include "common/error.h"
#include "common/text.h"
#include <assert.h>
#include <getopt.h>

#define WORDS_MAX 3  /* of a command's name */
#define NAMES_MAX 64 /* commands that are looked through for a near one */

const struct cmd_option cmd_global_options[] = {
    {"profile", "NAME", "who to be: a folder made by enroll (default: default)", false},
    {"help", NULL, "what the command does and its options", false},
    {"version", NULL, "print the version", false},
    {0},
};

static size_t option_count(const struct cmd_option *options)
{
    size_t count = 0;

    while (options && options[count].name)
        count++;
    return count;
}

/* ---- which command ------------------------------------------------------------------------- */

/* Do the words from the front spell the name? Gives how many of them it takes, else 0. */
static int spells(const char *name, char **words, int count)
{
    int used = 0;

    while (name && *name) {
        size_t len = strcspn(name, " ");
        if (used == count || strlen(words[used]) != len || memcmp(words[used], name, len) != 0)
            return 0;
        used++;
        name += len;
        name += *name == ' ';
    }
    return used;
}

/* Joins the first words: "outbox shwo". */
static void join(struct buf *out, char **words, int count)
{
    for (int i = 0; i < count; i++) {
        if (i > 0)
            buf_putc(out, ' ');
        buf_puts(out, words[i]);
    }
}

/* Is `text` the beginning of a command of more words? */
static bool is_group(const char *text, size_t len)
{
    for (size_t i = 0; i < cmd_count; i++)
        if (strncmp(cmd_table[i]->name, text, len) == 0 && cmd_table[i]->name[len] == ' ')
            return true;
    return false;
}

/* Looks among the names of `words` words; several commands share the first ones. */
static const char *nearest_of(const char *text, int words, char out[CMD_NAME_MAX])
{
    char name[NAMES_MAX][CMD_NAME_MAX];
    const char *list[NAMES_MAX];
    size_t count = 0;

    for (size_t i = 0; i < cmd_count && count < NAMES_MAX; i++) {
        const char *end = cmd_table[i]->name - 1;
        for (int w = 0; w < words && end; w++)
            end = w > 0 && *end == '\0' ? NULL : end + 1 + strcspn(end + 1, " ");
        if (!end)
            continue;
        snprintf(name[count], CMD_NAME_MAX, "%.*s", (int)(end - cmd_table[i]->name),
                 cmd_table[i]->name);
        list[count] = name[count];
        count++;
    }
    const char *near = text_nearest(text, list, count);
    if (near)
        snprintf(out, CMD_NAME_MAX, "%s", near);
    return near ? out : NULL;
}

const char *cmd_nearest(const char *text, char out[CMD_NAME_MAX])
{
    const char *near = NULL;
    int words = 1;

    for (const char *at = text; *at; at++)
        words += *at == ' ';
    for (; words > 0 && !near; words--)
        near = nearest_of(text, words, out);
    return near;
}

static int unknown_command(char **words, int count, struct error *err)
{
    char near[CMD_NAME_MAX];
    struct buf said = {0};
    const char *text;
    int depth = 1;

    /* The first word that leads nowhere. */
    join(&said, words, depth);
    while (depth < count && depth < WORDS_MAX && said.data && is_group(said.data, said.len)) {
        buf_clear(&said);
        join(&said, words, ++depth);
    }
    text = buf_text(&said);
    if (is_group(text, said.len))
        error_set(err, ERROR_USAGE, NULL, MSG_GROUP, text, text);
    else if (cmd_nearest(text, near))
        error_set(err, ERROR_USAGE, NULL, MSG_UNKNOWN_NEAR, text, near);
    else
        error_set(err, ERROR_USAGE, NULL, MSG_UNKNOWN, text);
    buf_release(&said);
    return -1;
}

/* The command with the longest name that the words spell; *used words of them. */
static const struct cmd *find(char **words, int count, int *used)
{
    const struct cmd *found = NULL;

    *used = 0;
    for (size_t i = 0; i < cmd_count; i++) {
        int name = spells(cmd_table[i]->name, words, count);
        int alias = spells(cmd_table[i]->alias, words, count);
        int takes = name > alias ? name : alias;
        if (takes > *used) {
            found = cmd_table[i];
            *used = takes;
        }
    }
    return found;
}

/* ---- its options --------------------------------------------------------------------------- */

/* getopt gives back VALUE + place in `own`, or GLOBAL + place among the global ones. */
enum { GLOBAL = 0x1000, VALUE = 2 * GLOBAL };

static const struct cmd_option *option_of(const struct cmd_option *own, int code)
{
    const struct cmd_option *from = code >= VALUE ? own : cmd_global_options;

    return from + code % GLOBAL;
}

/* The one short option of commands: -o for --output. */
static const struct cmd_option *output_option(const struct cmd_option *own)
{
    while (own && own->name && strcmp(own->name, "output") != 0)
        own++;
    return own && own->name ? own : NULL;
}

static struct option *long_options(const struct cmd_option *own)
{
    size_t mine = option_count(own), global = option_count(cmd_global_options);
    struct option *out = calloc(mine + global + 1, sizeof *out);

    for (size_t i = 0; out && i < mine + global; i++) {
        const struct cmd_option *from = i < mine ? &own[i] : &cmd_global_options[i - mine];
        out[i].name = from->name;
        out[i].has_arg = from->argument ? required_argument : no_argument;
        out[i].val = i < mine ? VALUE + (int)i : GLOBAL + (int)(i - mine);
    }
    return out;
}

/* Says what is wrong with the word that getopt stumbled over. */
static int bad_option(const struct cmd_call *call, const struct cmd_option *own, const char *word,
                      struct error *err)
{
    const char *names[64], *near;
    size_t listed = 0, alike = 0, len = strcspn(word, "=");
    const char *cmd = call->cmd ? call->cmd->name : "suara";
    char text[64];

    snprintf(text, sizeof text, "%.*s", (int)(len < 60 ? len : 60), word);
    for (const struct cmd_option *o = own; o && o->name && listed < 60; o++)
        if (!o->hidden)
            names[listed++] = o->name;
    for (const struct cmd_option *o = cmd_global_options; o->name; o++)
        names[listed++] = o->name;
    if (strncmp(text, "--", 2) != 0)
        snprintf(text, sizeof text, "-%c", optopt ? optopt : '?');
    for (size_t i = 0; i < listed && text[1] == '-'; i++)
        alike += strncmp(names[i], text + 2, strlen(text + 2)) == 0;
    if (alike > 1)
        return error_set(err, ERROR_USAGE, NULL, MSG_OPTION_SEVERAL, text, cmd);
    near = text[1] == '-' ? text_nearest(text + 2, names, listed) : NULL;
    if (near)
        return error_set(err, ERROR_USAGE, NULL, MSG_OPTION_NEAR, cmd, text, near);
    if (!call->cmd)
        return error_set(err, ERROR_USAGE, NULL, MSG_GLOBAL, text);
    return error_set(err, ERROR_USAGE, NULL, MSG_OPTION, cmd, text, cmd);
}

static void take_option(struct cmd_call *call, const struct cmd_option *own, int code)
{
    const struct cmd_option *option = NULL;

    if (code == 'o')
        option = output_option(own);
    else if (code != 'h' && code != 'V')
        option = option_of(own, code);
    if (code == 'h' || (code < VALUE && option && strcmp(option->name, "help") == 0))
        call->help = true;
    else if (code == 'V' || (code < VALUE && option && strcmp(option->name, "version") == 0))
        call->version = true;
    else if (code < VALUE && code != 'o')
        call->profile = optarg;
    else
        call->given[call->given_count++] = (struct cmd_given){option, optarg};
}

/* Reads options from argv[1] on: until the first other word (first), or all of them. */
static int read_options(struct cmd_call *call, int argc, char **argv, bool first, struct error *err)
{
    const struct cmd_option *own = call->cmd ? call->cmd->options : NULL;
    const char *letters = output_option(own) ? ":hVo:" : first ? "+:hV" : ":hV";
    struct option *table = long_options(own);
    int code, rc = 0;

    if (!table)
        return error_set(err, ERROR_IO, NULL, MSG_MEMORY);
    opterr = 0;
    optind = 0; /* start afresh, and read the first character of the short options again */
    while (rc == 0) {
        code = getopt_long(argc, argv, letters, table, NULL);
        if (code == -1)
            break;
        if (code == ':' && optopt == 'o')
            rc = error_set(err, ERROR_USAGE, NULL, MSG_OPTION_NEEDS, "output");
        else if (code == ':')
            rc = error_set(err, ERROR_USAGE, NULL, MSG_OPTION_NEEDS, option_of(own, optopt)->name);
        else if (code == '?' && optopt >= GLOBAL)
            rc = error_set(err, ERROR_USAGE, NULL, MSG_OPTION_FLAG, option_of(own, optopt)->name);
        else if (code == '?')
            rc = bad_option(call, own, argv[optind > 1 ? optind - 1 : 1], err);
        else
            take_option(call, own, code);
    }
    free(table);
    return rc;
}

/* "submit needs a FILE": what the usage names behind the command, up to what may be left out. */
static int check_count(const struct cmd_call *call, struct error *err)
{
    const struct cmd *cmd = call->cmd;
    const char *needed = cmd->usage + strlen(cmd->name);
    int size = 0;

    needed += *needed == ' ';
    for (unsigned i = 0; i < cmd->least; i++)
        size += (int)strcspn(needed + size, " .") + (i + 1 < cmd->least);
    if (call->arg_count < cmd->least) {
        char words[CMD_NAME_MAX];
        snprintf(words, sizeof words, "%.*s", size, needed);
        return error_set(err, ERROR_USAGE, NULL, MSG_TOO_FEW, cmd->name,
                         cmd->least == 1 ? "a " : "", words, cmd->usage);
    }
    if (call->arg_count > cmd->most)
        return error_set(err, ERROR_USAGE, NULL, MSG_TOO_MANY, cmd->name, call->args[cmd->most],
                         cmd->usage);
    return 0;
}

int cmd_parse(struct cmd_call *call, int argc, char **argv, struct error *err)
{
    int used = 0;

    *call = (struct cmd_call){.profile = "default"};
    call->given = calloc((size_t)argc + 1, sizeof *call->given);
    if (!call->given)
        return error_set(err, ERROR_IO, NULL, MSG_MEMORY);
    if (read_options(call, argc, argv, true, err) < 0)
        return -1;
    if (optind >= argc) {
        if (call->help || call->version)
            return 0;
        return error_set(err, ERROR_USAGE, NULL, MSG_NO_COMMAND);
    }

    char **words = argv + optind;
    int count = argc - optind, plain = 0;
    while (plain < count && words[plain][0] != '-')
        plain++;
    call->cmd = find(words, plain, &used);
    if (!call->cmd)
        return unknown_command(words, plain, err);

    /* The last word of the name stands where getopt expects the name of the program. */
    argv = words + used - 1;
    argc = count - used + 1;
    if (read_options(call, argc, argv, false, err) < 0)
        return -1;
    call->args = argv + optind;
    call->arg_count = (size_t)(argc - optind);
    return call->help || call->version ? 0 : check_count(call, err);
}

void cmd_call_release(struct cmd_call *call)
{
    free(call->given);
    call->given = NULL;
    call->given_count = 0;
}
