#include "common/rules.h"

#include "common/digest.h"
#include "common/wire.h"
#include "tests/common/generate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* Made by hashlib and struct of Python from the text of rules.h, not by this code. The lengths of
 * the comments lie around the size of rules_hash's buffer. */
static const struct {
    uint64_t collected;
    const char *instrument, *word[WORD_COUNT], *ratings; /* as digits */
    uint8_t kind;
    const char *comment;
    size_t times; /* the comment is this text over and over */
    int64_t hash;
} vectors[] = {
    {1561874709123u, "skm-2017", {""}, "333333333", 0, "", 1, 8094881905113043453},
    {1561874709123u,
     "skm-2017",
     {"UMUM", "", "", "recipient", "", "", "", ""},
     "333333333",
     0,
     "",
     1,
     8094881905113043453},
    {1561874709123u,
     "skm-2017",
     {"", "", "", "provider", "", "", "", ""},
     "333333333",
     0,
     "",
     1,
     -1831783699935030994},
    {1561874709124u, "skm-2017", {""}, "333333333", 0, "", 1, 5116216843603575272},
    {1561874709123u, "skm-2017", {""}, "333333334", 0, "", 1, -216936481654781837},
    {1561874709123u,
     "skm-2017",
     {"", "UMUM", "", "", "", "", "", ""},
     "333333333",
     0,
     "",
     1,
     -6617812317729671128},
    {946684800000u,
     "skm-2017",
     {"UJI", "kiosk", "public", "recipient", "P", "21-30", "D4/S1", "PNS/ASN"},
     "123443214",
     0,
     "",
     1,
     5532412019994722576},
    {1689206400000u,
     "skm-2017",
     {"UJI", "", "", "", "", "", "", ""},
     "444444444",
     0,
     "",
     1,
     2598400543506474625},
    {1689206400000u,
     "skm-2017",
     {"", "kiosk", "", "", "", "", "", ""},
     "444444444",
     0,
     "",
     1,
     -1956089243398122272},
    {1689206400000u,
     "skm-2017",
     {"", "", "public", "", "", "", "", ""},
     "444444444",
     0,
     "",
     1,
     -6721367718574886864},
    {1689206400000u,
     "skm-2017",
     {"", "", "", "recipient", "", "", "", ""},
     "444444444",
     0,
     "",
     1,
     -6109970772163356130},
    {1689206400000u,
     "skm-2017",
     {"", "", "", "", "P", "", "", ""},
     "444444444",
     0,
     "",
     1,
     4193002941174916589},
    {1689206400000u,
     "skm-2017",
     {"", "", "", "", "", "21-30", "", ""},
     "444444444",
     0,
     "",
     1,
     4961722738425439963},
    {1689206400000u,
     "skm-2017",
     {"", "", "", "", "", "", "D4/S1", ""},
     "444444444",
     0,
     "",
     1,
     -1016471878169163997},
    {1689206400000u,
     "skm-2017",
     {"", "", "", "", "", "", "", "PNS/ASN"},
     "444444444",
     0,
     "",
     1,
     6466876103475307034},
    {1689206400000u,
     "skm-2017",
     {"UJI", "kiosk", "public", "recipient", "P", "21-30", "D4/S1", "PNS/ASN"},
     "444444444",
     1,
     "Antrean lama, tetapi petugas ramah.",
     1,
     6274232560023986111},
    {1689206400000u,
     "skm-2017",
     {"UJI", "kiosk", "public", "recipient", "P", "21-30", "D4/S1", "PNS/ASN"},
     "444444444",
     2,
     "Antrean lama, tetapi petugas ramah.",
     1,
     -2282557053076432692},
    {1689206400000u,
     "skm-2017",
     {"UJI", "kiosk", "public", "recipient", "P", "21-30", "D4/S1", "PNS/ASN"},
     "444444444",
     3,
     "Antrean lama, tetapi petugas ramah.",
     1,
     -4488143884836385499},
    {1689206400000u,
     "skm-2017",
     {"UJI", "kiosk", "public", "recipient", "P", "21-30", "D4/S1", "PNS/ASN"},
     "444444444",
     4,
     "Antrean lama, tetapi petugas ramah.",
     1,
     2740622640798268573},
    {1689206400000u,
     "skm-2017",
     {"UJI", "kiosk", "public", "recipient", "P", "21-30", "D4/S1", "PNS/ASN"},
     "444444444",
     3,
     "é€😀",
     1,
     4919417365054650609},
    {1689206400000u,
     "kep-25",
     {"", "", "", "", "L", "<=20", "", ""},
     "44444444444444",
     1,
     "x",
     900,
     8506651383642193360},
    {1689206400000u, "skm-2017", {""}, "444444444", 1, "x", 955, 803034281505762761},
    {1689206400000u, "skm-2017", {""}, "444444444", 1, "x", 956, 4459813113143872094},
    {1689206400000u, "skm-2017", {""}, "444444444", 1, "x", 957, -7174298829630433168},
    {1689206400000u, "skm-2017", {""}, "444444444", 1, "x", 958, -5517161540182875473},
    {1689206400000u, "skm-2017", {""}, "444444444", 1, "x", 959, 1185473100657306310},
    {1689206400000u, "skm-2017", {""}, "444444444", 1, "x", 960, 4368850016167875354},
    {1689206400000u, "skm-2017", {""}, "444444444", 1, "x", 961, 7762211600538043117},
    {1689206400000u, "skm-2017", {""}, "444444444", 1, "x", 962, 2004949161367896173},
    {1689206400000u, "skm-2017", {""}, "444444444", 1, "x", 963, 987262714386675507},
    {1689206400000u, "skm-2017", {""}, "444444444", 2, "y", 1021, 2815820257412294986},
    {1689206400000u, "skm-2017", {""}, "444444444", 2, "y", 1022, 6735463282107337033},
    {1689206400000u, "skm-2017", {""}, "444444444", 2, "y", 1023, 5327093417691490606},
    {1689206400000u, "skm-2017", {""}, "444444444", 2, "y", 1024, -3702535990265100652},
    {1689206400000u, "skm-2017", {""}, "444444444", 2, "y", 1025, 5775214917136635315},
    {1689206400000u, "skm-2017", {""}, "444444444", 2, "y", 2047, -8540558562606531519},
    {1689206400000u, "skm-2017", {""}, "444444444", 2, "y", 2048, 4482433331142372877},
    {1689206400000u, "skm-2017", {""}, "444444444", 2, "y", 3999, -6472790929140325523},
    {1689206400000u, "skm-2017", {""}, "444444444", 2, "y", 4000, -1278806736378131934},
    {0u, "", {""}, "", 0, "", 1, -4915459700630708690},
    {18446744073709551615u,
     "skm-2017",
     {""},
     "1111111111111111111111111111111111111111111111111111111111111111",
     0,
     "",
     1,
     -3978977314472837247},

};

static void gives_the_vectors(void **state)
{
    for (size_t i = 0; i < COUNT(vectors); i++) {
        static uint8_t comment[5000], ratings[64];
        struct rules_content content = {.collected = vectors[i].collected,
                                        .comment_kind = vectors[i].kind,
                                        .instrument = wire_text(vectors[i].instrument)};
        for (size_t k = 0; k < WORD_COUNT; k++)
            if (vectors[i].word[k]) /* else it stays without data */
                content.word[k] = wire_text(vectors[i].word[k]);
        for (content.ratings.len = 0; vectors[i].ratings[content.ratings.len];)
            ratings[content.ratings.len] = (uint8_t)(vectors[i].ratings[content.ratings.len] - '0'),
            content.ratings.len++;
        content.ratings.data = ratings;
        size_t len = strlen(vectors[i].comment);
        for (size_t n = 0; n < vectors[i].times; n++)
            memcpy(comment + n * len, vectors[i].comment, len);
        content.comment = (ProtobufCBinaryData){len * vectors[i].times, comment};
        int64_t hash = 0;
        assert_true(rules_hash(*state, &content, &hash));
        if (hash != vectors[i].hash)
            fail_msg("vector %zu: %lld", i, (long long)hash);
    }
}

/* A field that moves into its neighbour, or changes by one bit, is another content. */
static void tells_contents_apart(void **state)
{
    uint64_t seed = 31;
    for (int i = 0; i < 5000; i++) {
        uint8_t ratings[9];
        char text[32] = "abcdefghijklmnopqrstuvwxyz";
        struct rules_content content = {.collected = generate(&seed) >> 20,
                                        .instrument = wire_text("skm-2017")};
        generate_bytes(&seed, ratings, sizeof ratings);
        content.ratings = (ProtobufCBinaryData){sizeof ratings, ratings};
        size_t field = generate_below(&seed, WORD_COUNT - 1);
        size_t cut = 1 + generate_below(&seed, 24);
        uint8_t *bytes = (uint8_t *)text;
        content.word[field] = (ProtobufCBinaryData){cut, bytes};
        content.word[field + 1] = (ProtobufCBinaryData){26 - cut, bytes + cut};
        int64_t first, moved, changed, again;
        assert_true(rules_hash(*state, &content, &first));
        assert_true(rules_hash(*state, &content, &again));
        assert_int_equal(first, again);
        content.word[field].len++;
        content.word[field + 1].len--;
        content.word[field + 1].data++;
        assert_true(rules_hash(*state, &content, &moved));
        assert_int_not_equal(first, moved);
        content.word[field].len--;
        content.word[field + 1].len++;
        content.word[field + 1].data--;
        ratings[generate_below(&seed, 9)] ^= (uint8_t)(1u << generate_below(&seed, 8));
        assert_true(rules_hash(*state, &content, &changed));
        assert_int_not_equal(first, changed);
    }
}

static void refuses_what_has_no_length(void **state)
{
    static uint8_t large[65536];
    struct rules_content content = {.collected = 1, .comment = {65535, large}};
    int64_t hash = 7;
    assert_true(rules_hash(*state, &content, &hash));
    hash = 7;
    content.comment.len = 65536;
    assert_false(rules_hash(*state, &content, &hash));
    assert_int_equal(hash, 7);
    /* and the context is as good as before */
    content.comment.len = 1;
    assert_true(rules_hash(*state, &content, &hash));
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
        cmocka_unit_test(gives_the_vectors),
        cmocka_unit_test(tells_contents_apart),
        cmocka_unit_test(refuses_what_has_no_length),
    };
    return cmocka_run_group_tests_name("common/rules_hash", tests, set_up, tear_down);
}
