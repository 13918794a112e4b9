#include "client/core/layout_coverage.h"

#include "client/core/message.h"
#include "common/buf.h"
#include "common/error.h"
#include "common/text.h"
#include "common/wire.h"

#define DAY_MS     INT64_C(86400000)
#define COUNT_MAX  (UINT64_C(1) << 50)
#define TIME_MAX   (UINT64_C(1) << 48) /* what fits into a response's id */
#define NAMES_MOST 10u                 /* in one sentence */

void layout_coverage_init(struct layout_coverage *coverage)
{
    *coverage = (struct layout_coverage){0};
    arena_init(&coverage->arena, LAYOUT_MEMORY_MAX);
}

void layout_coverage_release(struct layout_coverage *coverage)
{
    arena_release(&coverage->arena);
    coverage->first = coverage->last = NULL;
    coverage->count = 0;
}

/* ---- collecting ---------------------------------------------------------------------------- */

static char *copy(struct layout_coverage *coverage, const ProtobufCBinaryData *text)
{
    return arena_strndup(&coverage->arena, text->len ? (const void *)text->data : "", text->len);
}

static int take_row(struct layout_coverage *coverage, const Suara__V1__CoverageRow *from,
                    struct error *err)
{
    struct layout_coverage_row *row = arena_alloc(&coverage->arena, sizeof *row);

    if (from->n > COUNT_MAX || from->population > COUNT_MAX || from->need > COUNT_MAX ||
        from->last_receipt > TIME_MAX || from->last_collected > TIME_MAX)
        return error_set(err, ERROR_INTERNAL, NULL, MSG_ANSWER_ODD);
    if (!row)
        return error_set(err, ERROR_TOO_LARGE, NULL, MSG_ANSWER_TOO_BIG);
    *row = (struct layout_coverage_row){
        .office = copy(coverage, &from->office),
        .service = copy(coverage, &from->service),
        .name = copy(coverage, &from->name),
        .n = from->n,
        .population = from->population,
        .need = from->need,
        .population_known = from->population_known,
        .last_receipt = (int64_t)from->last_receipt,
        .last_collected = (int64_t)from->last_collected,
    };
    if (!row->office || !row->service || !row->name)
        return error_set(err, ERROR_TOO_LARGE, NULL, MSG_ANSWER_TOO_BIG);
    /* A service stands behind its office. */
    if (row->service[0] && (!coverage->last || strcmp(coverage->last->office, row->office) != 0))
        return error_set(err, ERROR_INTERNAL, NULL, MSG_ANSWER_ODD);
    if (coverage->last)
        coverage->last->next = row;
    else
        coverage->first = row;
    coverage->last = row;
    coverage->count++;
    return 0;
}

int layout_coverage_take(struct layout_coverage *coverage, const Suara__V1__CoverageRows *rows,
                         struct error *err)
{
    for (size_t i = 0; i < rows->n_row; i++)
        if (take_row(coverage, rows->row[i], err) < 0)
            return -1;
    return 0;
}

/* ---- what it means ------------------------------------------------------------------------- */

enum sending { SENDING_NEVER, SENDING_LATE, SENDING_IN_TIME };

static enum sending sending_of(const struct layout_coverage_row *row, const struct layout_ask *ask,
                               const struct layout_coverage_clock *clock)
{
    int64_t end = civil_day_start_ms(ask->to, clock->zone) + DAY_MS;
    int64_t seen_from = clock->now_ms < end ? clock->now_ms : end;

    if (row->last_receipt == 0)
        return SENDING_NEVER;
    return row->last_receipt < seen_from - clock->late_days * DAY_MS ? SENDING_LATE
                                                                     : SENDING_IN_TIME;
}

static bool is_short(const struct layout_coverage_row *row)
{
    return row->population_known && row->n < row->need;
}

/* ---- rows ---------------------------------------------------------------------------------- */

enum { COLUMNS = 11 };

static const struct layout_column for_people[COLUMNS] = {
    {"Office", false},       {"Service", false},
    {"Name", false},         {"n", true},
    {"Served", true},        {"Need", true},
    {"Missing", true},       {"Sample", false},
    {"Last receipt", false}, {"Last collected", false},
    {"Sending", false},
};
static const struct layout_column for_programs[COLUMNS] = {
    {"office", false},       {"service", false},
    {"name", false},         {"n", true},
    {"population", true},    {"need", true},
    {"missing", true},       {"sample", false},
    {"last_receipt", false}, {"last_collected", false},
    {"sending", false},
};

/* For people to the minute: "2023-07-13 10:05". */
static void put_time(int64_t ms, enum zone zone, bool people, char out[40])
{
    out[0] = '\0';
    if (ms == 0)
        return;
    civil_format_ms(ms, zone, out);
    if (people && strlen(out) > 16) {
        out[10] = ' ';
        out[16] = '\0';
    }
}

static const char *sample_word(const struct layout_coverage_row *row, bool people)
{
    if (people && row->n == 0 && (!row->population_known || row->need > 0))
        return MSG_NO_RESPONSES;
    if (!row->population_known)
        return people ? "population unknown" : "unknown";
    return is_short(row) ? (people ? "too small" : "short") : "enough";
}

static const char *sending_word(enum sending sending, bool people)
{
    static const char *const word[] = {"never", "late", "in time"};

    return people && sending == SENDING_NEVER ? "never sent" : word[sending];
}

static void put_number(bool known, uint64_t number, char out[40])
{
    out[0] = '\0';
    if (known)
        snprintf(out, 40, "%" PRIu64, number);
}

static int add_row(struct layout_rows *rows, const struct layout_coverage_row *row,
                   const struct layout_ask *ask, const struct layout_coverage_clock *clock,
                   bool people, struct error *err)
{
    char n[40], served[40], need[40], missing[40], receipt[40], collected[40];
    bool service = row->service[0] != '\0', known = row->population_known;
    const char *sending = sending_word(sending_of(row, ask, clock), people);

    put_number(true, row->n, n);
    put_number(known, row->population, served);
    put_number(known, row->need, need);
    put_number(known && (!people || is_short(row)), is_short(row) ? row->need - row->n : 0,
               missing);
    put_time(people && service ? 0 : row->last_receipt, clock->zone, people, receipt);
    put_time(row->last_collected, clock->zone, people, collected);
    const ProtobufCBinaryData cells[COLUMNS] = {
        wire_text(row->office),
        wire_text(row->service),
        wire_text(row->name),
        wire_text(n),
        wire_text(served),
        wire_text(need),
        wire_text(missing),
        wire_text(sample_word(row, people)),
        wire_text(receipt),
        wire_text(collected),
        wire_text(people && service ? "" : sending),
    };
    return layout_rows_add(rows, cells, COLUMNS, err);
}

/* The only service of an office says nothing that the office does not say. */
static bool stands_alone(const struct layout_coverage_row *before,
                         const struct layout_coverage_row *row)
{
    return before && !before->service[0] && (!row->next || !row->next->service[0]) &&
           !row->population_known;
}

/* The offices that never sent, or the others, each with its services. */
static int add_rows(struct layout_rows *rows, const struct layout_coverage *coverage, bool never,
                    const struct layout_ask *ask, const struct layout_coverage_clock *clock,
                    bool people, struct error *err)
{
    const struct layout_coverage_row *before = NULL;
    bool in = false;

    for (const struct layout_coverage_row *row = coverage->first; row; row = row->next) {
        if (!row->service[0])
            in = (row->last_receipt == 0) == never;
        bool leave = row->service[0] && people && (never || stands_alone(before, row));
        if (in && !leave && add_row(rows, row, ask, clock, people, err) < 0)
            return -1;
        before = row;
    }
    return 0;
}

/* ---- sentences ----------------------------------------------------------------------------- */

struct names {
    struct buf text;
    size_t count;
};

static void add_name(struct names *names, const char *name)
{
    if (names->count++ >= NAMES_MOST)
        return;
    buf_puts(&names->text, names->count > 1 ? ", " : "");
    text_escape(&names->text, name, strlen(name));
}

/* "Late, ..: KLATEN, SOLO and 3 more." */
static void say_names(struct buf *out, struct names *names, const char *what)
{
    if (names->count > 0) {
        buf_printf(out, "%s: ", what);
        buf_add(out, buf_text(&names->text), names->text.len);
        if (names->count > NAMES_MOST)
            buf_printf(out, " and %zu more", names->count - NAMES_MOST);
        buf_puts(out, ".\n");
    }
    buf_done(&names->text, out);
}

static void say(struct buf *out, const struct layout_coverage *coverage,
                const struct layout_ask *ask, const struct layout_coverage_clock *clock)
{
    struct names never = {{0}, 0}, late = {{0}, 0}, small = {{0}, 0};
    size_t offices = 0, sent = 0, known = 0;
    char what[96];

    for (const struct layout_coverage_row *row = coverage->first; row; row = row->next) {
        if (row->service[0])
            continue;
        enum sending sending = sending_of(row, ask, clock);
        offices++;
        sent += row->n > 0;
        known += row->population_known;
        if (sending == SENDING_NEVER)
            add_name(&never, row->office);
        if (sending == SENDING_LATE)
            add_name(&late, row->office);
        if (is_short(row))
            add_name(&small, row->office);
    }
    buf_printf(out, "\n" MSG_COVERAGE_SENT "\n", sent, offices,
               offices == 1 ? "office" : "offices");
    say_names(out, &never, MSG_COVERAGE_NEVER);
    snprintf(what, sizeof what, MSG_COVERAGE_LATE, clock->late_days,
             clock->late_days == 1 ? "day" : "days");
    say_names(out, &late, what);
    snprintf(what, sizeof what, MSG_COVERAGE_SMALL, small.count, known);
    if (small.count == 0 && known > 0)
        buf_printf(out, MSG_COVERAGE_ENOUGH "\n", known);
    say_names(out, &small, what);
    if (known < offices)
        buf_printf(out, MSG_COVERAGE_UNKNOWN "\n", offices - known);
}

void layout_coverage_print(struct buf *out, const struct layout_coverage *coverage,
                           const struct layout_ask *ask, const struct layout_coverage_clock *clock,
                           const struct layout_style *style)
{
    bool people = style->format == LAYOUT_TABLE;
    struct layout_rows rows;

    layout_rows_init(&rows);
    if (layout_rows_head(&rows, people ? for_people : for_programs, COLUMNS, NULL) < 0 ||
        add_rows(&rows, coverage, true, ask, clock, people, NULL) < 0 ||
        add_rows(&rows, coverage, false, ask, clock, people, NULL) < 0) {
        out->failed = true;
    } else {
        if (people) {
            buf_puts(out, MSG_COVERAGE ", ");
            layout_ask_days(out, ask->from, ask->to);
            buf_puts(out, ", recipients\n");
        }
        layout_rows_print(out, &rows, style);
        if (people && coverage->count > 0)
            say(out, coverage, ask, clock);
    }
    layout_rows_release(&rows);
}
