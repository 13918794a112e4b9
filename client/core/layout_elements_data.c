#include "client/core/layout_elements.h"

#include "client/core/layout_figure.h"
#include "client/core/layout_json.h"
#include "common/buf.h"
#include "common/instrument.h"
#include "common/text.h"
#include <inttypes.h>

static json_t *text_or_null(const char *text)
{
    return layout_json_text_or_null(text, strlen(text));
}

static json_t *json_counts(const struct elements_one *one, uint32_t scale)
{
    json_t *array = json_array();

    for (uint32_t i = 0; one->spread && i < scale; i++)
        array = layout_json_append(array, json_integer((json_int_t)one->spread[i]));
    if (one->spread)
        return array;
    json_decref(array);
    return json_null();
}

static json_t *json_element(const struct elements_one *one, uint32_t scale, bool hidden)
{
    json_t *object = layout_json_put(json_object(), "code", text_or_null(one->code));
    json_t *n = hidden ? json_null() : json_integer((json_int_t)one->n);
    bool known = one->rank > 0;

    object = layout_json_put(object, "name", text_or_null(one->name));
    object = layout_json_put(object, "n", n);
    object = layout_json_put(object, "counts", json_counts(one, scale));
    object =
        layout_json_put(object, "sum", hidden ? json_null() : json_integer((json_int_t)one->sum));
    object = layout_json_put(object, "mean", text_or_null(one->mean));
    object = layout_json_put(object, "weighted", text_or_null(one->weighted));
    object = layout_json_put(object, "rank", known ? json_integer(one->rank) : json_null());
    object = layout_json_put(object, "strongest", json_boolean(one->strongest));
    object = layout_json_put(object, "weakest", json_boolean(one->weakest));
    return layout_json_put(object, "change",
                           one->compared
                               ? layout_json_change(one->change.thousandths, one->change.known,
                                                    one->change.low, one->change.high,
                                                    one->change.beyond_chance, 3)
                               : json_null());
}

static json_t *json_period(const struct layout_index *index, const struct instrument *instrument,
                           const struct layout_index_row *row, const struct layout_ask *ask)
{
    const struct layout_index_row *before =
        ask->by[0][0] ? layout_elements_before(index, row) : NULL;
    struct elements_one one[INSTRUMENT_ELEMENTS_MAX];
    json_t *object = json_object(), *elements = json_array();
    char text[64];

    layout_index_period(row, ask, text);
    object = layout_json_put(object, "office", text_or_null(row->office));
    object = layout_json_put(object, "period", text_or_null(text));
    object = layout_json_put(object, "n", json_integer((json_int_t)row->n));
    layout_signed(row->index, 2, false, text);
    object =
        layout_json_put(object, "index", layout_index_known(row) ? json_string(text) : json_null());
    object = layout_json_put(object, "instrument", text_or_null(index->instrument));
    object = layout_json_put(object, "method", text_or_null(index->method));
    object = layout_json_put(object, "scale", json_integer(index->scale));
    object = layout_json_put(object, "hidden", json_boolean(row->hidden));
    elements_of(index, instrument, before, row, one);
    for (size_t i = 0; i < index->element_count; i++)
        elements = layout_json_append(elements, json_element(&one[i], index->scale, row->hidden));
    return layout_json_put(object, "elements", elements);
}

void layout_elements_json(struct buf *out, const struct layout_index *index,
                          const struct instrument *instrument, const struct layout_ask *ask)
{
    json_t *array = json_array();

    for (const struct layout_index_row *row = index->first; row; row = row->next)
        array = layout_json_append(array, json_period(index, instrument, row, ask));
    layout_json_print(out, array);
}

/* ---- CSV ----------------------------------------------------------------------------------- */

static void csv_text(struct buf *out, const char *text)
{
    layout_csv_field(out, text, strlen(text));
    buf_putc(out, ',');
}

static void csv_change(struct buf *out, const struct elements_one *one)
{
    const struct figure_gap *change = &one->change;
    char value[32] = "", low[32] = "", high[32] = "";
    bool known = one->compared && change->known;

    if (one->compared)
        layout_signed(change->thousandths, 3, false, value);
    if (known) {
        layout_signed(change->low, 3, false, low);
        layout_signed(change->high, 3, false, high);
    }
    buf_printf(out, "%s,%s,%s,%s\n", value, low, high,
               !known                  ? ""
               : change->beyond_chance ? "true"
                                       : "false");
}

static void csv_element(struct buf *out, const struct layout_index *index,
                        const struct elements_one *one, bool hidden)
{
    csv_text(out, one->code);
    csv_text(out, one->name);
    if (!hidden)
        buf_printf(out, "%" PRIu64, one->n);
    for (uint32_t i = 0; i < index->scale; i++)
        if (one->spread)
            buf_printf(out, ",%" PRIu64, one->spread[i]);
        else
            buf_putc(out, ',');
    buf_putc(out, ',');
    if (!hidden)
        buf_printf(out, "%" PRIu64, one->sum);
    buf_printf(out, ",%s,%s,", one->mean, one->weighted);
    if (one->rank > 0)
        buf_printf(out, "%u", one->rank);
    buf_printf(out, ",%s,%s,", one->strongest ? "true" : "false", one->weakest ? "true" : "false");
    csv_change(out, one);
}

void layout_elements_csv(struct buf *out, const struct layout_index *index,
                         const struct instrument *instrument, const struct layout_ask *ask)
{
    struct elements_one one[INSTRUMENT_ELEMENTS_MAX];
    char period[64];

    buf_puts(out, "office,period,element,name,n");
    for (uint32_t i = 1; i <= index->scale; i++)
        buf_printf(out, ",gave_%u", i);
    buf_puts(out, ",sum,mean,weighted,rank,strongest,weakest,change,low,high,beyond_chance\n");
    for (const struct layout_index_row *row = index->first; row; row = row->next) {
        elements_of(index, instrument, ask->by[0][0] ? layout_elements_before(index, row) : NULL,
                    row, one);
        layout_index_period(row, ask, period);
        for (size_t i = 0; i < index->element_count; i++) {
            csv_text(out, row->office);
            csv_text(out, period);
            csv_element(out, index, &one[i], row->hidden);
        }
    }
}
