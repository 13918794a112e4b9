#include "client/store/workbook_private.h"
#include "common/buf.h"
#include "common/instrument.h"

#define COUNT(list) ((unsigned)(sizeof(list) / sizeof *(list)))

/* ---- summary ------------------------------------------------------------------------------- */

static void pair(struct book *book, const char *name, const char *value)
{
    book_text(book, 0, name);
    book_text(book, 1, value);
    book->row++;
}

static void summary_figures(struct book *book)
{
    const struct publication *p = book->p;

    book_text(book, 0, T(p, RESPONDENTS));
    book_count(book, 1, p->total.n);
    book->row++;
    book_text(book, 0, T(p, INDEX));
    book_index(book, 1, p->total.index);
    book->row++;
    pair(book, T(p, GRADE), p->total.grade);
    pair(book, T(p, QUALITY), publication_quality(p, p->total.grade));
    if (p->total.high > 0) {
        book_text(book, 0, T(p, INTERVAL));
        book_index(book, 1, p->total.low);
        book_index(book, 2, p->total.high);
        book->row++;
    }
    if (!p->population_known)
        return;
    book_text(book, 0, T(p, POPULATION));
    book_count(book, 1, p->population);
    book->row++;
    book_text(book, 0, T(p, NEED));
    book_count(book, 1, p->need);
    book->row++;
}

void book_summary(struct book *book)
{
    const struct publication *p = book->p;
    char text[PUBLISH_RANGE];
    struct buf words = {0};

    book_sheet(book, T(p, SHEET_SUMMARY), 24, 50, 2);
    if (book->failed)
        return;
    pair(book, T(p, ORGANISER), p->office_name);
    publish_period(p, text);
    pair(book, T(p, PERIOD), text);
    pair(book, T(p, INSTRUMENT), p->instrument);
    pair(book, T(p, METHOD), p->method);
    if (p->note)
        pair(book, T(p, NOTE), p->note);
    summary_figures(book);
    publish_summary(&words, p);
    pair(book, T(p, SHEET_SUMMARY), buf_text(&words));
    book->failed = book->failed || words.failed;
    buf_clear(&words);
    publish_day(p->language, p->made, text);
    publish_say(&words, p->language, PUBLISH_MADE_TEXT, (const char *[]){text, p->program}, 2);
    pair(book, "", buf_text(&words));
    book->failed = book->failed || words.failed;
    buf_release(&words);
}

/* ---- the processing table: elements across, as offices know it ---------------------------------
 */

static void processing_row(struct book *book, const char *name,
                           void (*figure)(const struct publication *,
                                          const struct publish_element *, char *),
                           enum book_format format)
{
    const struct publication *p = book->p;
    char text[PUBLISH_NUMBER];

    book_text(book, 0, name);
    for (size_t i = 0; i < p->elements; i++) {
        figure(p, &p->element[i], text);
        book_figure(book, (unsigned)(i + 1), text, format);
    }
}

static void sum_of(const struct publication *p, const struct publish_element *element, char *out)
{
    (void)p;
    snprintf(out, PUBLISH_NUMBER, "%llu", (unsigned long long)element->sum);
}

static void nrr_of(const struct publication *p, const struct publish_element *element, char *out)
{
    publish_nrr(element->sum, p->total.n, out);
}

static void weighted_of(const struct publication *p, const struct publish_element *element,
                        char *out)
{
    publish_weighted(p, element, out);
}

void book_processing(struct book *book)
{
    const struct publication *p = book->p;
    const char *heads[INSTRUMENT_ELEMENTS_MAX + 2];
    uint64_t total = 0;

    book_sheet(book, T(p, SHEET_PROCESSING), 18, 9, (unsigned)(p->elements + 2));
    if (book->failed)
        return;
    heads[0] = T(p, ELEMENT);
    for (size_t i = 0; i < p->elements; i++) {
        heads[i + 1] = p->element[i].code;
        total += p->element[i].sum;
    }
    heads[p->elements + 1] = T(p, TOTAL);
    book_heads(book, heads, (unsigned)(p->elements + 2));
    processing_row(book, T(p, SUM), sum_of, BOOK_COUNT);
    book_count(book, (unsigned)(p->elements + 1), total);
    book->row++;
    processing_row(book, T(p, NRR), nrr_of, BOOK_NRR);
    book->row++;
    processing_row(book, T(p, WEIGHTED), weighted_of, BOOK_NRR);
    book->row++;
    book_text(book, 0, T(p, RESPONDENTS));
    book_count(book, 1, p->total.n);
    book->row++;
    book_text(book, 0, T(p, INDEX));
    book_index(book, 1, p->total.index);
    book->row++;
    book_text(book, 0, T(p, GRADE));
    book_text(book, 1, p->total.grade);
    book->row += 2;
    for (size_t i = 0; i < p->elements; i++, book->row++) {
        book_text(book, 0, p->element[i].code);
        book_plain(book, 1, p->element[i].name[p->language]);
    }
}

void book_spread(struct book *book)
{
    const struct publication *p = book->p;
    const char *names[2 + PUBLISH_SPREAD_MAX] = {T(p, ELEMENT), ""};
    char number[PUBLISH_SPREAD_MAX][PUBLISH_NUMBER];

    book_sheet(book, T(p, SHEET_SPREAD), 10, 10, (unsigned)(2 + p->scale));
    if (book->failed || p->scale > PUBLISH_SPREAD_MAX)
        return;
    book_width(book, 1, 42);
    for (unsigned r = 0; r < p->scale; r++) {
        publish_count(r + 1, number[r]);
        names[2 + r] = number[r];
    }
    book_heads(book, names, (unsigned)(2 + p->scale));
    for (size_t i = 0; i < p->elements; i++, book->row++) {
        const struct publish_element *element = &p->element[i];
        book_text(book, 0, element->code);
        book_text(book, 1, element->name[p->language]);
        for (unsigned r = 0; element->spread && r < p->scale; r++)
            book_count(book, (unsigned)(2 + r), element->spread[r]);
    }
}

/* ---- groups, trend, gap, plan -------------------------------------------------------------- */

static void index_cells(struct book *book, unsigned column, const struct publish_figure *figure)
{
    if (figure->hidden || figure->n == 0)
        return;
    book_index(book, column, figure->index);
    book_text(book, (unsigned)(column + 1), figure->grade);
}

void book_profile(struct book *book)
{
    const struct publication *p = book->p;
    const char *names[] = {T(p, KIND),  T(p, GROUP), T(p, RESPONDENTS),
                           T(p, SHARE), T(p, INDEX), T(p, GRADE)};

    book_sheet(book, T(p, SHEET_PROFILE), 26, 12, COUNT(names));
    if (book->failed)
        return;
    book_width(book, 1, 32);
    book_heads(book, names, COUNT(names));
    for (enum publish_axis axis = 0; axis < PUBLISH_AXES; axis++) {
        const struct publish_group *g = &p->group[axis];
        for (size_t i = 0; i < g->count; i++, book->row++) {
            book_text(book, 0, publish_axis_name(p->language, axis));
            book_text(book, 1, g->row[i].name[p->language]);
            book_count(book, 2, g->row[i].n);
            book_number(book, 3, (double)g->row[i].n / (double)g->n, BOOK_SHARE);
            index_cells(book, 4, &g->row[i]);
        }
    }
}

void book_trend(struct book *book)
{
    const struct publication *p = book->p;
    const char *names[] = {T(p, PERIOD), T(p, RESPONDENTS), T(p, INDEX),  T(p, GRADE),
                           T(p, LOWEST), T(p, HIGHEST),     T(p, CHANGE), T(p, MEANING)};

    book_sheet(book, T(p, SHEET_TREND), 16, 13, COUNT(names));
    if (book->failed)
        return;
    book_heads(book, names, COUNT(names));
    for (size_t i = 0; i < p->trends; i++, book->row++) {
        const struct publish_figure *figure = &p->trend[i];
        book_text(book, 0, figure->name[p->language]);
        book_count(book, 1, figure->n);
        index_cells(book, 2, figure);
        if (figure->high > 0) {
            book_index(book, 4, figure->low);
            book_index(book, 5, figure->high);
        }
        if (!figure->change_known)
            continue;
        book_number(book, 6, (double)figure->change / 100, BOOK_INDEX);
        book_text(book, 7, figure->change_beyond ? T(p, BEYOND_MARK) : T(p, CHANCE_MARK));
    }
}

void book_gap(struct book *book)
{
    const struct publication *p = book->p;
    const char *names[] = {T(p, ELEMENT),    "",           T(p, RECIPIENT), T(p, PROVIDER),
                           T(p, DIFFERENCE), T(p, MEANING)};
    char text[PUBLISH_NUMBER];

    book_sheet(book, T(p, SHEET_GAP), 10, 14, COUNT(names));
    if (book->failed)
        return;
    book_width(book, 1, 42);
    if (p->provider_n == 0) {
        book_plain(book, 0, T(p, GAP_NONE));
        return;
    }
    book_heads(book, names, COUNT(names));
    for (size_t i = 0; i < p->elements; i++, book->row++) {
        const struct publish_element *element = &p->element[i];
        book_text(book, 0, element->code);
        book_text(book, 1, element->name[p->language]);
        publish_nrr(element->sum, p->total.n, text);
        book_figure(book, 2, text, BOOK_NRR);
        publish_nrr(element->provider_sum, p->provider_n, text);
        book_figure(book, 3, text, BOOK_NRR);
        book_number(book, 4, (double)element->gap / 1000, BOOK_NRR);
        book_text(book, 5, element->gap_beyond ? T(p, BEYOND_MARK) : T(p, CHANCE_MARK));
    }
}

void book_plan(struct book *book)
{
    const struct publication *p = book->p;
    const char *names[] = {T(p, PLAN), T(p, NUMBER), T(p, PRIORITY), T(p, ACTIVITY),
                           T(p, WHEN), T(p, WHO),    T(p, STATE)};

    book_sheet(book, T(p, SHEET_PLAN), 34, 18, COUNT(names));
    if (book->failed)
        return;
    book_width(book, 3, 42);
    book_heads(book, names, COUNT(names));
    for (const struct publish_item *item = p->item; item; item = item->next, book->row++) {
        book_text(book, 0, item->last ? T(p, LAST_PLAN) : T(p, PLAN));
        book_text(book, 1, item->number);
        book_text(book, 2, item->priority);
        book_text(book, 3, item->activity);
        book_text(book, 4, item->when);
        book_text(book, 5, item->who);
        book_text(book, 6, publish_state_name(p->language, item->state));
    }
}
