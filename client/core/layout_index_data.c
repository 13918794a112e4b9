#include "client/core/layout_index.h"

#include "client/core/layout_figure.h"
#include "client/core/layout_json.h"
#include "client/core/message.h"
#include "common/buf.h"
#include "common/figure.h"
#include "common/text.h"
#include <ctype.h>

/* An axis has a key of its own, but for the office, which has its column anyway. */
static bool has_key(const struct layout_ask *ask, size_t axis)
{
    return ask->by[axis][0] != '\0' && strcmp(ask->by[axis], "office") != 0;
}

/* ---- JSON ---------------------------------------------------------------------------------- */

static json_t *text_or_null(const char *text)
{
    return layout_json_text_or_null(text, strlen(text));
}

static json_t *json_hundredths(uint32_t value)
{
    char figure[32];

    snprintf(figure, sizeof figure, "%u.%02u", value / 100, value % 100);
    return json_string(figure);
}

static json_t *json_labels(const struct layout_index_row *row, const struct layout_ask *ask)
{
    json_t *object = json_object();

    for (size_t i = 0; i < LAYOUT_AXES; i++)
        if (ask->by[i][0])
            object = layout_json_put(object, ask->by[i], text_or_null(row->label[i]));
    return object;
}

static json_t *json_elements(const struct layout_index *index, const struct layout_index_row *row)
{
    json_t *array = json_array();

    for (size_t i = 0; i < index->element_count; i++) {
        char mean[32] = "";
        json_int_t sum = row->sum ? (json_int_t)row->sum[i] : 0;
        json_t *one = layout_json_put(json_object(), "code", text_or_null(index->element[i]));

        if (row->sum)
            figure_mean(row->sum[i], row->n, mean);
        one =
            layout_json_put(one, "n", row->hidden ? json_null() : json_integer((json_int_t)row->n));
        one = layout_json_put(one, "sum", row->hidden ? json_null() : json_integer(sum));
        one = layout_json_put(one, "mean", text_or_null(mean));
        array = layout_json_append(array, one);
    }
    return array;
}

static json_t *json_row(const struct layout_index *index, const struct layout_index_row *row,
                        const struct layout_ask *ask)
{
    bool known = layout_index_known(row);
    json_t *object = json_object();
    char period[64];

    layout_index_period(row, ask, period);
    object = layout_json_put(object, "office", text_or_null(row->office));
    object = layout_json_put(object, "period", text_or_null(period));
    for (size_t i = 0; i < LAYOUT_AXES; i++)
        if (has_key(ask, i))
            object = layout_json_put(object, ask->by[i], text_or_null(row->key[i]));
    object = layout_json_put(object, "labels", json_labels(row, ask));
    object = layout_json_put(object, "n", json_integer((json_int_t)row->n));
    object = layout_json_put(object, "index", known ? json_hundredths(row->index) : json_null());
    object = layout_json_put(object, "interval",
                             known ? layout_json_interval(row->low, row->high) : json_null());
    object = layout_json_put(object, "grade", text_or_null(known ? row->grade : ""));
    object = layout_json_put(object, "quality", text_or_null(known ? row->quality : ""));
    object = layout_json_put(object, "instrument", text_or_null(index->instrument));
    object = layout_json_put(object, "method", text_or_null(index->method));
    object = layout_json_put(object, "mean_of_offices", json_boolean(index->mean_of_offices));
    object = layout_json_put(object, "offices", json_integer(row->offices));
    object = layout_json_put(object, "scale", json_integer(index->scale));
    object = layout_json_put(object, "hidden", json_boolean(row->hidden));
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
    layout_csv_field(out, text, strlen(text));
    buf_putc(out, ',');
}

static void csv_hundredths(struct buf *out, bool known, uint32_t value)
{
    if (known)
        buf_printf(out, "%u.%02u", value / 100, value % 100);
    buf_putc(out, ',');
}

static void csv_element(struct buf *out, const char *code, const char *what)
{
    struct buf name = {0};

    for (const char *at = code; *at; at++)
        buf_putc(&name, (char)tolower((unsigned char)*at));
    buf_printf(&name, "_%s", what);
    layout_csv_field(out, buf_text(&name), name.len);
    buf_done(&name, out);
}

static void csv_row(struct buf *out, const struct layout_index *index,
                    const struct layout_index_row *row, const struct layout_ask *ask)
{
    bool known = layout_index_known(row), interval = known && row->high > 0;
    char period[64], mean[32];

    layout_index_period(row, ask, period);
    csv_text(out, row->office);
    csv_text(out, period);
    for (size_t i = 0; i < LAYOUT_AXES; i++)
        if (has_key(ask, i))
            csv_text(out, row->key[i]);
    for (size_t i = 0; i < LAYOUT_AXES; i++)
        if (ask->by[i][0])
            csv_text(out, row->label[i]);
    buf_printf(out, "%" PRIu64 ",", row->n);
    csv_hundredths(out, known, row->index);
    csv_hundredths(out, interval, row->low);
    csv_hundredths(out, interval, row->high);
    csv_text(out, known ? row->grade : "");
    csv_text(out, known ? row->quality : "");
    csv_text(out, index->method);
    buf_printf(out, "%s,%u,%u,%s", index->mean_of_offices ? "true" : "false", row->offices,
               index->scale, row->hidden ? "true" : "false");
    for (size_t i = 0; i < index->element_count; i++) {
        mean[0] = '\0';
        if (row->sum)
            figure_mean(row->sum[i], row->n, mean);
        if (row->hidden)
            buf_puts(out, ",,");
        else
            buf_printf(out, ",%" PRIu64 ",%s", row->sum ? row->sum[i] : 0, mean);
    }
    buf_putc(out, '\n');
}

static void print_csv(struct buf *out, const struct layout_index *index,
                      const struct layout_ask *ask)
{
    buf_puts(out, "office,period,");
    for (size_t i = 0; i < LAYOUT_AXES; i++)
        if (has_key(ask, i))
            buf_printf(out, "%s,", ask->by[i]);
    buf_printf(out, "%s%s", ask->by[0][0] ? "label," : "", ask->by[1][0] ? "label2," : "");
    buf_puts(out, "n,index,low,high,grade,quality,method,mean_of_offices,offices,scale,hidden");
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
