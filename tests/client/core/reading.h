/*
 * For tests: one CSV text through the import, and what became of its rows.
 */
#ifndef SUARA_TESTS_CLIENT_READING_H
#define SUARA_TESTS_CLIENT_READING_H

#include "client/core/csv.h"
#include "client/core/import.h"
#include "client/core/import_map.h"
#include "client/core/instrument.h"
#include "common/buf.h"
#include "common/error.h"

#define READING_MOST 64u

struct reading {
    struct import_settings settings;
    const char *map; /* text; NULL: none */

    int status;
    struct error err;
    unsigned taken, rejected;
    struct import_row row[READING_MOST]; /* taken ones; their texts are gone, but for: */
    struct buf said; /* "line|word|word..|comment|kind" of taken, "line!field reason" of rejected */
    struct buf cells; /* canonical rows of all, one on a line */

    struct import *import;
    bool header;
};

static inline int reading_row(const struct csv_row *row, void *arg, struct error *err)
{
    struct reading *r = arg;
    struct import_row response;
    struct rules_fault fault;
    if (!r->header) {
        r->header = true;
        return import_header(r->import, row, err);
    }
    enum import_status status = import_row(r->import, row, &response, &fault, err);
    if (status == IMPORT_FAILED)
        return -1;
    if (status == IMPORT_BLANK)
        return 0;
    import_canonical_row(r->import, row, &r->cells);
    buf_putc(&r->cells, '\n');
    buf_printf(&r->said, "%llu", (unsigned long long)row->line);
    if (status == IMPORT_REJECTED) {
        buf_printf(&r->said, "!%s %s\n", fault.field, fault.reason);
        r->rejected++;
        return 0;
    }
    for (unsigned i = 0; i < WORD_COUNT; i++)
        buf_printf(&r->said, "|%.*s", (int)response.word[i].size, response.word[i].text);
    buf_printf(&r->said, "|%.*s|%s\n", (int)response.comment.size, response.comment.text,
               import_comment_kind_name(response.comment_kind));
    if (r->taken < READING_MOST)
        r->row[r->taken] = response;
    r->taken++;
    return 0;
}

/* r: zeroed, or with settings. Filled in where not given: instrument, office, now, zone as it is.
 */
static inline void reading_run(struct reading *r, const char *text, size_t size)
{
    struct import_map *map = NULL;
    error_clear(&r->err);
    buf_puts(&r->said, "");
    buf_puts(&r->cells, "");
    r->status = -1;
    if (!r->settings.instrument)
        r->settings.instrument = instrument_find(NULL, NULL);
    if (!r->settings.office)
        r->settings.office = "BBPOM-SMG";
    if (r->settings.now_ms == 0)
        r->settings.now_ms = 1700000000000; /* 2023-11-14 */
    if (r->map)
        map = import_map_parse(r->map, "peta.ini", &r->err);
    r->settings.map = map;
    if (!r->map || map)
        r->import = import_new(&r->settings, &r->err);
    struct csv_reader *csv = csv_reader_new(reading_row, r);
    if (!csv)
        (void)error_set(&r->err, ERROR_IO, NULL, "memory ran out");
    if (r->import && csv && csv_reader_feed(csv, text, size, &r->err) == 0 &&
        csv_reader_finish(csv, &r->err) == 0)
        r->status = 0;
    csv_reader_free(&csv);
    import_free(&r->import);
    import_map_free(&map);
}

static inline void reading_release(struct reading *r)
{
    buf_release(&r->said);
    buf_release(&r->cells);
}

#endif
