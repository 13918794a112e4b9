/* No row of a file is lost or changed when memory runs out while it is read. */
#include "tests/scarce.h"

#include "client/core/import_map.h"
#include "client/core/instrument.h"
#include "client/core/layout_batch.h"
#include "client/core/pack.h"
#include "client/core/pack_part.h"
#include "client/core/plan.h"
#include "client/core/publish.h"
#include "tests/client/core/reading.h"

static int read_map(const void *text, struct buf *out, struct error *err)
{
    struct import_map *map = import_map_parse(text, "peta.ini", err);

    if (!map)
        return -1;
    buf_puts(out, "read");
    import_map_free(&map);
    return 0;
}

static void of_the_map(void **state)
{
    (void)state;
    assert_true(scarce_sweep("map", read_map,
                             "[columns]\nwaktu = collected_at\n[values.sex]\nPria = L\n") > 3);
}

/* As submit does it: map, header, rows, rejected ones, canonical rows. */
static int read_file(const void *text, struct buf *out, struct error *err)
{
    struct reading r = {.settings = {.zone = ZONE_WIB},
                        .map = "[columns]\nwaktu = collected_at\n[values.sex]\nPria = L\n"};

    reading_run(&r, text, strlen(text));
    buf_printf(out, "%u taken, %u rejected\n%s%s", r.taken, r.rejected, buf_text(&r.said),
               buf_text(&r.cells));
    for (unsigned i = 0; i < r.taken; i++)
        buf_add(out, r.row[i].id.byte, sizeof r.row[i].id.byte);
    out->failed |= r.said.failed | r.cells.failed;
    *err = r.err;
    reading_release(&r);
    return r.status;
}

static void of_a_file(void **state)
{
    static const char *const files[] = {
        "id,waktu,u1,u2,u3,u4,u5,u6,u7,u8,u9,jenis kelamin,layanan,komentar\n"
        "a1,2023-03-01 08:15,4,3,4,3,4,3,4,3,4,Pria,UJI,\"Baik,\n sekali\"\n",
        "waktu;u1;u2;u3;u4;u5;u6;u7;u8;u9\n2023-03-01;4;3;4;3;4;3;4;3;4\n",
        "sep=,\nid,waktu,u1,u2,u3,u4,u5,u6,u7,u8,u9\r\na1,2023-03-01 08:15,4,3,4,3,4,3,4,3,4\r\n",
    };
    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        assert_true(scarce_sweep(files[i], read_file, files[i]) > 10);
}

static struct import_row row_of(unsigned i)
{
    struct import_row row = {.line = i + 2, .hash = (int64_t)i + 1, .elements = 9};

    memset(row.id.byte, (int)i, sizeof row.id.byte);
    row.collected = UINT64_C(1677633300000);
    memset(row.ratings, 3, 9);
    row.word[WORD_SEX] = (struct import_word){i % 2 ? "L" : "P", 1};
    row.comment = (struct import_word){"Baik", 4};
    return row;
}

static int pack_some(struct buf *out, struct error *err)
{
    static const struct uuid batch = {{1, 2, 3, 4, 5, 6, 0x70, 8, 0x80}};
    struct pack *pack = pack_new("skm-2017", 0);
    int rc = -1;

    if (pack) {
        bool all = true;
        for (unsigned i = 0; i < 40; i++) {
            struct import_row row = row_of(i);
            all = pack_add(pack, &row) && all;
        }
        const struct buf *whole = all ? pack_finish(pack, &batch) : NULL;
        if (whole) {
            buf_add(out, whole->data, whole->len);
            rc = 0;
        }
    }
    if (rc != 0)
        (void)error_set(err, ERROR_IO, NULL, "memory ran out");
    pack_free(&pack);
    return rc;
}

static int pack_it(const void *arg, struct buf *out, struct error *err)
{
    (void)arg;
    return pack_some(out, err);
}

/* A batch is taken apart, looked at, and shown. */
static int take_apart(const void *arg, struct buf *out, struct error *err)
{
    const struct buf *whole = arg;
    static const struct uuid batch = {{9}};
    struct pack_view *view = pack_view_open(whole->data, whole->len, err);
    struct import_row row;
    int rc = -1;

    if (!view)
        return -1;
    const char *instrument = pack_view_instrument(view);
    if (!instrument)
        (void)error_set(err, ERROR_IO, NULL, "memory ran out");
    else if (pack_part(view, 10, 20, &batch, out, err) == 0 &&
             pack_view_row(view, 39, &row, err) == 0) {
        pack_canonical_row(&row, ZONE_WIB, out);
        rc = 0;
    }
    pack_view_close(&view);
    return rc;
}

static int show_it(const void *arg, struct buf *out, struct error *err)
{
    static const struct layout_style csv = {.format = LAYOUT_CSV};
    const struct buf *whole = arg;
    struct layout_rows rows;

    layout_rows_init(&rows);
    int rc =
        layout_batch(&rows, whole->data, whole->len, instrument_find(NULL, NULL), ZONE_WIB, err);
    if (rc == 0)
        layout_rows_print(out, &rows, &csv);
    layout_rows_release(&rows);
    return rc;
}

static void of_a_batch(void **state)
{
    struct buf whole = {0};
    struct error err;

    (void)state;
    assert_true(scarce_sweep("pack", pack_it, NULL) > 5);
    assert_int_equal(pack_some(&whole, &err), 0);
    assert_true(scarce_sweep("part", take_apart, &whole) > 3);
    assert_true(scarce_sweep("batch shown", show_it, &whole) > 3);
    buf_release(&whole);
}

static int read_plan(const void *text, struct buf *out, struct error *err)
{
    struct publication p;

    publication_init(&p);
    p.to = 20230713;
    int rc = plan_read(&p, "plan.csv", text, strlen(text), err);
    for (const struct publish_item *item = p.item; rc == 0 && item; item = item->next)
        buf_printf(out, "%s|%s|%s|%s|%s\n", item->number, item->priority, item->activity,
                   item->when, item->who);
    publication_release(&p);
    return rc;
}

static void of_the_plan(void **state)
{
    (void)state;
    assert_true(scarce_sweep("plan", read_plan,
                             "No;Prioritas Unsur;Program/Kegiatan;Waktu;Penanggung Jawab;Status\n"
                             "1;U8;Kotak pengaduan daring;TW II 2023;Ketua tim layanan;Selesai\n"
                             "2;U3;\"Hasil uji; lewat surel\";2023-Q3;Ketua tim;berjalan\n") > 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_the_map),
        cmocka_unit_test(of_a_file),
        cmocka_unit_test(of_a_batch),
        cmocka_unit_test(of_the_plan),
    };
    return cmocka_run_group_tests_name("client/core/scarce_import", tests, NULL, NULL);
}
