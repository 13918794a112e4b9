/*
 * Questionnaires as text, from administrators and, to clients, from the daemon: what is taken is
 * within the limits and reads the same once more; what is not is one sentence with its line.
 */
#include "common/instrument.h"
#include "common/arena.h"
#include "common/buf.h"
#include "common/error.h"
#include "common/text.h"
#include "tests/fuzz/fuzz.h"

static void check(const struct instrument *instrument)
{
    must(instrument->id == 0 && instrument->elements >= 1);
    must(instrument->elements <= INSTRUMENT_ELEMENTS_MAX);
    must(instrument->scale >= 1 && instrument->scale <= INSTRUMENT_SCALE_MAX);
    must(instrument->methods >= 1 && instrument->methods <= INSTRUMENT_METHODS_MAX);
    must(strcmp(instrument->method[0].name, "exact") == 0);
    must(instrument->bounds <= INSTRUMENT_GRADES_MAX);
    for (size_t i = 0; i < instrument->methods; i++)
        must(instrument->method[i].num > 0 && instrument->method[i].den > 0);
    for (size_t i = 0; i < instrument->bounds; i++)
        must(instrument->bound[i].low <= instrument->bound[i].high);
    for (size_t i = 0; i < instrument->elements; i++) {
        const struct element *element = &instrument->element[i];
        must(element->code[0] && element->name_id && element->name_en);
        must(!element->label_id == !element->label_en);
        for (size_t k = 0; element->label_id && k < instrument->scale; k++)
            must(element->label_id[k] && element->label_en[k]);
        for (size_t k = 0; k < i; k++)
            must(strcmp(instrument->column[i], instrument->column[k]) != 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena, second;
    struct buf once = {0}, twice = {0};
    struct error err = {0};
    arena_init(&arena, INSTRUMENT_ARENA);
    arena_init(&second, INSTRUMENT_ARENA);
    char *text = fuzz_copy(data, size, 0);
    const struct instrument *instrument = instrument_parse(&arena, text, size, NULL, &err);
    free(text);
    if (instrument) {
        check(instrument);
        instrument_write(instrument, &once);
        must(!once.failed);
        instrument = instrument_parse(&second, once.data, once.len, NULL, &err);
        must(instrument);
        check(instrument);
        instrument_write(instrument, &twice);
        must(once.len == twice.len && memcmp(once.data, twice.data, once.len) == 0);
    } else {
        must(err.code == ERROR_INVALID || err.code == ERROR_TOO_LARGE ||
             err.code == ERROR_UNAVAILABLE);
        must(err.text[0] && !strchr(err.text, '\n'));
        must(text_check(err.text, strlen(err.text), sizeof err.text) == TEXT_OK);
    }
    arena_release(&arena);
    arena_release(&second);
    buf_release(&once);
    buf_release(&twice);
    return 0;
}
