/* A published report is whole, or it is said that it is not. */
#include "tests/scarce.h"

#include "client/core/instrument.h"
#include "client/core/publish_take.h"
#include "tests/client/core/answer.h"
#include "tests/client/core/sample.h"

#include <inttypes.h>

static int write_page(const void *arg, struct buf *out, struct error *err)
{
    (void)err;
    publish_html(out, arg);
    return 0;
}

static int write_json(const void *arg, struct buf *out, struct error *err)
{
    (void)err;
    publish_json(out, arg);
    return 0;
}

static void of_the_page(void **state)
{
    struct publication p;

    (void)state;
    sample_publication(&p, PUBLISH_ID);
    assert_true(scarce_sweep("page", write_page, &p) > 20);
    publication_release(&p);
    sample_publication(&p, PUBLISH_EN);
    assert_true(scarce_sweep("json", write_json, &p) > 20);
    publication_release(&p);
}

/* All answers of a report, from the same two rows under other keys. */
static int take_answer(struct publication *p, struct publish_sample *sample, const char *first,
                       const char *second,
                       int (*take)(struct publication *p, struct publish_sample *sample,
                                   const struct layout_index *index, struct error *err),
                       struct error *err)
{
    struct answer answer;
    struct layout_index index;

    answer_with_spread(&answer);
    answer.row[0].grade = wire_text(scarce_long());
    answer.row[1] = answer.row[0];
    answer.row[0].key = wire_text(first);
    answer.row[1].key = wire_text(second);
    answer.rows.n_row = second[0] ? 2 : 1;
    layout_index_init(&index);
    int rc = layout_index_take(&index, &answer.rows, err);
    if (rc == 0)
        rc = take(p, sample, &index, err);
    layout_index_release(&index);
    return rc;
}

static int take_trend(struct publication *p, struct publish_sample *sample,
                      const struct layout_index *index, struct error *err)
{
    return publish_take_trend(p, index, sample, err);
}

static int take_total(struct publication *p, struct publish_sample *sample,
                      const struct layout_index *index, struct error *err)
{
    return publish_take_total(p, index, sample, err);
}

static int take_sex(struct publication *p, struct publish_sample *sample,
                    const struct layout_index *index, struct error *err)
{
    (void)sample;
    return publish_take_group(p, PUBLISH_SEX, index, err);
}

static int take_services(struct publication *p, struct publish_sample *sample,
                         const struct layout_index *index, struct error *err)
{
    (void)sample;
    return publish_take_group(p, PUBLISH_SERVICE, index, err);
}

static int take_views(struct publication *p, struct publish_sample *sample,
                      const struct layout_index *index, struct error *err)
{
    (void)sample;
    return publish_take_views(p, index, err);
}

static int take_all(const void *arg, struct buf *out, struct error *err)
{
    struct publication p;
    struct publish_sample sample;

    (void)arg;
    publication_init(&p);
    p.subtree = true;
    p.office = p.office_name = "BBPOM-SMG";
    p.program = "suara 0.0.0";
    p.from = 20190101;
    p.to = 20190630;
    p.made = 20190720;
    int rc = publish_take_instrument(&p, instrument_find(NULL, NULL), "", &sample, err);
    if (rc == 0)
        rc = take_answer(&p, &sample, "", "", take_total, err);
    if (rc == 0)
        rc = take_answer(&p, &sample, "2018-S1", "2018-S2", take_trend, err);
    if (rc == 0)
        rc = take_answer(&p, &sample, "L", "P", take_sex, err);
    if (rc == 0)
        rc = take_answer(&p, &sample, "UJI", "UMUM", take_services, err);
    if (rc == 0)
        rc = take_answer(&p, &sample, "recipient", "provider", take_views, err);
    for (size_t i = 0; rc == 0 && i < p.elements; i++)
        buf_printf(out, "%" PRIu64 " %" PRId64 "\n", p.element[i].sum, p.element[i].gap);
    for (size_t i = 0; rc == 0 && i < p.trends; i++)
        buf_printf(out, "%s %zu\n", p.trend[i].name[0], strlen(p.trend[i].grade));
    for (unsigned axis = 0; rc == 0 && axis < PUBLISH_AXES; axis++)
        for (size_t i = 0; i < p.group[axis].count; i++)
            buf_printf(out, "%s %zu\n", p.group[axis].row[i].name[0],
                       strlen(p.group[axis].row[i].grade));
    publication_release(&p);
    return rc;
}

static void of_the_answers(void **state)
{
    (void)state;
    assert_true(scarce_sweep("answers", take_all, NULL) > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_the_page),
        cmocka_unit_test(of_the_answers),
    };
    return cmocka_run_group_tests_name("client/core/scarce_publish", tests, NULL, NULL);
}
