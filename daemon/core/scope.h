/*
 * What a question is about, held against what the asker may see: offices, days, instrument. All
 * kinds of questions understand these fields here, and say the same of what is wrong with them.
 */
#ifndef SUARA_DAEMON_CORE_SCOPE_H
#define SUARA_DAEMON_CORE_SCOPE_H

#include "daemon/core/directory.h"
#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>

struct error;

struct scope {
    int32_t *offices; /* ids, ascending, each once */
    size_t office_count;
    civil_day from, to; /* inclusive */
};

/*
 * The offices of these codes, with subtree those below them too; no codes = all that the principal
 * may see. -1 and *err, field "office": INVALID with the nearest code it may see, or
 * PERMISSION_DENIED.
 */
int scope_offices(struct scope *scope, const struct directory *directory,
                  const struct principal *principal, const ProtobufCBinaryData *code, size_t codes,
                  bool subtree, struct error *err) __attribute__((warn_unused_result));

/* Is the office of this id in it? */
bool scope_has(const struct scope *scope, int32_t office_id);

/* Days as year x 10000 + month x 100 + day; -1 and INVALID, field "from" or "to". */
int scope_days(struct scope *scope, uint32_t from, uint32_t to, struct error *err)
    __attribute__((warn_unused_result));

/* "" = skm-2017. NULL and INVALID, field "instrument". */
const struct instrument *scope_instrument(const struct directory *directory,
                                          ProtobufCBinaryData code, struct error *err)
    __attribute__((warn_unused_result));

/* "no office WESD is known; the nearest is WEST". known may hold NULLs; -1, always. */
int scope_unknown(struct error *err, const char *field, ProtobufCBinaryData given,
                  const char *const *known, size_t count);

void scope_release(struct scope *scope);

#endif
