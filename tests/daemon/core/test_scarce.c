/* Nothing that is decided is wrong when memory runs out: it is refused, to be asked again. */
#include "tests/scarce.h"

#include "common/digest.h"
#include "common/frame.h"
#include "common/wire.h"
#include "daemon/core/batcher.h"
#include "daemon/core/coverage.h"
#include "daemon/core/judge.h"
#include "daemon/core/quality.h"
#include "daemon/core/receipt.h"
#include "daemon/core/report.h"
#include "daemon/core/verify.h"
#include "tests/daemon/core/fixture.h"

#include <inttypes.h>

#define FRAME (1u << 20)
#define NOW   INT64_C(1690000000000) /* 2023-07-22 */

static int no_memory(struct error *err)
{
    return error_set(err, ERROR_OVERLOADED, NULL, "no memory");
}

/* ---- the directory ---- */

/* With the one text that is long, which fills its block: then the next one needs another. */
static bool fill(struct directory *d, size_t longest)
{
    const char *name[16];

    for (size_t i = 0; i < 16; i++)
        name[i] = i == longest ? scarce_long() : "Nama";
    return directory_add_office(d, 2, "WEST", name[0], 1, "WIB") == 0 &&
           directory_add_office(d, 1, "AGENCY", name[1], 0, "WIB") == 0 &&
           directory_add_service(d, 21, 2, "UJI", name[2]) == 0 &&
           directory_add_term(d, DIM_SEX, 1, "L", name[3]) == 0 &&
           directory_add_principal(d, "office", "WEST", 2, true) == 0 &&
           directory_add_instrument(d, 1, "skm", name[4], name[5], name[6], 2, true) == 0 &&
           directory_add_element(d, 1, "U1", name[7], name[8]) == 0 &&
           directory_add_label(d, 1, 1, 1, name[9], name[10]) == 0 &&
           directory_add_label(d, 1, 1, 2, "Baik", name[11]) == 0 &&
           directory_add_method(d, 1, "exact", 1, 1) == 0 &&
           directory_add_bound(d, 1, "A", name[12], name[13], 0, 10000) == 0 &&
           directory_add_service(d, 22, 2, "UMUM", name[14]) == 0 &&
           directory_add_term(d, DIM_SEX, 2, "P", name[15]) == 0;
}

static size_t length(const char *name)
{
    return name ? strlen(name) : SIZE_MAX;
}

static int load(const void *arg, struct buf *out, struct error *err)
{
    struct directory *d = directory_new();
    int rc = -1;

    if (!d || !fill(d, *(const size_t *)arg))
        (void)no_memory(err);
    else if (directory_seal(d, err) == 0)
        rc = 0;
    if (rc == 0) {
        const struct instrument *in = directory_instrument(d, "skm", 3);
        const struct service *service = directory_service(d, 2, "UJI", 3);
        const struct term *term = directory_term(d, DIM_SEX, "L", 1);
        buf_printf(out, "%s %zu %zu %zu %zu %zu %zu %s",
                   directory_office(d, "WEST", 4)->parent->code, length(service->name),
                   length(term->name), length(in->name_en), length(in->element[0].name_en),
                   length(in->element[0].label_en[1]), length(in->bound[0].quality_en),
                   directory_principal(d, ROLE_OFFICE, "WEST")->office->code);
    }
    directory_free(&d);
    return rc;
}

static void of_the_directory(void **state)
{
    (void)state;
    for (size_t longest = 0; longest < 16; longest++)
        assert_true(scarce_sweep("directory", load, &longest) > 2);
}

/* ---- reports ---- */

struct question {
    const struct directory *directory;
    const char *by, *by2, *perspective, *filter, *value;
    bool spread, mean;
};

static void add_cells(struct report *r)
{
    static const int64_t sums[9] = {6, 6, 6, 6, 6, 6, 6, 6, 6};
    static const int64_t spread[36] = {[2] = 2};
    bool blocks = report_reading(r).blocks;

    for (unsigned part = 0; part <= (blocks ? 1 : 0); part++)
        for (int32_t office = WEST; office <= EAST; office++)
            for (unsigned month = 1; month <= 12; month++) {
                struct report_cell cell = {.part = part,
                                           .office_id = office,
                                           .value = {(int32_t)(month % 3)},
                                           .perspective = 1,
                                           .month = civil_make(2023, month, 1),
                                           .n = 2,
                                           .square = 2 * 54 * 54,
                                           .sums = sums,
                                           .elements = 9,
                                           .spread = spread,
                                           .spreads = 36};
                report_add(r, &cell);
            }
}

static int ask(const void *arg, struct buf *out, struct error *err)
{
    const struct question *q = arg;
    const struct report_rules rules = {.small_cell = 5, .today = 20240713};
    Suara__V1__Report request = SUARA__V1__REPORT__INIT;
    Suara__V1__Filter filter = SUARA__V1__FILTER__INIT, *filters[1] = {&filter};
    ProtobufCBinaryData value[2];
    struct report report = {0};

    request.from = 20230101;
    request.to = 20231231;
    request.by = wire_text(q->by);
    request.by2 = wire_text(q->by2);
    request.perspective = wire_text(q->perspective);
    request.spread = q->spread;
    request.mean_of_offices = q->mean;
    if (q->filter) {
        filter.dimension = wire_text(q->filter);
        value[0] = value[1] = wire_text(q->value);
        filter.value = value;
        filter.n_value = 2;
        request.filter = filters;
        request.n_filter = 1;
    }
    if (report_plan(&report, q->directory, directory_principal(q->directory, ROLE_ADMIN, "root"),
                    &rules, &request, err) != 0)
        return -1;
    add_cells(&report);
    int rc = report_pack(&report, 5, FRAME, out, err);
    report_release(&report);
    return rc;
}

static void of_reports(void **state)
{
    struct directory *d = fixture_directory();
    const struct question questions[] = {
        {d, "", "", "", NULL, NULL, true, false},
        {d, "office", "month", "", NULL, NULL, false, false},
        {d, "service", "", "", "service", "UJI", false, false},
        {d, "level1", "perspective", "all", NULL, NULL, false, true},
        {d, "age", "quarter", "", NULL, NULL, false, false},
        {d, "year", "", "", "age", "21-30", false, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++)
        assert_true(scarce_sweep(questions[i].by, ask, &questions[i]) > 2);
    directory_free(&d);
}

/* ---- coverage, quality, verification ---- */

static int ask_coverage(const void *arg, struct buf *out, struct error *err)
{
    const struct directory *d = arg;
    Suara__V1__Coverage request = SUARA__V1__COVERAGE__INIT;
    struct coverage c;

    request.from = 20230101;
    request.to = 20231231;
    if (coverage_plan(&c, d, directory_principal(d, ROLE_ADMIN, "root"), &request, err) != 0)
        return -1;
    for (int32_t s = WEST_UMUM; s <= WEST_UJI; s++) {
        const struct coverage_seen seen = {WEST, s, NOW, NOW};
        coverage_add_responses(&c, WEST, s, 5);
        coverage_add_seen(&c, &seen);
        for (unsigned half = 0; half < 2; half++) {
            const struct coverage_people people = {.office_id = WEST,
                                                   .service_id = s,
                                                   .from = half ? 20230701 : 20230101,
                                                   .to = half ? 20231231 : 20230630,
                                                   .people = 50};
            coverage_add_people(&c, &people);
        }
    }
    int rc = coverage_pack(&c, 5, FRAME, out, err);
    coverage_release(&c);
    return rc;
}

static int ask_quality(const void *arg, struct buf *out, struct error *err)
{
    static const struct quality_hours hours = {450, 990, 5};
    static const int64_t spread[36] = {[2] = 40};
    const struct directory *d = arg;
    Suara__V1__Quality request = SUARA__V1__QUALITY__INIT;
    struct quality q;
    struct quality_step step;

    request.from = 20230101;
    request.to = 20231231;
    if (quality_plan(&q, d, directory_principal(d, ROLE_ADMIN, "root"), &request, &hours, err) != 0)
        return -1;
    for (int32_t office = WEST; office <= EAST; office++) {
        const struct quality_month month = {office, 20230101, 40, 40 * 27 * 27, spread, 36};
        quality_add_month(&q, &month);
    }
    while (quality_next(&q, &step)) {
        const struct quality_counts counts = {.office_id = step.offices[0], .n = 40, .alike = 9};
        quality_add_counts(&q, &counts);
    }
    int rc = quality_pack(&q, 5, FRAME, out, err);
    quality_release(&q);
    return rc;
}

static int list_cells(const void *arg, struct buf *out, struct error *err)
{
    const struct verify_cell cell = {.month = 20230301,
                                     .instrument_id = 7,
                                     .perspective = 9,
                                     .dim = DIM_SERVICE,
                                     .value = WEST_UJI,
                                     .figure = "spread",
                                     .place = 3,
                                     .stored = true};
    struct verify_list list;

    verify_list_init(&list, arg);
    int rc = verify_list_add(&list, directory_office_by_id(arg, WEST), &cell) ? 0 : no_memory(err);
    if (rc == 0)
        rc = verify_list_pack(&list, 5, FRAME, out, err);
    verify_list_release(&list);
    return rc;
}

static void of_other_answers(void **state)
{
    struct directory *d = fixture_directory();

    (void)state;
    assert_true(scarce_sweep("coverage", ask_coverage, d) > 3);
    assert_true(scarce_sweep("quality", ask_quality, d) > 3);
    assert_true(scarce_sweep("verify", list_cells, d) > 0);
    directory_free(&d);
}

/* ---- from batch to receipt ---- */

struct batch {
    const struct directory *directory;
    struct digest *digest;
    Suara__V1__SubmitBatch request;
    Suara__V1__Response response[3], *list[3];
    ProtobufCBinaryData word[2];
    uint8_t id[3][16], batch[16], ratings[9];
};

static void batch_init(struct batch *b, const struct directory *d)
{
    *b = (struct batch){
        .directory = d, .digest = digest_new(), .request = SUARA__V1__SUBMIT_BATCH__INIT};
    assert_non_null(b->digest);
    memset(b->ratings, 3, sizeof b->ratings);
    b->word[0] = wire_text("UJI");
    b->word[1] = wire_text("moon");
    for (size_t i = 0; i < 3; i++) {
        struct uuid id = uuid_v8((uint64_t)NOW - 9 + i, (uint8_t[10]){(uint8_t)i});
        memcpy(b->id[i], id.byte, sizeof id.byte);
        suara__v1__response__init(&b->response[i]);
        b->response[i].id = (ProtobufCBinaryData){16, b->id[i]};
        b->response[i].collected = (uint64_t)NOW - 1000;
        b->response[i].ratings = (ProtobufCBinaryData){9, b->ratings};
        b->response[i].service = i == 2 ? 0 : 1;
        b->list[i] = &b->response[i];
    }
    b->response[1].channel = 2; /* no such channel */
    b->request.batch = (ProtobufCBinaryData){16, b->batch};
    b->request.instrument = wire_text("skm-2017");
    b->request.word = b->word;
    b->request.n_word = 2;
    b->request.response = b->list;
    b->request.n_response = 3;
}

static int judge_it(const void *arg, struct buf *out, struct error *err)
{
    const struct batch *b = arg;
    const struct judge judge = {b->directory, b->digest, NOW, 600000, 16};
    struct submission *s = submission_new(1 << 20);
    struct buf receipt = {0};

    if (!s)
        return no_memory(err);
    s->principal = "office:WEST";
    int rc = judge_batch(&judge, directory_principal(b->directory, ROLE_OFFICE, "WEST"),
                         &b->request, s, err);
    for (size_t i = 0; rc == 0 && i < s->row_count; i++) {
        s->rows[i].status = i ? ROW_CONFLICT : ROW_DUPLICATE;
        buf_printf(out, "%" PRId64 " ", s->rows[i].hash);
    }
    /* Without its field and words, if need be, but refused all the same. */
    for (size_t i = 0; rc == 0 && i < s->refusal_count; i++)
        buf_printf(out, "%u %d ", s->refusals[i].index, s->refusals[i].status);
    if (rc == 0)
        rc = receipt_pack(s, FRAME, &receipt, err);
    out->failed |= receipt.failed;
    buf_release(&receipt);
    submission_free(&s);
    return rc;
}

static int group_it(const void *arg, struct buf *out, struct error *err)
{
    struct batcher batcher;
    struct group *group;

    (void)arg;
    batcher_init(&batcher, 1000, 1 << 20);
    for (unsigned i = 0; i < 3; i++) {
        struct submission *s = submission_new(4096);
        if (s && submission_room(s, 2) == 0) {
            s->row_count = s->response_count = 2;
            for (size_t k = 0; k < 2; k++) {
                s->rows[k].of = s;
                s->rows[k].id.byte[15] = (uint8_t)(i + k);
            }
            batcher_add(&batcher, s);
            continue;
        }
        submission_free(&s);
        (void)no_memory(err);
    }
    size_t waits = batcher.queued;
    group = batcher_take(&batcher, 3);
    if (!group && waits) { /* all of them are still there, to be taken later */
        assert_int_equal(batcher.queued, waits);
        (void)no_memory(err);
    } else if (group) {
        buf_printf(out, "%zu %zu %zu", group->submission_count, group->row_count,
                   group->again_count);
        batcher_back(&batcher, &group);
    }
    for (struct submission *s = batcher_pop(&batcher); s; s = batcher_pop(&batcher))
        batcher_settle(&batcher, &s);
    return err->code ? -1 : 0;
}

static void of_a_batch(void **state)
{
    struct directory *d = fixture_directory();
    struct batch batch;

    (void)state;
    batch_init(&batch, d);
    assert_true(scarce_sweep("judge", judge_it, &batch) > 4);
    assert_true(scarce_sweep("group", group_it, NULL) > 4);
    digest_free(&batch.digest);
    directory_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_the_directory),
        cmocka_unit_test(of_reports),
        cmocka_unit_test(of_other_answers),
        cmocka_unit_test(of_a_batch),
    };
    return cmocka_run_group_tests_name("daemon/core/scarce", tests, NULL, NULL);
}
