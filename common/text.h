/*
 * Text from people and peers: is it text at all, how wide is it, how is it shown safely, and which
 * known word did they mean.
 */
#ifndef SUARA_COMMON_TEXT_H
#define SUARA_COMMON_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

enum text_fault {
    TEXT_OK = 0,
    TEXT_TOO_LONG, /* over max bytes */
    TEXT_NOT_UTF8, /* overlong forms, surrogates and halves included */
    TEXT_NUL,      /* a zero byte */
    TEXT_CONTROL,  /* C0 (but newline and tab), DEL, C1 */
};

/* Checks size bytes, not zero-terminated. A fault has a reason in words: text_fault_reason(). */
enum text_fault text_check(const void *data, size_t size, size_t max);
const char *text_fault_reason(enum text_fault fault); /* "is not valid UTF-8" */

/* Is all of it valid UTF-8? Zero bytes and control characters are. */
bool text_is_utf8(const void *data, size_t size);

/*
 * Appends text so that a terminal shows it and obeys nothing in it: control characters,
 * bidirectional controls and other invisible ones that deceive become \x1b, \u202e ..; broken
 * UTF-8 becomes \xNN. Newline and tab are written as \n and \t.
 */
void text_escape(struct buf *out, const void *data, size_t size);

/* Columns that size bytes of UTF-8 take on a terminal. */
size_t text_width(const void *data, size_t size);

/*
 * Appends one CSV field (RFC 4180), quoted where needed, also around ; and tab, at which some
 * spreadsheets split. Text that a spreadsheet would take for a formula (= + - @ tab CR in front)
 * gets a ' in front; numbers (-5, +1.5e3) stay as they are. So does what looks as if it had got
 * one: who takes one away from all that look so has the text again.
 */
void text_csv_field(struct buf *out, const void *data, size_t size);
bool text_csv_guarded(const void *data, size_t size); /* it looks so */

/*
 * The word of the list that is nearest to `word` (case ignored), or NULL when none is near: at most
 * a third of its letters may differ (2 for short words), never all. NULL entries in the list are
 * passed over.
 */
const char *text_nearest(const char *word, const char *const *list, size_t count);

/* A code as offices, services and principals have: 1..64 of A-Z a-z 0-9 . _ -, no . - in front. */
bool text_is_code(const char *text);

#endif
