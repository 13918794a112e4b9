#include "client/cmd/clock_note.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define MINUTE INT64_C(60000)
#define DAY    (24 * 60 * MINUTE)

static void names_how_far_and_which_way(void **state)
{
    (void)state;
    static const struct {
        int64_t ahead_ms;
        const char *note; /* NULL: none */
    } vectors[] = {
        {0, NULL},
        {MINUTE, NULL},
        {-MINUTE, NULL},
        {MINUTE + 1, "this computer's clock is 1 minute slow: set it"},
        {-MINUTE - 1, "this computer's clock is 1 minute fast: set it"},
        {-119 * MINUTE, "this computer's clock is 119 minutes fast: set it"},
        {120 * MINUTE, "this computer's clock is 2 hours slow: set it"},
        {-2 * DAY + 1, "this computer's clock is 47 hours fast: set it"},
        {-10 * DAY - MINUTE, "this computer's clock is 10 days fast: set it"},
        {INT64_C(3652) * DAY, "this computer's clock is 3652 days slow: set it"},
    };

    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        char note[CLOCK_NOTE] = "";
        assert_int_equal(clock_note(vectors[i].ahead_ms, note), vectors[i].note != NULL);
        assert_string_equal(note, vectors[i].note ? vectors[i].note : "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(names_how_far_and_which_way)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
