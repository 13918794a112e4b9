#include "client/core/layout_batch.h"

#include "client/core/instrument.h"
#include "common/buf.h"
#include "common/error.h"
#include "common/wire.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <string.h>

/* 2023-03-01 08:15 in WIB. */
#define COLLECTED (UINT64_C(1677633300000))

struct batch {
    Suara__V1__SubmitBatch batch;
    Suara__V1__Response response[3], *list[3];
    ProtobufCBinaryData word[2];
    uint8_t ratings[12], id[16];
};

static void batch_init(struct batch *b, size_t count)
{
    memset(b, 0, sizeof *b);
    suara__v1__submit_batch__init(&b->batch);
    memset(b->id, 0x11, sizeof b->id);
    memset(b->ratings, 3, sizeof b->ratings);
    b->word[0] = wire_text("kiosk");
    b->word[1] = wire_text("UJI");
    b->batch.word = b->word;
    b->batch.n_word = 2;
    for (size_t i = 0; i < count; i++) {
        suara__v1__response__init(&b->response[i]);
        b->response[i].id = (ProtobufCBinaryData){sizeof b->id, b->id};
        b->response[i].collected = COLLECTED;
        b->response[i].ratings = (ProtobufCBinaryData){2, b->ratings};
        b->list[i] = &b->response[i];
    }
    b->batch.response = b->list;
    b->batch.n_response = count;
}

/* As CSV: head and a line for each response. */
static char *shown(const struct batch *b, const struct instrument *instrument, enum zone zone)
{
    static const struct layout_style csv = {.format = LAYOUT_CSV};
    size_t size = suara__v1__submit_batch__get_packed_size(&b->batch);
    struct layout_rows rows;
    struct buf packed = {0}, out = {0};
    struct error err;

    void *to = buf_reserve(&packed, size);
    assert_non_null(to);
    packed.len = suara__v1__submit_batch__pack(&b->batch, to);
    layout_rows_init(&rows);
    assert_int_equal(layout_batch(&rows, packed.data, packed.len, instrument, zone, &err), 0);
    layout_rows_print(&out, &rows, &csv);
    assert_false(out.failed);
    layout_rows_release(&rows);
    buf_release(&packed);
    return out.data;
}

static void check(const struct batch *b, const struct instrument *instrument, enum zone zone,
                  const char *want)
{
    char *text = shown(b, instrument, zone);

    assert_string_equal(text, want);
    free(text);
}

#define ID "11111111-1111-1111-1111-111111111111"

static void has_the_columns_that_are_used(void **state)
{
    (void)state;
    struct batch b;

    batch_init(&b, 2);
    check(&b, NULL, ZONE_WIB,
          "id,collected_at,1,2\n" ID ",2023-03-01T08:15:00.000+07:00,3,3\n" ID
          ",2023-03-01T08:15:00.000+07:00,3,3\n");
    b.response[0].channel = 1;
    b.response[1].service = 2;
    b.response[1].comment = wire_text("=1+1");
    b.response[1].comment_kind = SUARA__V1__COMMENT_KIND__COMMENT_PRAISE;
    check(&b, instrument_find(NULL, NULL), ZONE_WIT,
          "id,collected_at,u1,u2,service,channel,comment_kind,comment\n" ID
          ",2023-03-01T10:15:00.000+09:00,3,3,,kiosk,,\n" ID
          ",2023-03-01T10:15:00.000+09:00,3,3,UJI,,praise,'=1+1\n");
    /* A zone that nobody told is that of the capital. */
    batch_init(&b, 1);
    check(&b, NULL, ZONE_NONE, "id,collected_at,1,2\n" ID ",2023-03-01T08:15:00.000+07:00,3,3\n");
}

/* Some other program wrote what is in the outbox: what can't be shown is left empty or told by ?.
 */
static void odd_content_is_shown(void **state)
{
    (void)state;
    struct batch b;

    batch_init(&b, 2);
    b.response[0].id.len = 15;
    b.response[0].ratings.len = 12;
    b.response[0].sex = 7;
    b.response[0].comment_kind = (Suara__V1__CommentKind)77;
    b.response[0].comment = wire_text("x");
    b.response[1].collected = UINT64_MAX;
    check(&b, instrument_find(NULL, NULL), ZONE_WIB,
          "id,collected_at,u1,u2,u3,u4,u5,u6,u7,u8,u9,10,11,12,sex,comment_kind,comment\n"
          ",2023-03-01T08:15:00.000+07:00,3,3,3,3,3,3,3,3,3,3,3,3,?,?,x\n" ID
          ",,3,3,,,,,,,,,,,,,\n");
    batch_init(&b, 0);
    check(&b, NULL, ZONE_WIB, "id,collected_at\n");
}

static void no_batch_is_refused(void **state)
{
    (void)state;
    struct layout_rows rows;
    struct error err;

    layout_rows_init(&rows);
    error_clear(&err);
    assert_int_equal(layout_batch(&rows, "\xff\xff\xff", 3, NULL, ZONE_WIB, &err), -1);
    assert_int_equal(err.code, ERROR_INTERNAL);
    assert_string_equal(err.text, "a batch in the outbox is damaged");
    layout_rows_release(&rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_the_columns_that_are_used),
        cmocka_unit_test(odd_content_is_shown),
        cmocka_unit_test(no_batch_is_refused),
    };
    return cmocka_run_group_tests_name("client/core/layout_batch", tests, NULL, NULL);
}
