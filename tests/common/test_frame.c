#include "common/frame.h"

#include "common/error.h"
#include "tests/common/generate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void lengths_at_their_ends(void **state)
{
    (void)state;
    static const struct {
        uint8_t header[FRAME_HEADER];
        uint32_t max, length;
        enum error_code code;
    } table[] = {
        {{0, 0, 0, 0}, 100, 0, ERROR_INVALID},
        {{0, 0, 0, 0}, 0, 0, ERROR_INVALID},
        {{0, 0, 0, 1}, 100, 1, ERROR_NONE},
        {{0, 0, 0, 1}, 0, 0, ERROR_TOO_LARGE},
        {{0, 0, 0, 100}, 100, 100, ERROR_NONE},
        {{0, 0, 0, 101}, 100, 0, ERROR_TOO_LARGE},
        {{0, 0x10, 0, 0}, FRAME_MAX_DEFAULT, 1048576, ERROR_NONE},
        {{0, 0x10, 0, 1}, FRAME_MAX_DEFAULT, 0, ERROR_TOO_LARGE},
        {{1, 2, 3, 4}, UINT32_MAX, 0x01020304, ERROR_NONE},
        {{0x80, 0, 0, 0}, FRAME_MAX_DEFAULT, 0, ERROR_TOO_LARGE},
        {{0x7F, 255, 255, 255}, FRAME_MAX_DEFAULT, 0, ERROR_TOO_LARGE},
        {{255, 255, 255, 255}, FRAME_MAX_DEFAULT, 0, ERROR_TOO_LARGE},
        {{255, 255, 255, 255}, UINT32_MAX, UINT32_MAX, ERROR_NONE},
        {{'G', 'E', 'T', ' '}, FRAME_MAX_DEFAULT, 0, ERROR_TOO_LARGE},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct error err = {0};
        uint32_t length = 77;
        int result = frame_length(table[i].header, table[i].max, &length, &err);
        assert_int_equal(result, table[i].code == ERROR_NONE ? 0 : -1);
        assert_int_equal(err.code, table[i].code);
        assert_int_equal(length, table[i].code == ERROR_NONE ? table[i].length : 77);
        assert_int_equal(err.text[0] != '\0', table[i].code != ERROR_NONE);
    }
}

static void reads_what_is_written(void **state)
{
    (void)state;
    uint64_t seed = 9;
    for (int i = 0; i < 20000; i++) {
        uint32_t want = (uint32_t)(generate(&seed) >> (32 + i % 32)), got = 0;
        uint8_t header[FRAME_HEADER];
        struct error err;
        if (want == 0)
            want = 1;
        frame_put_length(header, want);
        assert_int_equal(frame_length(header, UINT32_MAX, &got, &err), 0);
        assert_int_equal(got, want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lengths_at_their_ends),
        cmocka_unit_test(reads_what_is_written),
    };
    return cmocka_run_group_tests_name("common/frame", tests, NULL, NULL);
}
