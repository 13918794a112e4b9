#include "client/core/layout_batch.h"

#include "client/core/kept.h"
#include "common/buf.h"
#include "common/error.h"
#include "common/instrument.h"
#include "common/rules.h"
#include "common/uuid.h"
#include "common/wire.h"

#define RATINGS_AT  2 /* after id and collected */
#define COLUMNS_MAX (RATINGS_AT + RULES_ELEMENTS_MAX + WORD_COUNT + 2)

struct view {
    const Suara__V1__SubmitBatch *batch;
    const struct instrument *instrument;
    bool word[WORD_COUNT], comment; /* which columns some response has */
    size_t ratings;
    enum zone zone;
};

static uint32_t word_of(const Suara__V1__Response *response, size_t which)
{
    const uint32_t word[WORD_COUNT] = {
        [WORD_SERVICE] = response->service,
        [WORD_CHANNEL] = response->channel,
        [WORD_STAKEHOLDER] = response->stakeholder,
        [WORD_PERSPECTIVE] = response->perspective,
        [WORD_SEX] = response->sex,
        [WORD_AGE] = response->age,
        [WORD_EDUCATION] = response->education,
        [WORD_OCCUPATION] = response->occupation,
    };

    return word[which];
}

static void look(struct view *view)
{
    for (size_t i = 0; i < view->batch->n_response; i++) {
        const Suara__V1__Response *response = view->batch->response[i];

        for (size_t w = 0; w < WORD_COUNT; w++)
            view->word[w] = view->word[w] || word_of(response, w) != 0;
        view->comment = view->comment || response->comment.len > 0;
        if (response->ratings.len > view->ratings)
            view->ratings = response->ratings.len;
    }
    if (view->ratings > RULES_ELEMENTS_MAX)
        view->ratings = RULES_ELEMENTS_MAX;
}

static int add_head(struct layout_rows *rows, const struct view *view, struct error *err)
{
    char number[RULES_ELEMENTS_MAX][24];
    struct layout_column columns[COLUMNS_MAX] = {{"id", false}, {"collected_at", false}};
    size_t count = RATINGS_AT;
    const struct instrument *instrument = view->instrument;

    for (size_t i = 0; i < view->ratings; i++) {
        snprintf(number[i], sizeof number[i], "%zu", i + 1);
        columns[count].name =
            instrument && i < instrument->elements ? instrument->column[i] : number[i];
        columns[count++].number = true;
    }
    for (size_t w = 0; w < WORD_COUNT; w++)
        if (view->word[w])
            columns[count++] = (struct layout_column){rules_word_names[w], false};
    if (view->comment) {
        columns[count++] = (struct layout_column){"comment_kind", false};
        columns[count++] = (struct layout_column){"comment", false};
    }
    return layout_rows_head(rows, columns, count, err);
}

static const char *kind_name(Suara__V1__CommentKind kind)
{
    static const char *const name[] = {"", "input", "suggestion", "complaint", "praise"};

    return (unsigned)kind < sizeof name / sizeof *name ? name[(unsigned)kind] : "?";
}

static int add_row(struct layout_rows *rows, const struct view *view,
                   const Suara__V1__Response *response, struct error *err)
{
    ProtobufCBinaryData cells[COLUMNS_MAX];
    char id[UUID_TEXT] = "", when[40] = "", rating[RULES_ELEMENTS_MAX][4];
    struct uuid uuid;
    size_t count = RATINGS_AT;

    if (response->id.len == sizeof uuid.byte) {
        memcpy(uuid.byte, response->id.data, sizeof uuid.byte);
        uuid_format(&uuid, id);
    }
    if (response->collected < INT64_MAX / 2)
        civil_format_ms((int64_t)response->collected, view->zone, when);
    cells[0] = wire_text(id);
    cells[1] = wire_text(when);
    for (size_t i = 0; i < view->ratings; i++) {
        rating[i][0] = '\0';
        if (i < response->ratings.len)
            snprintf(rating[i], sizeof rating[i], "%u", response->ratings.data[i]);
        cells[count++] = wire_text(rating[i]);
    }
    for (size_t w = 0; w < WORD_COUNT; w++) {
        uint32_t word = word_of(response, w);
        if (!view->word[w])
            continue;
        cells[count++] = word == 0                     ? wire_text("")
                         : word <= view->batch->n_word ? view->batch->word[word - 1]
                                                       : wire_text("?");
    }
    if (view->comment) {
        cells[count++] = wire_text(kind_name(response->comment_kind));
        cells[count++] = response->comment;
    }
    return layout_rows_add(rows, cells, count, err);
}

int layout_batch(struct layout_rows *rows, const void *kept, size_t size,
                 const struct instrument *instrument, enum zone zone, struct error *err)
{
    struct arena arena;
    int rc = -1;

    struct view view = {.instrument = instrument, .zone = zone == ZONE_NONE ? ZONE_WIB : zone};
    view.batch = kept_open(kept, size, &arena, err);
    if (view.batch) {
        look(&view);
        rc = add_head(rows, &view, err);
        for (size_t i = 0; i < view.batch->n_response && rc == 0; i++)
            rc = add_row(rows, &view, view.batch->response[i], err);
    }
    arena_release(&arena);
    return rc;
}
