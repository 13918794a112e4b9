#include "client/core/layout_json.h"
#include "client/core/publish.h"
#include "common/buf.h"

/* Figures with fixed decimals are text, what is absent is null: as in all our JSON. */

static json_t *text(const char *value)
{
    return layout_json_text_or_null(value, strlen(value));
}

static json_t *count(uint64_t n)
{
    return json_integer((json_int_t)n);
}

static json_t *hundredths(uint32_t value, bool known)
{
    char out[PUBLISH_NUMBER];

    publish_index(value, out);
    return known ? json_string(out) : json_null();
}

/* A minus that programs read. */
static json_t *difference(int64_t value, unsigned decimals)
{
    char out[PUBLISH_NUMBER];

    publish_signed(value < 0 ? -value : value, decimals, out);
    if (value < 0)
        out[0] = '-';
    return json_string(value > 0 ? out + 1 : out);
}

static json_t *day(civil_day value)
{
    char out[16];

    civil_format_day(value, out);
    return value ? json_string(out) : json_null();
}

static json_t *interval(const struct publish_figure *figure)
{
    json_t *object = json_object();

    if (figure->high == 0) {
        json_decref(object);
        return json_null();
    }
    object = layout_json_put(object, "low", hundredths(figure->low, true));
    return layout_json_put(object, "high", hundredths(figure->high, true));
}

static json_t *figure_object(const struct publication *p, const struct publish_figure *figure)
{
    bool known = figure->n > 0 && !figure->hidden;
    json_t *object = json_object();

    object = layout_json_put(object, "n", count(figure->n));
    object = layout_json_put(object, "index", hundredths(figure->index, known));
    object = layout_json_put(object, "interval", interval(figure));
    object = layout_json_put(object, "grade", text(figure->grade));
    return layout_json_put(object, "quality", text(publication_quality(p, figure->grade)));
}

static json_t *elements(const struct publication *p)
{
    json_t *array = json_array();
    char out[PUBLISH_NUMBER];

    for (size_t i = 0; i < p->elements; i++) {
        const struct publish_element *element = &p->element[i];
        json_t *one = json_object(), *spread = json_array();
        for (unsigned r = 0; element->spread && r < p->scale; r++)
            spread = layout_json_append(spread, count(element->spread[r]));
        one = layout_json_put(one, "code", text(element->code));
        one = layout_json_put(one, "name", text(element->name[p->language]));
        one = layout_json_put(one, "sum", count(element->sum));
        publish_nrr(element->sum, p->total.n, out);
        one = layout_json_put(one, "nrr", json_string(out));
        publish_weighted(p, element, out);
        one = layout_json_put(one, "weighted", json_string(out));
        one = layout_json_put(one, "rank", json_integer(element->rank));
        one = layout_json_put(one, "spread", spread);
        array = layout_json_append(array, one);
    }
    return array;
}

static json_t *trend(const struct publication *p)
{
    json_t *array = json_array();

    for (size_t i = 0; i < p->trends; i++) {
        const struct publish_figure *figure = &p->trend[i];
        json_t *one = figure_object(p, figure);
        one = layout_json_put(one, "period", text(figure->key));
        one = layout_json_put(one, "change",
                              figure->change_known ? difference(figure->change, 2) : json_null());
        one = layout_json_put(one, "beyond_chance",
                              figure->change_known ? json_boolean(figure->change_beyond)
                                                   : json_null());
        array = layout_json_append(array, one);
    }
    return array;
}

static json_t *groups(const struct publication *p)
{
    json_t *object = json_object();

    for (enum publish_axis axis = 0; axis < PUBLISH_AXES; axis++) {
        const struct publish_group *g = &p->group[axis];
        json_t *array = json_array();
        for (size_t i = 0; i < g->count; i++) {
            const struct publish_figure *row = &g->row[i];
            json_t *one = figure_object(p, row);
            one = layout_json_put(one, "key", row->hidden ? json_null() : text(row->key));
            one = layout_json_put(one, "label", text(row->name[p->language]));
            one = layout_json_put(one, "hidden", json_boolean(row->hidden));
            array = layout_json_append(array, one);
        }
        object = layout_json_put(object, publish_axis_code(axis), array);
    }
    return object;
}

/* null without self-assessments: not the same as no difference. */
static json_t *gap(const struct publication *p)
{
    json_t *array = json_array(), *object;
    char out[PUBLISH_NUMBER];

    if (p->provider_n == 0) {
        json_decref(array);
        return json_null();
    }
    for (size_t i = 0; i < p->elements; i++) {
        const struct publish_element *element = &p->element[i];
        json_t *one = layout_json_put(json_object(), "code", text(element->code));
        publish_nrr(element->sum, p->total.n, out);
        one = layout_json_put(one, "recipient", json_string(out));
        publish_nrr(element->provider_sum, p->provider_n, out);
        one = layout_json_put(one, "provider", json_string(out));
        one = layout_json_put(one, "difference", difference(element->gap, 3));
        one = layout_json_put(one, "beyond_chance", json_boolean(element->gap_beyond));
        array = layout_json_append(array, one);
    }
    object = layout_json_put(json_object(), "provider", figure_object(p, &p->provider));
    return layout_json_put(object, "elements", array);
}

static json_t *plan(const struct publication *p, bool last)
{
    static const char *const state[PUBLISH_STATES] = {"open", "running", "done", "dropped"};
    json_t *array = json_array();

    for (const struct publish_item *item = p->item; item; item = item->next) {
        if (item->last != last)
            continue;
        json_t *one = layout_json_put(json_object(), "number", text(item->number));
        one = layout_json_put(one, "priority", text(item->priority));
        one = layout_json_put(one, "activity", text(item->activity));
        one = layout_json_put(one, "when", text(item->when));
        one = layout_json_put(one, "responsible", text(item->who));
        one = layout_json_put(one, "state", json_string(state[item->state]));
        array = layout_json_append(array, one);
    }
    if (!p->plan_given) {
        json_decref(array);
        return json_null();
    }
    return array;
}

static json_t *sample(const struct publication *p)
{
    bool known = p->population_known;
    json_t *object = layout_json_put(json_object(), "n", count(p->total.n));

    object = layout_json_put(object, "population", known ? count(p->population) : json_null());
    object = layout_json_put(object, "need", known ? count(p->need) : json_null());
    object = layout_json_put(object, "enough",
                             known ? json_boolean(publication_enough(p)) : json_null());
    return layout_json_put(object, "last_collected", day(p->last_collected));
}

void publish_json(struct buf *out, const struct publication *p)
{
    json_t *object = json_object();
    struct buf summary = {0};

    publish_summary(&summary, p);
    object = layout_json_put(object, "office", text(p->office));
    object = layout_json_put(object, "office_name", text(p->office_name));
    object = layout_json_put(object, "offices", json_integer(p->offices));
    object = layout_json_put(object, "from", day(p->from));
    object = layout_json_put(object, "to", day(p->to));
    object = layout_json_put(object, "language",
                             json_string(publish_text(p->language, PUBLISH_LANG_TEXT)));
    object = layout_json_put(object, "instrument", text(p->instrument));
    object = layout_json_put(object, "method", text(p->method));
    object = layout_json_put(object, "scale", json_integer(p->scale));
    object = layout_json_put(object, "note", text(p->note ? p->note : ""));
    object = layout_json_put(object, "summary", text(buf_text(&summary)));
    object = layout_json_put(object, "total", figure_object(p, &p->total));
    object = layout_json_put(object, "sample", sample(p));
    object = layout_json_put(object, "elements", elements(p));
    object = layout_json_put(object, "trend", trend(p));
    object = layout_json_put(object, "small_cell",
                             p->small_cell ? json_integer(p->small_cell) : json_null());
    object = layout_json_put(object, "groups", groups(p));
    object = layout_json_put(object, "gap", gap(p));
    object = layout_json_put(object, "last_plan", plan(p, true));
    object = layout_json_put(object, "plan", plan(p, false));
    object = layout_json_put(object, "made", day(p->made));
    object = layout_json_put(object, "program", text(p->program));
    layout_json_print(out, object);
    buf_done(&summary, out);
}
