#include "common/uuid.h"

#include "tests/common/generate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* The example of RFC 9562, A.6: 2022-02-22T19:22:22Z. */
static void makes_the_example_of_the_rfc(void **state)
{
    (void)state;
    static const uint8_t tail[10] = {0x0C, 0xC3, 0x18, 0xC4, 0xDC, 0x0C, 0x0C, 0x07, 0x39, 0x8F};
    struct uuid id = uuid_v7(1645557742000u, tail);
    char text[UUID_TEXT];
    uuid_format(&id, text);
    assert_string_equal(text, "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
    id = uuid_v8(1645557742000u, tail);
    uuid_format(&id, text);
    assert_string_equal(text, "017f22e2-79b0-8cc3-98c4-dc0c0c07398f");
}

static void carries_its_time_and_text(void **state)
{
    (void)state;
    uint64_t seed = 4;
    for (int i = 0; i < 20000; i++) {
        uint64_t ms = generate(&seed) >> 16;
        uint8_t tail[10];
        generate_bytes(&seed, tail, sizeof tail);
        struct uuid id = i % 2 ? uuid_v7(ms, tail) : uuid_v8(ms, tail);
        assert_int_equal(uuid_ms(&id), ms);
        assert_int_equal(uuid_version(&id), i % 2 ? 7 : 8);
        assert_memory_equal(id.byte + 9, tail + 3, 7);
        assert_int_equal(id.byte[6] & 0x0F, tail[0] & 0x0F);
        assert_int_equal(id.byte[8] & 0x3F, tail[2] & 0x3F);

        char text[UUID_TEXT];
        uuid_format(&id, text);
        assert_int_equal(strlen(text), 36);
        struct uuid back;
        assert_true(uuid_parse(text, &back));
        assert_int_equal(uuid_compare(&id, &back), 0);
        for (char *at = text; *at; at++)
            if (*at >= 'a' && *at <= 'f')
                *at = (char)(*at - 'a' + 'A');
        assert_true(uuid_parse(text, &back));
        assert_int_equal(uuid_compare(&id, &back), 0);
    }
}

/* The order of ids is the order of their times, and that of their texts. */
static void sorts_by_time(void **state)
{
    (void)state;
    uint64_t seed = 5;
    for (int i = 0; i < 20000; i++) {
        uint64_t ms[2];
        struct uuid id[2];
        char text[2][UUID_TEXT];
        ms[0] = generate(&seed) >> 16;
        ms[1] = i % 3 == 0   ? ms[0]
                : i % 3 == 1 ? (ms[0] + 1) & 0xFFFFFFFFFFFFu
                             : generate(&seed) >> 16;
        for (int k = 0; k < 2; k++) {
            uint8_t tail[10];
            generate_bytes(&seed, tail, sizeof tail);
            id[k] = generate(&seed) % 2 ? uuid_v7(ms[k], tail) : uuid_v8(ms[k], tail);
            uuid_format(&id[k], text[k]);
        }
        int order = uuid_compare(&id[0], &id[1]);
        if (ms[0] != ms[1])
            assert_true((order < 0) == (ms[0] < ms[1]));
        int texts = strcmp(text[0], text[1]);
        assert_true((order < 0) == (texts < 0) && (order > 0) == (texts > 0));
    }
}

static void knows_versions_of_its_variant_only(void **state)
{
    (void)state;
    struct uuid id = {{0}};
    for (int version = 0; version < 16; version++) {
        for (int variant = 0; variant < 16; variant++) {
            id.byte[6] = (uint8_t)(version << 4 | 5);
            id.byte[8] = (uint8_t)(variant << 4 | 5);
            bool ours = variant >= 8 && variant <= 11;
            assert_int_equal(uuid_version(&id), ours ? version : 0);
        }
    }
}

static void refuses_what_is_no_uuid(void **state)
{
    (void)state;
    static const char good[] = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";
    static const char *const bad[] = {
        "",
        "0",
        "017f22e279b07cc398c4dc0c0c07398f",
        "{017f22e2-79b0-7cc3-98c4-dc0c0c07398f}",
        "urn:uuid:017f22e2-79b0-7cc3-98c4-dc0c0c07398f",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398f ",
        " 017f22e2-79b0-7cc3-98c4-dc0c0c07398f",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398f0",
        "017f22e27-9b0-7cc3-98c4-dc0c0c07398f",
    };
    struct uuid id, kept;
    assert_true(uuid_parse(good, &kept));
    id = kept;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(uuid_parse(bad[i], &id));
    /* Every prefix, and every other character at every place. */
    for (size_t at = 0; at < 36; at++) {
        char text[UUID_TEXT];
        memcpy(text, good, sizeof good);
        text[at] = '\0';
        assert_false(uuid_parse(text, &id));
        for (int c = 1; c < 256; c++) {
            bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
            text[at] = (char)c;
            struct uuid out;
            assert_int_equal(uuid_parse(text, &out), good[at] == '-' ? c == '-' : digit);
        }
    }
    assert_int_equal(uuid_compare(&id, &kept), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_the_example_of_the_rfc),
        cmocka_unit_test(carries_its_time_and_text),
        cmocka_unit_test(sorts_by_time),
        cmocka_unit_test(knows_versions_of_its_variant_only),
        cmocka_unit_test(refuses_what_is_no_uuid),
    };
    return cmocka_run_group_tests_name("common/uuid", tests, NULL, NULL);
}
