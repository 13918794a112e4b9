#include "client/core/instrument.h"

#include "common/error.h"
#include "common/text.h"

/* PermenPANRB 14/2017. Known by code, never by position: many forms ask U9 before U8. */
static const char *const skm_2017[] = {"u1", "u2", "u3", "u4", "u5", "u6", "u7", "u8", "u9"};

static const struct instrument instruments[] = {
    {"skm-2017", sizeof skm_2017 / sizeof *skm_2017, 4, skm_2017},
};

#define COUNT (sizeof instruments / sizeof *instruments)

const struct instrument *instrument_find(const char *code, struct error *err)
{
    if (!code)
        return &instruments[0];
    const char *codes[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        if (strcmp(instruments[i].code, code) == 0)
            return &instruments[i];
        codes[i] = instruments[i].code;
    }
    const char *near = text_nearest(code, codes, COUNT);
    error_set(err, ERROR_USAGE, "instrument", "there is no instrument %.64s; did you mean %s?",
              code, near ? near : codes[0]);
    return NULL;
}
