/*
 * A reader in a loop, for the tests of it, and some responses in two offices.
 */
#ifndef SUARA_TESTS_DAEMON_DB_READING_H
#define SUARA_TESTS_DAEMON_DB_READING_H

#include "daemon/db/reader.h"
#include "tests/daemon/db/fixture.h"

struct told {
    unsigned finished, expected; /* answers, and how many make it all */
    bool all;
    struct event_base *base;
    struct reader *reader;
    bool connected, done, what_changed;
    struct error err;
    struct directory *directory;
    uint32_t index[8];
    size_t count;
    int left;
    struct figures_cell cell[16];
    int64_t first_sum[16], fourth[16];
};

static struct told told;

static inline void on_changed(void *arg)
{
    (void)arg;
    told.connected = reader_connected(told.reader) == 2;
}

static inline void on_what_changed(void *arg)
{
    (void)arg;
    told.what_changed = true;
}

static inline void finish(const struct error *err)
{
    told.err = err ? *err : (struct error){0};
    told.done = true;
    told.finished++;
    told.all = told.finished == told.expected;
}

static inline void open_reader(const char *text)
{
    struct error err = {0};
    const struct db_settings settings = {
        .conninfo = text, .connections = 2, .connect_ms = 3000, .statement_ms = 3000};
    told = (struct told){.base = event_base_new()};
    told.reader = reader_new(told.base, &settings, on_changed, on_what_changed, NULL, &err);
    if (!told.reader)
        fail_msg("%s", err.text);
}

static inline int set_up(void **state)
{
    (void)state;
    open_reader(conninfo("suara_report", "suara"));
    loop_until(told.base, &told.connected, NULL);
    return 0;
}

static inline int tear_down(void **state)
{
    (void)state;
    reader_free(&told.reader);
    directory_free(&told.directory);
    event_base_free(told.base);
    return 0;
}

/* ---- responses ---- */

#define STORE(office, number, day, perspective)                                                    \
    "INSERT INTO suara.response SELECT " office ", 1, now(), 1, "                                  \
    "rpad(left(suara.uuid_floor(extract(epoch FROM timestamptz '" day                              \
    "')::bigint * 1000 + " number                                                                  \
    ")::text, 13), 36, '-7000-8000-000000000000')::uuid, 1, 1, 1, " perspective ", 0, 0, 0, 0, "   \
    "'\\x040302010403020104'; INSERT INTO suara.stale (office_id, month, instrument_id) "          \
    "SELECT " office ", date_trunc('month', timestamptz '" day "')::date, 1"

static inline void make_responses(void)
{
    sql("TRUNCATE suara.response, suara.stale, suara.rollup");
    sql(STORE("1", "1", "2023-01-10 12:00Z", "1"));
    sql(STORE("1", "2", "2023-01-10 12:00Z", "1"));
    sql(STORE("1", "3", "2023-02-10 12:00Z", "1"));
    sql(STORE("1", "4", "2023-02-10 12:00Z", "2"));
    sql(STORE("2", "5", "2023-02-28 12:00Z", "1"));
}

#endif
