/*
 * Questionnaires as text for the tests, and short ways to read and write them.
 */
#ifndef SUARA_TESTS_COMMON_INSTRUMENT_H
#define SUARA_TESTS_COMMON_INSTRUMENT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/arena.h"
#include "common/buf.h"
#include "common/error.h"
#include "common/instrument.h"

/* The lines of a small one, as instrument_write has them. */
static const char *const made_lines[] = {
    "[instrument]",
    "code = tiga",
    "version = 1",
    "name = Tiga pertanyaan",
    "name_en = Three questions",
    "scale = 3",
    "",
    "[method]",
    "exact = 1/2",
    "0.49 = 49/100",
    "",
    "[element U1]",
    "name = Mutu",
    "name_en = Quality",
    "1 = Buruk",
    "2 = Cukup; sedang",
    "3 = Baik = sekali",
    "1_en = Bad",
    "2_en = Fair",
    "3_en = Good",
    "",
    "[element U2]",
    "name = Waktu",
    "",
    "[grade A]",
    "quality = Baik",
    "quality_en = Good",
    "from = 80.01",
    "to = 100.00",
    "",
    "[grade B]",
    "quality = Buruk",
    "from = 33.33",
    "to = 80.00",
};
#define MADE_LINES (sizeof made_lines / sizeof *made_lines)

/* All lines, but for line `place` (from 0) `instead`; NULL: that line is left out. */
static inline void made_text(struct buf *out, size_t place, const char *instead)
{
    buf_clear(out);
    for (size_t i = 0; i < MADE_LINES; i++) {
        const char *line = i == place ? instead : made_lines[i];
        if (line)
            buf_printf(out, "%s\n", line);
    }
    assert_false(out->failed);
}

#endif
