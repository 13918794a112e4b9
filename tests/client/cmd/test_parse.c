#include "client/cmd/cmd.h"

#include "client/core/message.h"
#include "common/error.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define WORDS_MAX 16

/* A command line as argv has it: argv[0], up to 15 words, NULL. */
struct line {
    const char *word[WORDS_MAX];
};

static int parse(struct cmd_call *call, const struct line *line, struct error *err)
{
    static char text[WORDS_MAX][64];
    static char *argv[WORDS_MAX + 1];
    int argc = 1;

    snprintf(text[0], sizeof text[0], "suara");
    argv[0] = text[0];
    for (; line->word[argc - 1]; argc++) {
        snprintf(text[argc], sizeof text[argc], "%s", line->word[argc - 1]);
        argv[argc] = text[argc];
    }
    argv[argc] = NULL;
    error_clear(err);
    return cmd_parse(call, argc, argv, err);
}

static void good(struct cmd_call *call, const struct line *line, const char *name)
{
    struct error err;

    assert_int_equal(parse(call, line, &err), 0);
    assert_string_equal(call->cmd->name, name);
}

static void finds_commands_of_several_words(void **state)
{
    (void)state;
    struct cmd_call call;

    good(&call, &(struct line){{"sync"}}, "sync");
    cmd_call_release(&call);
    good(&call, &(struct line){{"report", "index"}}, "report index");
    cmd_call_release(&call);
    good(&call, &(struct line){{"admin", "office", "add", "A", "B"}}, "admin office add");
    assert_int_equal(call.arg_count, 2);
    assert_string_equal(call.args[0], "A");
    assert_string_equal(call.args[1], "B");
    cmd_call_release(&call);
}

static void profile_stands_before_or_after(void **state)
{
    (void)state;
    struct cmd_call call;

    good(&call, &(struct line){{"sync"}}, "sync");
    assert_string_equal(call.profile, "default");
    cmd_call_release(&call);
    good(&call, &(struct line){{"--profile", "A", "sync"}}, "sync");
    assert_string_equal(call.profile, "A");
    cmd_call_release(&call);
    good(&call, &(struct line){{"sync", "--profile=B", "--wait", "1s"}}, "sync");
    assert_string_equal(call.profile, "B");
    assert_string_equal(cmd_value(&call, "wait"), "1s");
    cmd_call_release(&call);
    good(&call, &(struct line){{"--profile", "A", "sync", "--profile", "B"}}, "sync");
    assert_string_equal(call.profile, "B");
    cmd_call_release(&call);
}

static void options_and_arguments_mix(void **state)
{
    (void)state;
    struct cmd_call call;

    good(&call,
         &(struct line){{"submit", "a.csv", "--service", "X", "b.csv", "--no-send", "--service=Y",
                         "--", "--c.csv"}},
         "submit");
    assert_int_equal(call.arg_count, 3);
    assert_string_equal(call.args[0], "a.csv");
    assert_string_equal(call.args[2], "--c.csv");
    assert_int_equal(cmd_times(&call, "service"), 2);
    assert_string_equal(cmd_nth(&call, "service", 0), "X");
    assert_string_equal(cmd_value(&call, "service"), "Y");
    assert_true(cmd_flag(&call, "no-send"));
    assert_false(cmd_flag(&call, "all"));
    assert_null(cmd_value(&call, "map"));
    assert_null(cmd_nth(&call, "service", 2));
    cmd_call_release(&call);
}

static void help_and_version_need_no_arguments(void **state)
{
    (void)state;
    struct cmd_call call;
    struct error err;

    good(&call, &(struct line){{"submit", "--help"}}, "submit");
    assert_true(call.help);
    cmd_call_release(&call);
    good(&call, &(struct line){{"enroll", "-h"}}, "enroll");
    assert_true(call.help);
    cmd_call_release(&call);
    assert_int_equal(parse(&call, &(struct line){{"--version"}}, &err), 0);
    assert_true(call.version && !call.cmd);
    cmd_call_release(&call);
    assert_int_equal(parse(&call, &(struct line){{"-h"}}, &err), 0);
    assert_true(call.help && !call.cmd);
    cmd_call_release(&call);
}

/* What is wrong, and the word that the sentence must hold. */
static void wrong_lines_name_the_nearest(void **state)
{
    (void)state;
    static const struct {
        struct line line;
        const char *says;
    } wrong[] = {
        {{{NULL}}, "no command"},
        {{{"submti", "a.csv"}}, "did you mean 'submit'"},
        {{{"outbx"}}, "did you mean 'outbox'"},
        {{{"reprot", "index"}}, "did you mean 'report'"},
        {{{"admin", "ofice"}}, "did you mean 'admin office'"},
        {{{"xyzzy"}}, "unknown command 'xyzzy'"},
        {{{"outbox"}}, "'outbox' needs one more word"},
        {{{"admin", "office"}}, "'admin office' needs one more word"},
        {{{"outbox", "shwo", "1"}}, "did you mean 'outbox show'"},
        {{{"admin", "ofice", "list"}}, "did you mean 'admin office'"},
        {{{"submit", "a.csv", "--servise", "X"}}, "did you mean --service"},
        {{{"submit", "a.csv", "--servise=X"}}, "no option --servise;"},
        {{{"sync", "--xyzzy"}}, "'sync' has no option --xyzzy"},
        {{{"sync", "-x"}}, "no option -x"},
        {{{"--profil-e", "A", "sync"}}, "did you mean --profile"},
        {{{"--format", "json", "sync"}}, "options of a command come after it"},
        {{{"submit", "a.csv", "--s", "X"}}, "several options"},
        {{{"submit", "a.csv", "--service"}}, "--service needs a value"},
        {{{"sync", "--all-profiles=1"}}, "--all-profiles takes no value"},
        {{{"--profile"}}, "--profile needs a value"},
        {{{"submit"}}, "usage: suara submit FILE.."},
        {{{"sync", "x"}}, "usage: suara sync"},
        {{{"enroll", "a", "b"}}, "usage: suara enroll BUNDLE"},
    };

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct cmd_call call;
        struct error err;
        assert_int_equal(parse(&call, &wrong[i].line, &err), -1);
        assert_int_equal(err.code, ERROR_USAGE);
        if (!strstr(err.text, wrong[i].says))
            fail_msg("'%s' does not say '%s'", err.text, wrong[i].says);
        cmd_call_release(&call);
    }
}

static void choices_are_from_a_list(void **state)
{
    (void)state;
    static const char *const list[] = {"table", "json", "csv", NULL};
    struct cmd_call call;
    struct error err;

    good(&call, &(struct line){{"report", "index"}}, "report index");
    assert_int_equal(cmd_choice(&call, "format", list, "table", &err), 0);
    cmd_call_release(&call);
    good(&call, &(struct line){{"report", "index", "--format", "csv"}}, "report index");
    assert_int_equal(cmd_choice(&call, "format", list, "table", &err), 2);
    cmd_call_release(&call);
    good(&call, &(struct line){{"report", "index", "--format", "jsno"}}, "report index");
    assert_int_equal(cmd_choice(&call, "format", list, "table", &err), -1);
    assert_string_equal(err.text, "--format can't be 'jsno'; did you mean 'json'? "
                                  "It is one of: table, json, csv");
    cmd_call_release(&call);
}

static void durations_have_units(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ms; /* -1: refused */
    } vectors[] = {
        {"0", 0},           {"10", 10000},  {"500ms", 500},
        {"10s", 10000},     {"2m", 120000}, {"1h", 3600000},
        {"24h", 86400000},  {"25h", -1},    {"", -1},
        {"-1s", -1},        {"1d", -1},     {"s", -1},
        {" 1s", -1},        {"1.5s", -1},   {"99999999999999999999", -1},
        {"86400001ms", -1},
    };

    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        struct cmd_call call;
        struct error err;
        uint32_t ms = 7;
        good(&call, &(struct line){{"sync", "--wait", vectors[i].text}}, "sync");
        int rc = cmd_duration(&call, "wait", 7, &ms, &err);
        assert_int_equal(rc, vectors[i].ms < 0 ? -1 : 0);
        assert_int_equal(ms, vectors[i].ms < 0 ? 7 : vectors[i].ms);
        cmd_call_release(&call);
    }
}

static void numbers_of_items_are_whole(void **state)
{
    (void)state;
    static const char *const wrong[] = {"0", "-1", "", "1x", "x", "9223372036854775808", "1.0"};
    struct error err;
    int64_t seq = 0;

    assert_int_equal(cmd_seq("9223372036854775807", &seq, &err), 0);
    assert_true(seq == INT64_MAX);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(cmd_seq(wrong[i], &seq, &err), -1);
}

static void exit_statuses_have_an_order(void **state)
{
    (void)state;
    static const int order[] = {0, 69, 65, 77, 64, 74, 130};

    for (size_t i = 0; i < 7; i++)
        for (size_t j = 0; j < 7; j++)
            assert_int_equal(cmd_worse(order[i], order[j]), order[i > j ? i : j]);
}

static void every_error_has_an_exit_status(void **state)
{
    (void)state;
    static const struct {
        enum error_code code;
        int status;
    } vectors[] = {
        {ERROR_NONE, 0},
        {ERROR_INVALID, 64},
        {ERROR_UNAUTHENTICATED, 77},
        {ERROR_PERMISSION_DENIED, 77},
        {ERROR_TOO_LARGE, 64},
        {ERROR_OVERLOADED, 69},
        {ERROR_UNAVAILABLE, 69},
        {ERROR_UNSUPPORTED, 69},
        {ERROR_INTERNAL, 69},
        {ERROR_USAGE, 64},
        {ERROR_IO, 74},
    };

    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        const struct error err = {.code = vectors[i].code};
        assert_int_equal(cmd_exit_of(&err), vectors[i].status);
    }
}

/* Each command can be found, tells its help, and no option is there twice. */
static void the_table_holds_together(void **state)
{
    (void)state;
    for (size_t i = 0; i < cmd_count; i++) {
        const struct cmd *cmd = cmd_table[i];
        assert_non_null(cmd->exec);
        assert_true(cmd->least <= cmd->most);
        assert_true(strncmp(cmd->usage, cmd->name, strlen(cmd->name)) == 0);
        assert_true(cmd->help[strlen(cmd->help) - 1] != '.');
        for (const struct cmd_option *a = cmd->options; a && a->name; a++) {
            assert_non_null(a->help);
            for (const struct cmd_option *b = a + 1; b->name; b++)
                assert_string_not_equal(a->name, b->name);
            for (const struct cmd_option *b = cmd_global_options; b->name; b++)
                assert_string_not_equal(a->name, b->name);
        }
        for (size_t k = i + 1; k < cmd_count; k++)
            assert_string_not_equal(cmd->name, cmd_table[k]->name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_commands_of_several_words),
        cmocka_unit_test(profile_stands_before_or_after),
        cmocka_unit_test(options_and_arguments_mix),
        cmocka_unit_test(help_and_version_need_no_arguments),
        cmocka_unit_test(wrong_lines_name_the_nearest),
        cmocka_unit_test(choices_are_from_a_list),
        cmocka_unit_test(durations_have_units),
        cmocka_unit_test(numbers_of_items_are_whole),
        cmocka_unit_test(exit_statuses_have_an_order),
        cmocka_unit_test(every_error_has_an_exit_status),
        cmocka_unit_test(the_table_holds_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
