#include "client/core/layout_index.h"

#include "client/core/layout_json.h"
#include "client/core/message.h"
#include "common/buf.h"
#include "common/error.h"
#include "common/text.h"
#include <ctype.h>

/* Far above what people can answer, and still safe to multiply by thousands. */
#define FIGURE_MAX (UINT64_C(1) << 50)

void layout_index_init(struct layout_index *index)
{
    *index = (struct layout_index){0};
    arena_init(&index->arena, LAYOUT_MEMORY_MAX);
}

void layout_index_release(struct layout_index *index)
{
    arena_release(&index->arena);
    index->first = index->last = NULL;
    index->element = NULL;
    index->instrument = index->method = NULL;
    index->element_count = index->count = 0;
}

/* ---- collecting ---------------------------------------------------------------------------- */

static int too_large(struct error *err)
{
    return error_set(err, ERROR_TOO_LARGE, NULL, MSG_ANSWER_TOO_BIG);
}

static int odd(struct error *err)
{
    return error_set(err, ERROR_INTERNAL, NULL, MSG_ANSWER_ODD);
}

static char *copy(struct layout_index *index, const ProtobufCBinaryData *text)
{
    return arena_strndup(&index->arena, text->len ? (const void *)text->data : "", text->len);
}

static int take_head(struct layout_index *index, const Suara__V1__Rows *rows, struct error *err)
{
    index->element = arena_alloc(&index->arena, (rows->n_element + 1) * sizeof(char *));
    index->instrument = copy(index, &rows->instrument);
    index->method = copy(index, &rows->method);
    if (!index->element || !index->instrument || !index->method)
        return too_large(err);
    for (size_t i = 0; i < rows->n_element; i++) {
        index->element[i] = copy(index, &rows->element[i]);
        if (!index->element[i])
            return too_large(err);
    }
    index->element_count = rows->n_element;
    index->scale = rows->scale;
    return 0;
}

static int take_row(struct layout_index *index, const Suara__V1__Row *from, struct error *err)
{
    struct layout_index_row *row = arena_alloc(&index->arena, sizeof *row);

    if (!row)
        return too_large(err);
    if (from->n > FIGURE_MAX)
        return odd(err);
    *row = (struct layout_index_row){.n = from->n, .offices = from->offices, .index = from->index};
    row->office = copy(index, &from->office);
    row->key = copy(index, &from->key);
    row->label = copy(index, &from->label);
    row->grade = copy(index, &from->grade);
    row->quality = copy(index, &from->quality);
    if (!row->office || !row->key || !row->label || !row->grade || !row->quality)
        return too_large(err);
    if (row->n > 0) {
        if (from->n_sum != index->element_count)
            return odd(err);
        row->sum = arena_alloc(&index->arena, (from->n_sum + 1) * sizeof *row->sum);
        if (!row->sum)
            return too_large(err);
        for (size_t i = 0; i < from->n_sum; i++) {
            if (from->sum[i] > FIGURE_MAX)
                return odd(err);
            row->sum[i] = from->sum[i];
        }
    }
    if (index->last)
        index->last->next = row;
    else
        index->first = row;
    index->last = row;
    index->count++;
    return 0;
}

int layout_index_take(struct layout_index *index, const Suara__V1__Rows *rows, struct error *err)
{
    if (!index->instrument) {
        if (take_head(index, rows, err) < 0)
            return -1;
    } else if (rows->n_element > 0 && rows->n_element != index->element_count) {
        return odd(err);
    }
    for (size_t i = 0; i < rows->n_row; i++)
        if (take_row(index, rows->row[i], err) < 0)
            return -1;
    return 0;
}

/* ---- figures ------------------------------------------------------------------------------- */

void layout_mean(uint64_t sum, uint64_t n, char out[32])
{
    uint64_t whole = sum / n, thousandths = (sum % n * 2000 + n) / (n * 2);

    if (thousandths == 1000) {
        whole++;
        thousandths = 0;
    }
    snprintf(out, 32, "%" PRIu64 ".%03" PRIu64, whole, thousandths);
}

void layout_index_period(const struct layout_index_row *row, const struct layout_ask *ask,
                         char out[64])
{
    char from[16], to[16];

    if (strcmp(ask->by[0], "month") == 0 || strcmp(ask->by[0], "year") == 0) {
        snprintf(out, 64, "%.60s", row->key);
    } else if (ask->period) {
        snprintf(out, 64, "%.60s", ask->period);
    } else {
        civil_format_day(ask->from, from);
        civil_format_day(ask->to, to);
        snprintf(out, 64, "%s..%s", from, to);
    }
}

/* The dimension's own column: none for one row, and an office has its column anyway. */
static bool has_key(const struct layout_ask *ask)
{
    return ask->by[0][0] != '\0' && strcmp(ask->by[0], "office") != 0;
}

/* ---- JSON ---------------------------------------------------------------------------------- */

static json_t *text_or_null(const char *text)
{
    return layout_json_text_or_null(text, strlen(text));
}

static json_t *json_elements(const struct layout_index *index, const struct layout_index_row *row)
{
    json_t *array = json_array();

    for (size_t i = 0; i < index->element_count; i++) {
        char mean[32];
        json_t *one = json_object();

        one = layout_json_put(one, "code", text_or_null(index->element[i]));
        one = layout_json_put(one, "n", json_integer((json_int_t)row->n));
        one = layout_json_put(one, "sum", json_integer(row->n ? (json_int_t)row->sum[i] : 0));
        if (row->n > 0)
            layout_mean(row->sum[i], row->n, mean);
        one = layout_json_put(one, "mean", row->n > 0 ? json_string(mean) : json_null());
        array = layout_json_append(array, one);
    }
    return array;
}

static json_t *json_row(const struct layout_index *index, const struct layout_index_row *row,
                        const struct layout_ask *ask)
{
    char period[64], figure[32];
    json_t *object = json_object();

    layout_index_period(row, ask, period);
    snprintf(figure, sizeof figure, "%u.%02u", row->index / 100, row->index % 100);
    object = layout_json_put(object, "office", text_or_null(row->office));
    object = layout_json_put(object, "period", text_or_null(period));
    if (has_key(ask))
        object = layout_json_put(object, ask->by[0], text_or_null(row->key));
    object = layout_json_put(object, "n", json_integer((json_int_t)row->n));
    object = layout_json_put(object, "index", row->n > 0 ? json_string(figure) : json_null());
    object = layout_json_put(object, "grade", text_or_null(row->n > 0 ? row->grade : ""));
    object = layout_json_put(object, "quality", text_or_null(row->n > 0 ? row->quality : ""));
    object = layout_json_put(object, "method", text_or_null(index->method));
    object = layout_json_put(object, "offices", json_integer(row->offices));
    object = layout_json_put(object, "scale", json_integer(index->scale));
    return layout_json_put(object, "elements", json_elements(index, row));
}

static void print_json(struct buf *out, const struct layout_index *index,
                       const struct layout_ask *ask)
{
    json_t *array = json_array();

    for (const struct layout_index_row *row = index->first; row; row = row->next)
        array = layout_json_append(array, json_row(index, row, ask));
    layout_json_print(out, array);
}

/* ---- CSV ----------------------------------------------------------------------------------- */

static void csv_text(struct buf *out, const char *text)
{
    text_csv_field(out, text, strlen(text));
    buf_putc(out, ',');
}

static void csv_element(struct buf *out, const char *code, const char *what)
{
    struct buf name = {0};

    for (const char *at = code; *at; at++)
        buf_putc(&name, (char)tolower((unsigned char)*at));
    buf_printf(&name, "_%s", what);
    if (name.failed)
        out->failed = true;
    else
        text_csv_field(out, name.data, name.len);
    buf_release(&name);
}

static void csv_row(struct buf *out, const struct layout_index *index,
                    const struct layout_index_row *row, const struct layout_ask *ask)
{
    char period[64], mean[32];

    layout_index_period(row, ask, period);
    csv_text(out, row->office);
    csv_text(out, period);
    if (has_key(ask))
        csv_text(out, row->key);
    if (ask->by[0][0])
        csv_text(out, row->label);
    buf_printf(out, "%" PRIu64 ",", row->n);
    if (row->n > 0)
        buf_printf(out, "%u.%02u", row->index / 100, row->index % 100);
    buf_putc(out, ',');
    csv_text(out, row->n > 0 ? row->grade : "");
    csv_text(out, row->n > 0 ? row->quality : "");
    csv_text(out, index->method);
    buf_printf(out, "%u,%u", row->offices, index->scale);
    for (size_t i = 0; i < index->element_count; i++) {
        if (row->n == 0) {
            buf_puts(out, ",0,");
            continue;
        }
        layout_mean(row->sum[i], row->n, mean);
        buf_printf(out, ",%" PRIu64 ",%s", row->sum[i], mean);
    }
    buf_putc(out, '\n');
}

static void print_csv(struct buf *out, const struct layout_index *index,
                      const struct layout_ask *ask)
{
    buf_puts(out, "office,period,");
    if (has_key(ask))
        buf_printf(out, "%s,", ask->by[0]);
    buf_printf(out, "%sn,index,grade,quality,method,offices,scale", ask->by[0][0] ? "label," : "");
    for (size_t i = 0; i < index->element_count; i++) {
        buf_putc(out, ',');
        csv_element(out, index->element[i], "sum");
        buf_putc(out, ',');
        csv_element(out, index->element[i], "mean");
    }
    buf_putc(out, '\n');
    for (const struct layout_index_row *row = index->first; row; row = row->next)
        csv_row(out, index, row, ask);
}

void layout_index_print(struct buf *out, const struct layout_index *index,
                        const struct layout_ask *ask, const struct layout_style *style)
{
    switch (style->format) {
    case LAYOUT_TABLE:
        layout_index_table(out, index, ask, style);
        break;
    case LAYOUT_CSV:
        print_csv(out, index, ask);
        break;
    case LAYOUT_JSON:
        print_json(out, index, ask);
        break;
    }
}
