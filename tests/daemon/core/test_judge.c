#include "common/digest.h"
#include "common/error.h"
#include "common/rules.h"
#include "common/wire.h"
#include "daemon/core/judge.h"
#include "daemon/core/receipt.h"
#include "tests/common/generate.h"
#include "tests/daemon/core/fixture.h"

#include <string.h>

#define MOST 16
#define NOW  1690000000000 /* 2023-07-22 */

/* A batch on the stack, good until a test spoils it. */
struct sample {
    Suara__V1__SubmitBatch batch;
    Suara__V1__Response response[MOST + 1], *list[MOST + 1];
    ProtobufCBinaryData word[8];
    uint8_t id[MOST + 1][16], batch_id[16], ratings[9];
    uint8_t spoilt[9], comment[RULES_COMMENT_MAX + 1];
};

static void sample_init(struct sample *s, size_t count)
{
    static const char *const words[] = {"UMUM", "UJI", "kiosk", "provider", "WEST", "EAST", "moon"};
    uint8_t tail[10] = {0};
    memset(s, 0, sizeof *s);
    suara__v1__submit_batch__init(&s->batch);
    memset(s->ratings, 3, sizeof s->ratings);
    memset(s->spoilt, 4, sizeof s->spoilt);
    memset(s->comment, 'x', sizeof s->comment);
    for (size_t w = 0; w < sizeof words / sizeof *words; w++)
        s->word[w] = wire_text(words[w]);
    for (size_t i = 0; i < count; i++) {
        Suara__V1__Response *r = &s->response[i];
        tail[9] = (uint8_t)i;
        struct uuid id = uuid_v8(NOW - 1000 + i, tail);
        memcpy(s->id[i], id.byte, 16);
        suara__v1__response__init(r);
        r->id = (ProtobufCBinaryData){16, s->id[i]};
        r->collected = NOW - 1000 + i;
        r->ratings = (ProtobufCBinaryData){9, s->ratings};
        s->list[i] = r;
    }
    s->batch.batch = (ProtobufCBinaryData){16, s->batch_id};
    s->batch.instrument = wire_text("skm-2017");
    s->batch.word = s->word;
    s->batch.n_word = sizeof words / sizeof *words;
    s->batch.response = s->list;
    s->batch.n_response = count;
}

enum { UMUM = 1, UJI, KIOSK, PROVIDER, IS_WEST, IS_EAST, MOON };

struct court {
    struct directory *directory;
    struct digest *digest;
    struct submission *submission;
    struct error err;
};

static int hold(struct court *c, const struct sample *s)
{
    struct judge judge = {c->directory, c->digest, NOW, 600000, MOST};
    const struct principal *p = directory_principal(c->directory, ROLE_OFFICE, "WEST");
    submission_free(&c->submission);
    c->submission = submission_new(1 << 20);
    c->submission->principal = "office:WEST";
    return judge_batch(&judge, p, &s->batch, c->submission, &c->err);
}

static int open_court(void **state)
{
    static struct court court;
    court.directory = fixture_directory();
    court.digest = digest_new();
    *state = &court;
    return court.digest ? 0 : -1;
}

static int close_court(void **state)
{
    struct court *c = *state;
    submission_free(&c->submission);
    directory_free(&c->directory);
    digest_free(&c->digest);
    return 0;
}

static void makes_rows_of_good_responses(void **state)
{
    struct court *c = *state;
    struct sample s;
    sample_init(&s, 3);
    s.response[1].service = UJI;
    s.response[1].channel = KIOSK;
    s.response[2].perspective = PROVIDER;
    s.response[2].office = IS_WEST;
    assert_int_equal(hold(c, &s), 0);
    const struct submission *got = c->submission;
    assert_int_equal(got->row_count, 3);
    assert_int_equal(got->refusal_count, 0);
    assert_int_equal(got->rows[0].service_id, WEST_UMUM); /* named none */
    assert_int_equal(got->rows[1].service_id, WEST_UJI);  /* its own UJI, not that of EAST */
    assert_int_equal(got->rows[1].term[DIM_CHANNEL], 1);
    assert_int_equal(got->rows[0].term[DIM_PERSPECTIVE], PERSPECTIVE_RECIPIENT);
    assert_int_equal(got->rows[2].term[DIM_PERSPECTIVE], PERSPECTIVE_PROVIDER);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(got->rows[i].office_id, WEST);
        assert_int_equal(got->rows[i].month, 20230701);
        assert_memory_equal(got->rows[i].id.byte, s.id[i], 16);
    }
    assert_true(got->rows[0].hash != got->rows[1].hash);
}

/* Naming the default and naming nothing are the same content: a retry by another client agrees. */
static void the_default_is_the_same_content(void **state)
{
    struct court *c = *state;
    struct sample s;
    sample_init(&s, 1);
    assert_int_equal(hold(c, &s), 0);
    int64_t hash = c->submission->rows[0].hash;
    s.response[0].service = UMUM;
    assert_int_equal(hold(c, &s), 0);
    assert_true(c->submission->rows[0].hash == hash);
}

/* What can be wrong with one response, s->response[1]; its texts live in the sample. */
static void rate_five(struct sample *s)
{
    s->spoilt[0] = 5;
}
static void rate_eight_elements(struct sample *s)
{
    s->response[1].ratings.len = 8;
}
static void name_unknown_service(struct sample *s)
{
    s->response[1].service = MOON;
}
static void point_service_nowhere(struct sample *s)
{
    s->response[1].service = 4000000000u;
}
static void name_unknown_channel(struct sample *s)
{
    s->response[1].channel = UJI;
}
static void name_other_office(struct sample *s)
{
    s->response[1].office = IS_EAST;
}
static void point_office_nowhere(struct sample *s)
{
    s->response[1].office = 99;
}
static void come_from_the_future(struct sample *s)
{
    struct uuid id = uuid_v8(NOW + 700000, (uint8_t[10]){0});
    memcpy(s->id[1], id.byte, 16);
    s->response[1].collected = NOW + 700000;
}
static void comment_in_latin_1(struct sample *s)
{
    s->comment[0] = 0xC3;
    s->response[1].comment = (ProtobufCBinaryData){2, s->comment};
    s->response[1].comment_kind = SUARA__V1__COMMENT_KIND__COMMENT_INPUT;
}
static void comment_without_end(struct sample *s)
{
    s->response[1].comment = (ProtobufCBinaryData){sizeof s->comment, s->comment};
    s->response[1].comment_kind = SUARA__V1__COMMENT_KIND__COMMENT_INPUT;
}
static void carry_another_time(struct sample *s)
{
    s->response[1].collected++;
}
static void name_unknown_sex(struct sample *s)
{
    s->response[1].sex = KIOSK;
}

static const struct {
    void (*spoil)(struct sample *s);
    enum row_status status;
    const char *field;
} faults[] = {
    {rate_five, ROW_INVALID, "u1"},
    {rate_eight_elements, ROW_INVALID, "u9"},
    {name_unknown_service, ROW_INVALID, "service"},
    {point_service_nowhere, ROW_INVALID, "service"},
    {name_unknown_channel, ROW_INVALID, "channel"},
    {name_other_office, ROW_DENIED, "office"},
    {point_office_nowhere, ROW_INVALID, "office"},
    {come_from_the_future, ROW_INVALID, "collected_at"},
    {comment_in_latin_1, ROW_INVALID, "comment"},
    {comment_without_end, ROW_INVALID, "comment"},
    {carry_another_time, ROW_INVALID, "id"},
    {name_unknown_sex, ROW_INVALID, "sex"},
};

/* One fault each; the neighbours on both sides are stored all the same. */
static void one_bad_response_stands_alone(void **state)
{
    struct court *c = *state;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        struct sample s;
        sample_init(&s, 3);
        s.response[1].ratings.data = s.spoilt;
        faults[i].spoil(&s);
        assert_int_equal(hold(c, &s), 0);
        const struct submission *got = c->submission;
        assert_int_equal(got->row_count, 2);
        assert_int_equal(got->rows[0].index, 0);
        assert_int_equal(got->rows[1].index, 2);
        assert_int_equal(got->refusal_count, 1);
        assert_int_equal(got->refusals[0].index, 1);
        assert_int_equal(got->refusals[0].status, faults[i].status);
        if (strcmp(got->refusals[0].field, faults[i].field) != 0)
            fail_msg("fault %zu: field %s", i, got->refusals[0].field);
        assert_true(got->refusals[0].reason[0] != '\0');
    }
}

static void refuses_batches_it_cannot_read(void **state)
{
    struct court *c = *state;
    struct sample s;
    sample_init(&s, 1);
    s.batch.batch.len = 15;
    assert_int_equal(hold(c, &s), -1);
    assert_string_equal(c->err.field, "batch");
    sample_init(&s, 1);
    s.batch.instrument = wire_text("skm-2018");
    assert_int_equal(hold(c, &s), -1);
    assert_string_equal(c->err.field, "instrument");
    sample_init(&s, 0);
    assert_int_equal(hold(c, &s), -1);
    sample_init(&s, MOST + 1);
    assert_int_equal(hold(c, &s), -1);
    assert_int_equal(c->err.code, ERROR_TOO_LARGE);
}

/* The day a month changes is that of the office, not of UTC. */
static void months_are_of_the_office(void **state)
{
    struct court *c = *state;
    struct sample s;
    sample_init(&s, 2);
    static const struct {
        int64_t ms;
        civil_day month;
    } table[] = {
        {1685552399999, 20230501}, /* 2023-05-31T23:59:59.999+07:00 */
        {1685552400000, 20230601}, /* 2023-06-01T00:00:00+07:00 */
    };
    for (size_t i = 0; i < 2; i++) {
        uint8_t tail[10] = {0};
        struct uuid id = uuid_v8((uint64_t)table[i].ms, tail);
        memcpy(s.id[i], id.byte, 16);
        s.response[i].collected = (uint64_t)table[i].ms;
    }
    assert_int_equal(hold(c, &s), 0);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(c->submission->rows[i].month, table[i].month);
}

/* Rows come out sorted by id, whatever order they came in; equal ids keep their order. */
static void sorts_rows_by_id(void **state)
{
    struct court *c = *state;
    uint64_t seed = 11;
    for (int round = 0; round < 500; round++) {
        struct sample s;
        sample_init(&s, MOST);
        for (size_t i = 0; i < MOST; i++) {
            uint64_t ms = NOW - generate_below(&seed, 6);
            struct uuid id = uuid_v8(ms, (uint8_t[10]){0});
            memcpy(s.id[i], id.byte, 16);
            s.response[i].collected = ms;
        }
        assert_int_equal(hold(c, &s), 0);
        assert_int_equal(c->submission->row_count, MOST);
        for (size_t i = 1; i < MOST; i++) {
            const struct row *a = &c->submission->rows[i - 1], *b = a + 1;
            int order = uuid_compare(&a->id, &b->id);
            assert_true(order < 0 || (order == 0 && a->index < b->index));
        }
    }
}

/* The receipt: stored ones as a count, all others by index, each exactly once. */
static void receipts_account_for_every_response(void **state)
{
    struct court *c = *state;
    uint64_t seed = 12;
    for (int round = 0; round < 500; round++) {
        struct sample s;
        struct arena arena;
        struct buf frame = {0};
        unsigned seen[MOST] = {0}, by[6] = {0};
        sample_init(&s, MOST);
        for (size_t i = 0; i < MOST; i++)
            if (generate_below(&seed, 4) == 0)
                s.response[i].service = MOON;
        assert_int_equal(hold(c, &s), 0);
        for (size_t i = 0; i < c->submission->row_count; i++)
            c->submission->rows[i].status = (enum row_status)generate_below(&seed, 4);
        struct receipt_counts counts;
        receipt_count(c->submission, &counts);
        c->submission->request = 77;
        assert_int_equal(receipt_pack(c->submission, 1 << 20, &frame, &c->err), 0);
        arena_init(&arena, 1 << 20);
        const Suara__V1__Reply *reply =
            wire_reply((const uint8_t *)frame.data + 4, frame.len - 4, &arena, &c->err);
        assert_non_null(reply);
        assert_int_equal(reply->id, 77);
        assert_true(reply->last);
        for (size_t v = 0; v < reply->receipt->n_verdict; v++) {
            const Suara__V1__Verdict *verdict = reply->receipt->verdict[v];
            for (size_t k = 0; k < verdict->n_index; k++) {
                seen[verdict->index[k]]++;
                by[verdict->status]++;
            }
        }
        unsigned stored = 0;
        for (size_t i = 0; i < MOST; i++) {
            assert_true(seen[i] <= 1);
            stored += seen[i] == 0;
        }
        assert_int_equal(reply->receipt->stored, stored);
        assert_int_equal(counts.by_status[ROW_STORED], stored);
        for (int status = ROW_DUPLICATE; status <= ROW_DENIED; status++)
            assert_int_equal(counts.by_status[status], by[status]);
        arena_release(&arena);
        buf_release(&frame);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_rows_of_good_responses),
        cmocka_unit_test(the_default_is_the_same_content),
        cmocka_unit_test(one_bad_response_stands_alone),
        cmocka_unit_test(refuses_batches_it_cannot_read),
        cmocka_unit_test(months_are_of_the_office),
        cmocka_unit_test(sorts_rows_by_id),
        cmocka_unit_test(receipts_account_for_every_response),
    };
    return cmocka_run_group_tests_name("daemon/core/judge", tests, open_court, close_court);
}
