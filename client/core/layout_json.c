#include "client/core/layout_json.h"

#include "client/core/layout.h"
#include "common/buf.h"
#include "common/text.h"
#include <errno.h>

json_t *layout_json_text(const void *data, size_t size)
{
    if (size == 0)
        return json_string("");
    if (text_is_utf8(data, size))
        return json_stringn(data, size);

    struct buf shown = {0};
    text_escape(&shown, data, size);
    json_t *value = shown.failed ? NULL : json_stringn(shown.data, shown.len);
    buf_release(&shown);
    return value;
}

json_t *layout_json_text_or_null(const void *data, size_t size)
{
    return size == 0 ? json_null() : layout_json_text(data, size);
}

json_t *layout_json_put(json_t *object, const char *key, json_t *value)
{
    if (!object) {
        json_decref(value);
        return NULL;
    }
    if (json_object_set_new(object, key, value) == 0) /* takes the reference, also on failure */
        return object;
    json_decref(object);
    return NULL;
}

json_t *layout_json_append(json_t *array, json_t *value)
{
    if (!array) {
        json_decref(value);
        return NULL;
    }
    if (json_array_append_new(array, value) == 0)
        return array;
    json_decref(array);
    return NULL;
}

static json_t *number(const ProtobufCBinaryData *cell)
{
    char *end;

    errno = 0;
    long long value = strtoll((const char *)cell->data, &end, 10);
    if (errno != 0 || *end != '\0')
        return layout_json_text(cell->data, cell->len);
    return json_integer(value);
}

json_t *layout_json_row(const struct layout_column *columns, size_t count,
                        const ProtobufCBinaryData *cells)
{
    json_t *object = json_object();

    for (size_t i = 0; i < count; i++) {
        const ProtobufCBinaryData *cell = &cells[i];
        json_t *value = columns[i].number && cell->len > 0
                            ? number(cell)
                            : layout_json_text_or_null(cell->data, cell->len);
        object = layout_json_put(object, columns[i].name, value);
    }
    return object;
}

json_t *layout_json_rows(const struct layout_rows *rows)
{
    json_t *array = json_array();

    for (const struct layout_row *row = rows->first; row; row = row->next)
        array = layout_json_append(array,
                                   layout_json_row(rows->columns, rows->column_count, row->cell));
    return array;
}

static json_t *fact_value(const struct layout_fact *fact)
{
    if (fact->absent)
        return json_null();
    switch (fact->kind) {
    case FACT_NUMBER:
        return json_integer(fact->number);
    case FACT_BOOL:
        return json_boolean(fact->number != 0);
    case FACT_TEXT:
        break;
    }
    return fact->text ? layout_json_text(fact->text, strlen(fact->text)) : json_null();
}

json_t *layout_json_facts(const struct layout_fact *facts, size_t count,
                          const struct layout_rows *rows, const char *rows_key)
{
    json_t *object = json_object(), *warnings = json_array();

    for (size_t i = 0; i < count; i++) {
        object = layout_json_put(object, facts[i].key, fact_value(&facts[i]));
        if (facts[i].note)
            warnings = layout_json_append(warnings,
                                          layout_json_text(facts[i].note, strlen(facts[i].note)));
    }
    if (rows)
        object = layout_json_put(object, rows_key, layout_json_rows(rows));
    return layout_json_put(object, "warnings", warnings);
}

static int to_buf(const char *data, size_t size, void *arg)
{
    struct buf *out = arg;

    buf_add(out, data, size);
    return out->failed ? -1 : 0;
}

void layout_json_dump(struct buf *out, json_t *document, size_t flags)
{
    if (!document || json_dump_callback(document, to_buf, out, flags) < 0)
        out->failed = true;
    json_decref(document);
}

void layout_json_print(struct buf *out, json_t *document)
{
    layout_json_dump(out, document, JSON_INDENT(2));
    buf_putc(out, '\n');
}
