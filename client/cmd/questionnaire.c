#include "client/cmd/questionnaire.h"

#include "client/cmd/ask.h"
#include "client/core/message.h"
#include "client/store/profile.h"
#include "common/buf.h"
#include "common/error.h"
#include "common/text.h"

static const struct instrument *fetch(struct instruments *instruments, struct profile *profile,
                                      const char *code, struct error *err)
{
    const struct instrument *found = NULL;
    struct buf text = {0};
    struct error why;

    error_clear(&why);
    struct uplink *uplink = ask_open(profile, &why);
    if (!uplink)
        error_set(err, why.code, "instrument", MSG_INSTRUMENT_AWAY, code, why.text);
    else if (ask_instrument(uplink, code, &text, err) == 0)
        found = instruments_take(instruments, code, text.data, text.len, err);
    uplink_close(&uplink);
    buf_release(&text);
    return found;
}

const struct instrument *questionnaire(struct instruments *instruments, struct profile *profile,
                                       const char *code, bool may_ask, struct error *err)
{
    struct error why;

    error_clear(&why);
    const struct instrument *found = instruments_find(instruments, code, &why);
    if (found)
        return found;
    /* A copy that can't be read is no worse than none: the server's takes its place. */
    if (may_ask && text_is_code(code))
        return fetch(instruments, profile, code, err);
    if (text_is_code(code))
        error_set(err, why.code, "instrument", MSG_INSTRUMENT_NO_SEND, why.text);
    else
        *err = why;
    return NULL;
}
