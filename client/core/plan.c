#include "client/core/plan.h"

#include "client/core/csv.h"
#include "client/core/message.h"
#include "client/core/publish.h"
#include "common/buf.h"
#include "common/error.h"
#include "common/text.h"
#include <ctype.h>

enum column { NUMBER, PRIORITY, ACTIVITY, TIME, WHO, STATE, COLUMNS };
#define WORDS_EACH 4u

/* As headings are compared: letters and digits only, in lower case. The first is the usual one. */
static const char *const heading[COLUMNS][WORDS_EACH] = {
    [NUMBER] = {"no", "nomor", "number"},
    [PRIORITY] = {"prioritasunsur", "unsur", "priorityelement", "priority"},
    [ACTIVITY] = {"programkegiatan", "kegiatan", "programmeactivity", "activity"},
    [TIME] = {"waktu", "triwulan", "time", "quarter"},
    [WHO] = {"penanggungjawab", "pj", "responsible", "who"},
    [STATE] = {"status", "keadaan", "state"},
};
static const char *const state_word[PUBLISH_STATES][WORDS_EACH] = {
    [PUBLISH_OPEN] = {"belum", "belummulai", "open", "notstarted"},
    [PUBLISH_RUNNING] = {"berjalan", "proses", "running", "underway"},
    [PUBLISH_DONE] = {"selesai", "terlaksana", "done"},
    [PUBLISH_DROPPED] = {"batal", "dibatalkan", "dropped"},
};

struct reading {
    struct publication *p;
    const char *name;
    int place[COLUMNS]; /* of the column in the file; -1: it has none */
    size_t items;
};

/* ---- words --------------------------------------------------------------------------------- */

#define FOLDED 40u

static void fold(const char *text, size_t size, char out[FOLDED])
{
    size_t n = 0;

    for (size_t i = 0; i < size && n + 1 < FOLDED; i++)
        if (isalnum((unsigned char)text[i]))
            out[n++] = (char)tolower((unsigned char)text[i]);
    out[n] = '\0';
}

/* Which row of the table has the word; -1: none. */
static int which(const char *const (*table)[WORDS_EACH], size_t rows, const char *word)
{
    for (size_t row = 0; row < rows; row++)
        for (size_t i = 0; i < WORDS_EACH && table[row][i]; i++)
            if (strcmp(table[row][i], word) == 0)
                return (int)row;
    return -1;
}

static const char *nearest(const char *const (*table)[WORDS_EACH], size_t rows, const char *word)
{
    const char *words[8 * WORDS_EACH];

    for (size_t i = 0; i < rows * WORDS_EACH; i++)
        words[i] = table[i / WORDS_EACH][i % WORDS_EACH];
    const char *near = text_nearest(word, words, rows * WORDS_EACH);
    return near ? near : table[0][0];
}

/* ---- time ---------------------------------------------------------------------------------- */

/* 1..4 for 1, i, q1, tw1, twi, triwulan1 ..; 0: it is no quarter. */
static unsigned quarter(const char *word)
{
    static const char *const front[] = {"triwulan", "tw", "q", ""};
    static const char *const roman[] = {"i", "ii", "iii", "iv"};

    for (size_t i = 0; i < sizeof front / sizeof *front; i++) {
        size_t size = strlen(front[i]);
        if (strncmp(word, front[i], size) != 0)
            continue;
        const char *rest = word + size;
        if (rest[0] >= '1' && rest[0] <= '4' && rest[1] == '\0')
            return (unsigned)(rest[0] - '0');
        for (unsigned k = 0; k < 4; k++)
            if (strcmp(rest, roman[k]) == 0)
                return k + 1;
    }
    return 0;
}

static unsigned year(const char *word)
{
    if (strlen(word) != 4 || strspn(word, "0123456789") != 4)
        return 0;
    return (unsigned)strtoul(word, NULL, 10);
}

/* Words in any order, of which one is a year and one a quarter: "Triwulan IV 2023". */
bool plan_time(const char *text, civil_day *from, civil_day *to)
{
    unsigned found_year = 0, found_quarter = 0;
    char word[FOLDED], period[16];

    if (civil_parse_period(text, from, to))
        return true;
    for (const char *at = text; *at;) {
        size_t size = strcspn(at, " \t/.,-");
        fold(at, size, word);
        if (year(word))
            found_year = year(word);
        else if (quarter(word))
            found_quarter = quarter(word);
        else if (word[0] && strcmp(word, "triwulan") != 0 && strcmp(word, "tw") != 0)
            return false;
        at += size + strspn(at + size, " \t/.,-");
    }
    if (!found_year || !found_quarter)
        return false;
    snprintf(period, sizeof period, "%04u-Q%u", found_year % 10000, found_quarter % 10);
    return civil_parse_period(period, from, to);
}

/* ---- rows ---------------------------------------------------------------------------------- */

static int bad_row(const struct reading *reading, const struct csv_row *row, const char *why,
                   const char *what, struct error *err)
{
    return error_set(err, ERROR_USAGE, NULL, MSG_PLAN_ROW, reading->name, row->line, why, what);
}

static int read_head(struct reading *reading, const struct csv_row *row, struct error *err)
{
    char word[FOLDED];

    for (size_t i = 0; i < row->count && i < CSV_COUNT_MAX; i++) {
        fold(row->field[i].text, row->field[i].size, word);
        if (word[0] == '\0')
            continue;
        int column = which(heading, COLUMNS, word);
        if (column < 0)
            return error_set(err, ERROR_USAGE, NULL, MSG_PLAN_COLUMN, reading->name,
                             (int)(row->field[i].size < 64 ? row->field[i].size : 64),
                             row->field[i].text, nearest(heading, COLUMNS, word));
        reading->place[column] = (int)i;
    }
    for (enum column c = PRIORITY; c < STATE; c++)
        if (reading->place[c] < 0)
            return error_set(err, ERROR_USAGE, NULL, MSG_PLAN_LACKS, reading->name, heading[c][0]);
    return 0;
}

/* NULL: no memory, or not text. */
static const char *cell(struct reading *reading, const struct csv_row *row, enum column column)
{
    int place = reading->place[column];

    if (place < 0 || (size_t)place >= row->count || (size_t)place >= CSV_COUNT_MAX)
        return "";
    const struct csv_field *field = &row->field[place];
    if (field->too_long || text_check(field->text, field->size, 2000) != TEXT_OK)
        return NULL;
    return arena_strndup(&reading->p->arena, field->text, field->size);
}

static int read_state(struct reading *reading, const struct csv_row *row, struct publish_item *item,
                      struct error *err)
{
    const char *text = cell(reading, row, STATE);
    char word[FOLDED];

    if (!text)
        return bad_row(reading, row, MSG_PLAN_TEXT, "", err);
    fold(text, strlen(text), word);
    int state = word[0] ? which(state_word, PUBLISH_STATES, word) : (int)PUBLISH_OPEN;
    if (state < 0)
        return bad_row(reading, row, MSG_PLAN_STATE, nearest(state_word, PUBLISH_STATES, word),
                       err);
    item->state = (enum publish_state)state;
    return 0;
}

static int read_item(struct reading *reading, const struct csv_row *row, struct publish_item *item,
                     struct error *err)
{
    civil_day from, to;

    item->number = cell(reading, row, NUMBER);
    item->priority = cell(reading, row, PRIORITY);
    item->activity = cell(reading, row, ACTIVITY);
    item->when = cell(reading, row, TIME);
    item->who = cell(reading, row, WHO);
    if (!item->number || !item->priority || !item->activity || !item->when || !item->who)
        return bad_row(reading, row, MSG_PLAN_TEXT, "", err);
    if (item->activity[0] == '\0')
        return bad_row(reading, row, MSG_PLAN_ACTIVITY, heading[ACTIVITY][0], err);
    if (!plan_time(item->when, &from, &to))
        return bad_row(reading, row, MSG_PLAN_TIME, "2023-Q4", err);
    item->last = to <= reading->p->to;
    return read_state(reading, row, item, err);
}

static int on_row(const struct csv_row *row, void *arg, struct error *err)
{
    struct reading *reading = arg;
    struct publication *p = reading->p;

    if (row->number == 0)
        return read_head(reading, row, err);
    if (++reading->items > PLAN_ITEMS_MAX)
        return error_set(err, ERROR_USAGE, NULL, MSG_PLAN_MANY, reading->name, PLAN_ITEMS_MAX);
    struct publish_item *item = arena_alloc(&p->arena, sizeof *item);
    if (!item)
        return error_set(err, ERROR_IO, NULL, MSG_MEMORY);
    *item = (struct publish_item){0};
    if (read_item(reading, row, item, err) < 0)
        return -1;
    if (p->item_last)
        p->item_last->next = item;
    else
        p->item = item;
    p->item_last = item;
    return 0;
}

int plan_read(struct publication *p, const char *name, const char *data, size_t size,
              struct error *err)
{
    struct reading reading = {.p = p, .name = name, .place = {-1, -1, -1, -1, -1, -1}};
    struct csv_reader *reader = csv_reader_new(on_row, &reading);

    if (!reader)
        return error_set(err, ERROR_IO, NULL, MSG_MEMORY);
    int rc = csv_reader_feed(reader, data, size, err);
    if (rc == 0)
        rc = csv_reader_finish(reader, err);
    csv_reader_free(&reader);
    if (rc == 0 && reading.place[ACTIVITY] < 0)
        rc = error_set(err, ERROR_USAGE, NULL, MSG_PLAN_LACKS, name, heading[ACTIVITY][0]);
    p->plan_given = rc == 0;
    if (rc < 0)
        p->item = p->item_last = NULL;
    return rc;
}
