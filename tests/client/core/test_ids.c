#include "client/core/ids.h"

#include "common/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define A "016ba660-f320-8747-add6-ba32fa18ccfa"
#define B "016ba661-dd80-83df-b6a6-b1670ef4423d"

static void reads_lines(void **state)
{
    static const struct {
        const char *text;
        size_t count; /* of ids, each once */
    } good[] = {
        {"", 0},        {"\n\n", 0},     {"# all of them\n", 0}, {A, 1},
        {A "\n", 1},    {A "\r\n" B, 2}, {B "\n" A "\n" B, 2},   {"\t" A "  \n#" B "\n", 1},
        {" \r\n" A, 1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct buf ids = {0};
        struct error err = {0};
        if (ids_add_lines(&ids, "list", good[i].text, &err) != 0)
            fail_msg("%zu: %s", i, err.text);
        assert_int_equal(ids_settle(&ids), good[i].count);
        for (size_t k = 1; k < good[i].count; k++)
            assert_true(uuid_compare((struct uuid *)(void *)ids.data + k - 1,
                                     (struct uuid *)(void *)ids.data + k) < 0);
        buf_release(&ids);
    }
}

static void says_which_line(void **state)
{
    static const struct {
        const char *text, *says;
    } bad[] = {
        {A "\n" A "x\n", "line 2: '" A},
        {"x", "line 1: 'x'"},
        {"\n\n" A " " B "\n", "line 3"},
        {A "," B, "line 1"},
        {"016ba660-f320-8747-add6-ba32fa18ccf\n", "line 1"},
        {"016ba660-f320-8747-add6-ba32fa18ccfg\n", "line 1"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct buf ids = {0};
        struct error err = {0};
        assert_int_equal(ids_add_lines(&ids, "list", bad[i].text, &err), -1);
        assert_int_equal(err.code, ERROR_USAGE);
        if (!strstr(err.text, bad[i].says) || !strstr(err.text, "list"))
            fail_msg("%zu: %s", i, err.text);
        buf_release(&ids);
    }
}

static void reads_a_word(void **state)
{
    struct buf ids = {0};
    struct error err = {0};
    (void)state;
    assert_int_equal(ids_add(&ids, A, &err), 0);
    assert_int_equal(ids_add(&ids, B "\n", &err), -1);
    assert_int_equal(ids_add(&ids, "", &err), -1);
    assert_int_equal(ids_settle(&ids), 1);
    buf_release(&ids);
    assert_int_equal(ids_settle(&ids), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_lines),
        cmocka_unit_test(says_which_line),
        cmocka_unit_test(reads_a_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
