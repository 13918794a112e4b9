#include "common/digest.h"

#include "tests/common/generate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void hex(const uint8_t digest[DIGEST_SIZE], char out[2 * DIGEST_SIZE + 1])
{
    for (size_t i = 0; i < DIGEST_SIZE; i++)
        snprintf(out + 2 * i, 3, "%02x", digest[i]);
}

/* FIPS 180-4 examples, and the empty message. */
static void computes_the_examples_of_the_standard(void **state)
{
    static const struct {
        const char *text, *digest;
    } table[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
        {"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrl"
         "mnopqrsmnopqrstnopqrstu",
         "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        uint8_t out[DIGEST_SIZE];
        char text[2 * DIGEST_SIZE + 1];
        assert_true(digest_of(*state, table[i].text, strlen(table[i].text), out));
        hex(out, text);
        assert_string_equal(text, table[i].digest);
    }
}

static void digests_a_million_letters(void **state)
{
    static char letters[1000];
    memset(letters, 'a', sizeof letters);
    uint8_t out[DIGEST_SIZE];
    char text[2 * DIGEST_SIZE + 1];
    assert_true(digest_start(*state));
    for (int i = 0; i < 1000; i++)
        assert_true(digest_add(*state, letters, sizeof letters));
    assert_true(digest_end(*state, out));
    hex(out, text);
    assert_string_equal(text, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

/* Any way of cutting the input gives the same; one context serves them all. */
static void does_not_depend_on_the_pieces(void **state)
{
    uint64_t seed = 6;
    for (int i = 0; i < 2000; i++) {
        uint8_t data[500], once[DIGEST_SIZE], pieces[DIGEST_SIZE];
        size_t size = generate_below(&seed, sizeof data);
        generate_bytes(&seed, data, size);
        assert_true(digest_of(*state, data, size, once));
        assert_true(digest_start(*state));
        for (size_t at = 0; at < size;) {
            size_t n = generate_below(&seed, size - at + 1);
            assert_true(digest_add(*state, data + at, n));
            at += n;
        }
        assert_true(digest_end(*state, pieces));
        assert_memory_equal(once, pieces, DIGEST_SIZE);
    }
}

/* A digest that was begun and given up leaves no trace in the next. */
static void starts_afresh(void **state)
{
    uint8_t want[DIGEST_SIZE], out[DIGEST_SIZE];
    assert_true(digest_of(*state, "abc", 3, want));
    assert_true(digest_start(*state));
    assert_true(digest_add(*state, "left over", 9));
    assert_true(digest_of(*state, "abc", 3, out));
    assert_memory_equal(want, out, DIGEST_SIZE);
    assert_true(digest_of(*state, NULL, 0, out));
}

static void frees_nothing_twice(void **state)
{
    (void)state;
    struct digest *digest = digest_new();
    assert_non_null(digest);
    digest_free(&digest);
    assert_null(digest);
    digest_free(&digest);
}

static void random_bytes_differ(void **state)
{
    (void)state;
    uint8_t a[32] = {0}, b[32] = {0};
    assert_true(random_bytes(a, sizeof a));
    assert_true(random_bytes(b, sizeof b));
    assert_memory_not_equal(a, b, sizeof a);
    assert_true(random_bytes(a, 0));
}

static int set_up(void **state)
{
    *state = digest_new();
    return *state ? 0 : -1;
}

static int tear_down(void **state)
{
    struct digest *digest = *state;
    digest_free(&digest);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(computes_the_examples_of_the_standard),
        cmocka_unit_test(digests_a_million_letters),
        cmocka_unit_test(does_not_depend_on_the_pieces),
        cmocka_unit_test(starts_afresh),
        cmocka_unit_test(frees_nothing_twice),
        cmocka_unit_test(random_bytes_differ),
    };
    return cmocka_run_group_tests_name("common/digest", tests, set_up, tear_down);
}
