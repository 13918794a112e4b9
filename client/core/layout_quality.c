#include "client/core/layout_quality.h"

#include "client/core/message.h"
#include "common/buf.h"
#include "common/error.h"
#include "common/text.h"
#include "common/wire.h"

#define FAR_COUNT 5u
#define FAR_TIMES 2u
#define FAR_MORE  1000u /* hundredths of a percent */
#define SHARE_MAX 10000u

static const struct {
    const char *sign, *title, *says; /* says: "12 of 20 responses .."; NULL: no sign by itself */
} words[] = {
    {"alike", "all elements rated alike", "rate all elements alike"},
    {"highest", "all elements rated highest", "rate all elements highest"},
    {"even", "ratings more even than chance", "are of months with ratings more even than chance"},
    {"burst", "5 or more within a minute", "came five or more within a minute"},
    {"same", "ratings of the one before", "repeat the ratings of the one before"},
    {"hours", "outside working hours", "were given at a counter outside working hours"},
    {"day", "a day without a time", NULL},
};
#define WORDS (sizeof words / sizeof *words)

void layout_quality_init(struct layout_quality *quality)
{
    *quality = (struct layout_quality){0};
    arena_init(&quality->arena, LAYOUT_MEMORY_MAX);
}

void layout_quality_release(struct layout_quality *quality)
{
    arena_release(&quality->arena);
    quality->first = quality->last = NULL;
    quality->count = 0;
}

static char *copy(struct layout_quality *quality, const ProtobufCBinaryData *text)
{
    return arena_strndup(&quality->arena, text->len ? (const void *)text->data : "", text->len);
}

static int take_row(struct layout_quality *quality, const Suara__V1__QualityRow *from,
                    struct error *err)
{
    struct layout_quality_row *row = arena_alloc(&quality->arena, sizeof *row);

    if (from->count > from->of || from->share > SHARE_MAX || from->usual > SHARE_MAX)
        return error_set(err, ERROR_INTERNAL, NULL, MSG_ANSWER_ODD);
    if (!row)
        return error_set(err, ERROR_TOO_LARGE, NULL, MSG_ANSWER_TOO_BIG);
    *row = (struct layout_quality_row){
        .office = copy(quality, &from->office),
        .sign = copy(quality, &from->sign),
        .count = from->count,
        .of = from->of,
        .share = from->share,
        .usual = from->usual,
        .compared = from->compared,
    };
    if (!row->office || !row->sign)
        return error_set(err, ERROR_TOO_LARGE, NULL, MSG_ANSWER_TOO_BIG);
    if (quality->last)
        quality->last->next = row;
    else
        quality->first = row;
    quality->last = row;
    quality->count++;
    return 0;
}

int layout_quality_take(struct layout_quality *quality, const Suara__V1__QualityRows *rows,
                        struct error *err)
{
    for (size_t i = 0; i < rows->n_row; i++)
        if (take_row(quality, rows->row[i], err) < 0)
            return -1;
    return 0;
}

bool layout_quality_far_above(const struct layout_quality_row *row)
{
    return row->compared > 0 && row->count >= FAR_COUNT && row->share >= FAR_TIMES * row->usual &&
           row->share >= row->usual + FAR_MORE;
}

/* ---- rows ---------------------------------------------------------------------------------- */

enum { COLUMNS = 7 };

static const struct layout_column for_people[COLUMNS] = {
    {"Office", false}, {"Sign", false}, {"Count", true},    {"Of", true},
    {"Share", true},   {"Usual", true}, {"Compared", true},
};
static const struct layout_column for_programs[COLUMNS] = {
    {"office", false}, {"sign", false},  {"count", true},    {"of", true},
    {"share", false},  {"usual", false}, {"compared", true},
};

static size_t word_of(const char *sign)
{
    size_t k = 0;

    while (k < WORDS && strcmp(words[k].sign, sign) != 0)
        k++;
    return k;
}

static const char *title(const struct layout_quality_row *row, bool people)
{
    size_t k = word_of(row->sign);

    if (!people)
        return row->sign;
    if (!row->sign[0])
        return MSG_NO_RESPONSES;
    return k < WORDS ? words[k].title : row->sign; /* of a newer daemon */
}

static void put_share(bool known, uint32_t share, bool people, char out[32])
{
    out[0] = '\0';
    if (known)
        snprintf(out, 32, "%u.%02u%s", share / 100, share % 100, people ? " %" : "");
}

static int add_row(struct layout_rows *rows, const struct layout_quality_row *row, bool people)
{
    char count[32] = "", of[32] = "", share[32], usual[32], compared[32] = "";

    if (row->sign[0] || !people) {
        snprintf(count, sizeof count, "%" PRIu64, row->count);
        snprintf(of, sizeof of, "%" PRIu64, row->of);
    }
    if (row->compared > 0)
        snprintf(compared, sizeof compared, "%u", row->compared);
    put_share(row->of > 0, row->share, people, share);
    put_share(row->compared > 0, row->usual, people, usual);
    const ProtobufCBinaryData cells[COLUMNS] = {
        wire_text(row->office), wire_text(title(row, people)),
        wire_text(count),       wire_text(of),
        wire_text(share),       wire_text(usual),
        wire_text(compared),
    };
    return layout_rows_add(rows, cells, COLUMNS, NULL);
}

static bool one_office(const struct layout_quality *quality)
{
    return !quality->first || strcmp(quality->first->office, quality->last->office) == 0;
}

/* ---- sentences ----------------------------------------------------------------------------- */

static void say(struct buf *out, const struct layout_quality *quality)
{
    bool said = false, usual = false;

    for (const struct layout_quality_row *row = quality->first; row; row = row->next) {
        size_t k = word_of(row->sign);
        usual = usual || row->compared > 0;
        if (k == WORDS || !words[k].says || !layout_quality_far_above(row))
            continue;
        buf_puts(out, said ? "" : "\n");
        text_escape(out, row->office, strlen(row->office));
        buf_printf(out, ": " MSG_QUALITY_FAR "\n", row->count, row->of, words[k].says,
                   row->share / 100, row->share % 100, row->usual / 100, row->usual % 100);
        said = true;
    }
    if (said)
        buf_puts(out, MSG_QUALITY_SIGN "\n");
    else if (usual)
        buf_puts(out, "\n" MSG_QUALITY_NONE "\n");
    else if (quality->first)
        buf_puts(out, "\n" MSG_QUALITY_FEW "\n");
}

void layout_quality_print(struct buf *out, const struct layout_quality *quality,
                          const struct layout_ask *ask, const struct layout_style *style)
{
    bool people = style->format == LAYOUT_TABLE, ok = true;
    bool all = !people || one_office(quality);
    struct layout_rows rows;

    layout_rows_init(&rows);
    ok = layout_rows_head(&rows, people ? for_people : for_programs, COLUMNS, NULL) == 0;
    for (const struct layout_quality_row *row = quality->first; ok && row; row = row->next)
        if (all || row->count > 0 || !row->sign[0])
            ok = add_row(&rows, row, people) == 0;
    if (!ok)
        out->failed = true;
    if (people) {
        buf_puts(out, MSG_QUALITY ", ");
        layout_ask_days(out, ask->from, ask->to);
        buf_printf(out, ", %ss\n", ask->perspective);
    }
    if (ok)
        layout_rows_print(out, &rows, style);
    if (people)
        say(out, quality);
    layout_rows_release(&rows);
}
