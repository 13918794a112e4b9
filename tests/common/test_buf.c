#include "common/buf.h"

#include "tests/common/generate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void is_empty_when_zeroed(void **state)
{
    (void)state;
    struct buf b = {0};
    buf_clear(&b);
    assert_null(b.data);
    buf_release(&b);
    buf_puts(&b, "");
    assert_non_null(b.data);
    assert_string_equal(b.data, "");
    assert_int_equal(b.len, 0);
    buf_release(&b);
    assert_null(b.data);
    assert_int_equal(b.cap, 0);
}

static void keeps_what_is_added(void **state)
{
    (void)state;
    struct buf b = {0};
    buf_puts(&b, "satu");
    buf_putc(&b, ' ');
    buf_add(&b, "dua\0!", 5);
    buf_printf(&b, "%s%03d", "<>", 7);
    assert_int_equal(b.len, 15);
    assert_memory_equal(b.data, "satu dua\0!<>007", 16);
    buf_clear(&b);
    assert_int_equal(b.len, 0);
    assert_string_equal(b.data, "");
    buf_release(&b);
}

static void writes_network_order(void **state)
{
    (void)state;
    struct buf b = {0};
    buf_put_u16(&b, 0x0102);
    buf_put_u32(&b, 0x03040506);
    buf_put_u64(&b, 0x0708090A0B0C0D0Eu);
    buf_put_u16(&b, 0xFFFF);
    static const char want[] = "\1\2\3\4\5\6\7\10\11\12\13\14\15\16\377\377";
    assert_int_equal(b.len, 16);
    assert_memory_equal(b.data, want, 17);
    buf_release(&b);
}

static void failure_sticks(void **state)
{
    (void)state;
    struct buf b = {0};
    buf_puts(&b, "kept");
    assert_null(buf_reserve(&b, SIZE_MAX));
    assert_true(b.failed);
    buf_puts(&b, "lost");
    buf_printf(&b, "%d", 1);
    buf_put_u64(&b, 1);
    assert_string_equal(b.data, "kept");
    assert_int_equal(b.len, 4);
    buf_clear(&b);
    assert_false(b.failed);
    buf_puts(&b, "new");
    assert_string_equal(b.data, "new");
    buf_release(&b);
    assert_null(buf_reserve(&b, SIZE_MAX / 2));
    assert_null(b.data);
    assert_true(b.failed);
    buf_printf(&b, "%d", 1);
    assert_null(b.data);
    buf_release(&b);
    assert_false(b.failed);
}

static void reserve_is_terminated_when_filled(void **state)
{
    (void)state;
    for (size_t n = 0; n < 300; n++) {
        struct buf b = {0};
        buf_puts(&b, "ab");
        char *to = buf_reserve(&b, n);
        assert_ptr_equal(to, b.data + 2);
        assert_true(b.cap >= 2 + n + 1);
        memset(to, 'x', n);
        b.len += n;
        assert_int_equal(b.data[b.len], 0);
        buf_release(&b);
    }
}

/* printf at each distance from the end of the memory. */
static void printf_fits_at_every_length(void **state)
{
    (void)state;
    char text[200];
    memset(text, 'y', sizeof text);
    for (int before = 0; before < 130; before++) {
        for (int len = 0; len < 140; len += 7) {
            struct buf b = {0};
            buf_add(&b, text, (size_t)before);
            buf_printf(&b, "<%.*s>", len, text);
            assert_int_equal(b.len, before + len + 2);
            assert_int_equal(strlen(b.data), b.len);
            assert_int_equal(b.data[before], '<');
            assert_int_equal(b.data[b.len - 1], '>');
            buf_release(&b);
        }
    }
}

/* Against one large array. */
static void grows_like_an_array(void **state)
{
    (void)state;
    static char want[200000];
    uint64_t seed = 1;
    for (int round = 0; round < 20; round++) {
        struct buf b = {0};
        size_t len = 0;
        while (len < sizeof want - 600) {
            size_t n = generate_below(&seed, 600);
            generate_bytes(&seed, want + len, n);
            buf_add(&b, want + len, n);
            len += n;
        }
        assert_int_equal(b.len, len);
        assert_memory_equal(b.data, want, len);
        assert_int_equal(b.data[len], 0);
        buf_release(&b);
    }
}

static void is_text_also_when_empty(void **state)
{
    (void)state;
    struct buf b = {0};
    assert_string_equal(buf_text(&b), "");
    buf_puts(&b, "ok");
    assert_string_equal(buf_text(&b), "ok");
    buf_release(&b);
    assert_string_equal(buf_text(&b), "");
}

/* What went wrong in a part is wrong with the whole. */
static void failure_of_a_part_is_handed_on(void **state)
{
    (void)state;
    struct buf whole = {0}, part = {0};
    buf_puts(&part, "part");
    buf_done(&part, &whole);
    assert_null(part.data);
    assert_false(whole.failed);
    part.failed = true;
    buf_done(&part, &whole);
    assert_false(part.failed);
    assert_true(whole.failed);
    buf_done(&part, &whole); /* a good one does not mend it */
    assert_true(whole.failed);
    buf_release(&whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_text_also_when_empty),
        cmocka_unit_test(failure_of_a_part_is_handed_on),
        cmocka_unit_test(is_empty_when_zeroed),
        cmocka_unit_test(keeps_what_is_added),
        cmocka_unit_test(writes_network_order),
        cmocka_unit_test(failure_sticks),
        cmocka_unit_test(reserve_is_terminated_when_filled),
        cmocka_unit_test(printf_fits_at_every_length),
        cmocka_unit_test(grows_like_an_array),
    };
    return cmocka_run_group_tests_name("common/buf", tests, NULL, NULL);
}
