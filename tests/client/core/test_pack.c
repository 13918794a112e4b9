#include "client/core/pack.h"

#include "client/core/pack_part.h"
#include "common/arena.h"
#include "common/error.h"
#include "common/wire.h"
#include "tests/common/generate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct uuid batch_id = {{1, 2, 3, 4, 5, 6, 0x70, 8, 0x80}};
static char comment[4000];

/* Row i of a made-up file. */
static struct import_row made_up(uint64_t i, size_t words, size_t comment_size)
{
    static char text[8][WORD_COUNT][32];
    static unsigned turn;
    uint64_t seed = i;
    turn = (turn + 1) % 8;
    struct import_row row = {.line = i + 2, .hash = (int64_t)i + 1, .elements = 9};
    row.collected = 1600000000000u + i * 1000;
    generate_bytes(&seed, row.id.byte, sizeof row.id.byte);
    for (unsigned k = 0; k < 9; k++)
        row.ratings[k] = (uint8_t)(1 + generate_below(&seed, 4));
    for (unsigned k = 0; k < WORD_COUNT; k++) {
        size_t which = generate_below(&seed, words + 1);
        if (which == 0)
            continue;
        snprintf(text[turn][k], sizeof text[turn][k], "word-%zu", which);
        row.word[k] = (struct import_word){text[turn][k], strlen(text[turn][k])};
    }
    if (comment_size) {
        row.comment = (struct import_word){comment, comment_size};
        row.comment_kind = SUARA__V1__COMMENT_KIND__COMMENT_PRAISE;
    }
    return row;
}

static const char *word_of(const Suara__V1__SubmitBatch *batch, uint32_t index, size_t *size)
{
    *size = 0;
    if (index == 0)
        return "";
    assert_true(index <= batch->n_word);
    *size = batch->word[index - 1].len;
    return (const char *)batch->word[index - 1].data;
}

static void check_row(const Suara__V1__SubmitBatch *batch, const Suara__V1__Response *r,
                      const struct import_row *row)
{
    assert_int_equal(r->id.len, 16);
    assert_memory_equal(r->id.data, row->id.byte, 16);
    assert_int_equal(r->collected, row->collected);
    assert_int_equal(r->ratings.len, 9);
    assert_memory_equal(r->ratings.data, row->ratings, 9);
    const uint32_t words[WORD_COUNT] = {r->service, r->channel, r->stakeholder, r->perspective,
                                        r->sex,     r->age,     r->education,   r->occupation};
    for (unsigned k = 0; k < WORD_COUNT; k++) {
        size_t size;
        const char *text = word_of(batch, words[k], &size);
        assert_int_equal(size, row->word[k].size);
        if (size)
            assert_memory_equal(text, row->word[k].text, size);
    }
    assert_int_equal(r->office, 0);
    assert_int_equal(r->comment.len, row->comment.size);
    assert_int_equal(r->comment_kind, row->comment_kind);
}

/* protobuf-c reads what was written by hand. */
static void is_a_submit_batch(void **state)
{
    (void)state;
    struct pack *pack = pack_new("skm-2017", 0);
    for (uint64_t i = 0; i < PACK_RESPONSES; i++) {
        struct import_row row = made_up(i, 20, i % 10 ? 0 : 1 + i % 300);
        assert_true(pack_add(pack, &row));
        assert_int_equal(pack_lines(pack)[i], i + 2);
        assert_int_equal(pack_hashes(pack)[i], i + 1);
    }
    struct import_row more = made_up(1, 20, 0);
    assert_false(pack_add(pack, &more));
    const struct buf *whole = pack_finish(pack, &batch_id);
    assert_non_null(whole);
    Suara__V1__SubmitBatch *batch =
        suara__v1__submit_batch__unpack(NULL, whole->len, (const uint8_t *)whole->data);
    assert_non_null(batch);
    assert_int_equal(batch->batch.len, 16);
    assert_memory_equal(batch->batch.data, batch_id.byte, 16);
    assert_true(wire_is(&batch->instrument, "skm-2017"));
    assert_int_equal(batch->n_word, 20);
    assert_int_equal(batch->n_response, PACK_RESPONSES);
    for (uint64_t i = 0; i < PACK_RESPONSES; i++) {
        struct import_row row = made_up(i, 20, i % 10 ? 0 : 1 + i % 300);
        check_row(batch, batch->response[i], &row);
    }
    assert_int_equal(suara__v1__submit_batch__get_packed_size(batch), whole->len);
    suara__v1__submit_batch__free_unpacked(batch, NULL);
    pack_clear(pack);
    assert_int_equal(pack_count(pack), 0);
    assert_true(pack_add(pack, &more));
    pack_free(&pack);
}

/* Whatever comes, a batch stays below its bytes and words, and its arena. */
static void stays_in_its_limits(void **state)
{
    (void)state;
    memset(comment, 'k', sizeof comment);
    static const struct {
        size_t words, comment;
    } kinds[] = {{100000, 0}, {5, sizeof comment}, {100000, 700}, {0, 0}};
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        struct pack *pack = pack_new("skm-2017", 10000);
        uint64_t n = 0;
        struct import_row row = made_up(n, kinds[k].words, kinds[k].comment);
        while (pack_add(pack, &row))
            row = made_up(++n, kinds[k].words, kinds[k].comment);
        assert_in_range(n, 100, 10000);
        const struct buf *whole = pack_finish(pack, &batch_id);
        assert_true(whole->len < PACK_BYTES);
        struct error err;
        struct pack_view *view = pack_view_open(whole->data, whole->len, &err);
        assert_non_null(view);
        assert_int_equal(pack_view_count(view), n);
        pack_view_close(&view);
        pack_free(&pack);
    }
}

static void splits_into_parts(void **state)
{
    (void)state;
    struct pack *pack = pack_new("skm-2017", 0);
    for (uint64_t i = 0; i < 101; i++) {
        struct import_row row = made_up(i, 50, i % 3 ? 0 : 40);
        assert_true(pack_add(pack, &row));
    }
    const struct buf *whole = pack_finish(pack, &batch_id);
    struct error err;
    struct pack_view *view = pack_view_open(whole->data, whole->len, &err);
    static const uint32_t cuts[] = {0, 50, 51, 52, 101};
    for (size_t c = 0; c + 1 < sizeof cuts / sizeof *cuts; c++) {
        struct buf part = {0};
        uint32_t count = cuts[c + 1] - cuts[c];
        assert_int_equal(pack_part(view, cuts[c], count, &batch_id, &part, &err), 0);
        Suara__V1__SubmitBatch *batch =
            suara__v1__submit_batch__unpack(NULL, part.len, (const uint8_t *)part.data);
        assert_int_equal(batch->n_response, count);
        assert_true(batch->n_word <= WORD_COUNT * count);
        assert_true(wire_is(&batch->instrument, "skm-2017"));
        for (uint32_t i = 0; i < count; i++) {
            uint64_t at = cuts[c] + i;
            struct import_row row = made_up(at, 50, at % 3 ? 0 : 40);
            check_row(batch, batch->response[i], &row);
        }
        suara__v1__submit_batch__free_unpacked(batch, NULL);
        buf_release(&part);
    }
    struct buf none = {0};
    assert_int_equal(pack_part(view, 101, 1, &batch_id, &none, &err), -1);
    buf_release(&none);
    pack_view_close(&view);
    pack_free(&pack);
}

static void is_no_view_of_garbage(void **state)
{
    (void)state;
    struct error err;
    uint64_t seed = 3;
    uint8_t bytes[200];
    for (unsigned i = 0; i < 2000; i++) {
        size_t size = generate_below(&seed, sizeof bytes);
        generate_bytes(&seed, bytes, size);
        struct pack_view *view = pack_view_open(bytes, size, &err);
        struct import_row row;
        struct buf part = {0};
        if (view && pack_view_row(view, 0, &row, &err) == 0)
            assert_int_equal(pack_part(view, 0, 1, &batch_id, &part, &err), 0);
        buf_release(&part);
        pack_view_close(&view);
    }
}

static void shows_a_row_for_people(void **state)
{
    (void)state;
    struct import_row row = made_up(1, 0, 0);
    struct buf out = {0};
    for (unsigned k = 0; k < 9; k++)
        row.ratings[k] = 3;
    row.collected = 1600000000000u;
    memset(row.id.byte, 0x11, 16);
    row.word[WORD_SEX] = (struct import_word){"P", 1};
    row.comment = (struct import_word){"=1+1, \"x\"", 9};
    row.comment_kind = SUARA__V1__COMMENT_KIND__COMMENT_COMPLAINT;
    pack_canonical_row(&row, ZONE_WIB, &out);
    assert_string_equal(out.data, "3,3,3,3,3,3,3,3,3,11111111-1111-1111-1111-111111111111,"
                                  "2020-09-13T19:26:40.000+07:00,,,,,P,,,,\"'=1+1, \"\"x\"\"\","
                                  "complaint");
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_a_submit_batch),      cmocka_unit_test(stays_in_its_limits),
        cmocka_unit_test(splits_into_parts),      cmocka_unit_test(is_no_view_of_garbage),
        cmocka_unit_test(shows_a_row_for_people),
    };
    return cmocka_run_group_tests_name("client/core/pack", tests, NULL, NULL);
}
