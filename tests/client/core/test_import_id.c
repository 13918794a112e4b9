#include "client/core/import.h"

#include "common/digest.h"
#include "tests/client/core/reading.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define U "u1,u2,u3,u4,u5,u6,u7,u8,u9"
#define R "1,2,3,4,1,2,3,4,1"

static void run(struct reading *r, const char *text)
{
    reading_run(r, text, strlen(text));
    assert_int_equal(r->status, 0);
}

static struct reading read_rows(const char *text, const char *office, uint8_t digest)
{
    struct reading r = {.settings = {.zone = ZONE_WIB, .office = office}};
    r.settings.digest[0] = digest;
    run(&r, text);
    reading_release(&r);
    return r;
}

/* Time, then the hash, written out here once more. */
static struct uuid expected(uint64_t ms, const void *text, size_t size)
{
    uint8_t out[DIGEST_SIZE];
    struct digest *digest = digest_new();
    assert_true(digest_of(digest, text, size, out));
    digest_free(&digest);
    return uuid_v8(ms, out);
}

static void are_what_the_design_says(void **state)
{
    (void)state;
    struct reading r =
        read_rows(U ",id,collected_at\n" R ",,2023-07-13\n" R ",k-7,2023-07-14\n", "BBPOM-SMG", 9);
    assert_int_equal(r.taken, 2);
    uint8_t by_row[10 + 10 + 32 + 8] = "suara/row\0BBPOM-SMG";
    by_row[20] = 9;
    by_row[59] = 1;
    struct uuid id = expected(r.row[0].collected, by_row, sizeof by_row);
    assert_memory_equal(&id, &r.row[0].id, sizeof id);
    static const char by_value[] = "suara/id\0BBPOM-SMG\0k-7";
    id = expected(r.row[1].collected, by_value, sizeof by_value - 1);
    assert_memory_equal(&id, &r.row[1].id, sizeof id);
    assert_false(r.row[0].named);
    assert_true(r.row[1].named);
    assert_int_equal(uuid_version(&r.row[1].id), 8);
    assert_int_equal(uuid_ms(&r.row[1].id), r.row[1].collected);
}

static bool same_id(const struct reading *a, const struct reading *b)
{
    return uuid_compare(&a->row[0].id, &b->row[0].id) == 0;
}

static void depend_on_what_they_should(void **state)
{
    (void)state;
    const char *plain = U ",collected_at\n" R ",2023-07-13\n";
    const char *later = U ",collected_at\n" R ",2023-07-14\n";
    struct reading a = read_rows(plain, "A", 1), b = read_rows(plain, "A", 1);
    assert_true(same_id(&a, &b));
    b = read_rows(plain, "A", 2);
    assert_false(same_id(&a, &b));
    b = read_rows(plain, "B", 1);
    assert_false(same_id(&a, &b));
    b = read_rows(later, "A", 1);
    assert_false(same_id(&a, &b));

    const char *named = U ",collected_at,id\n" R ",2023-07-13,7\n";
    a = read_rows(named, "A", 1);
    b = read_rows("id,collected_at," U "\n7,2023-07-13,4,4,4,4,4,4,4,4,4\n", "A", 2);
    assert_true(same_id(&a, &b)); /* the daemon will say CONFLICT */
    b = read_rows(named, "B", 1);
    assert_false(same_id(&a, &b));
}

static void come_from_the_column_asked_for(void **state)
{
    (void)state;
    struct reading a = {.settings = {.zone = ZONE_WIB, .id_column = "Stempel"}};
    run(&a, U ",collected_at,id,stempel\n" R ",2023-07-13,5,k-7\n");
    struct reading b = read_rows(U ",collected_at,id\n" R ",2023-07-13,k-7\n", "BBPOM-SMG", 0);
    assert_true(same_id(&a, &b));
    /* A rejected file of it has the value under `id`. */
    struct reading c = {.settings = {.zone = ZONE_WIB, .id_column = "Stempel"}};
    run(&c, "line,field,reason," U ",id,collected_at\n2,u1,x," R ",k-7,2023-07-13\n");
    assert_true(same_id(&a, &c));
    reading_release(&a);
    reading_release(&c);
}

static void are_kept_when_they_are_ids_of_ours(void **state)
{
    (void)state;
    char text[UUID_TEXT], file[512];
    struct reading a = read_rows(U ",collected_at,id\n" R ",2023-07-13,k-7\n", "A", 1);
    uuid_format(&a.row[0].id, text);
    snprintf(file, sizeof file, U ",collected_at,id\n" R ",2023-07-13,%s\n", text);
    struct reading b = read_rows(file, "A", 2);
    assert_true(same_id(&a, &b));
    /* Not with another time: that would be no valid id. */
    snprintf(file, sizeof file, U ",collected_at,id\n" R ",2023-07-14,%s\n", text);
    b = read_rows(file, "A", 2);
    assert_int_equal(b.taken, 1);
    assert_int_equal(uuid_ms(&b.row[0].id), b.row[0].collected);
    /* Nor another kind of UUID, such as a form's own. */
    snprintf(file, sizeof file,
             U ",collected_at,id\n" R ",2023-07-13,6e2a8b52-8a4c-4b0e-9c4e-0d6a1d0f7b11\n");
    b = read_rows(file, "A", 2);
    assert_int_equal(b.taken, 1);
    assert_int_equal(uuid_version(&b.row[0].id), 8);
}

/* Repeats are known by what the file itself says, whatever is filled in. */
static void have_a_hash_of_the_files_own_columns(void **state)
{
    (void)state;
    struct reading a = {.settings = {.zone = ZONE_WIB, .collected_at = "2019-06-30"}};
    struct reading b = {.settings = {.zone = ZONE_WIB, .collected_at = "2019-07-30"}};
    a.settings.word[WORD_SERVICE] = "UJI";
    const char *text = "u2,u1,u3,u4,u5,u6,u7,u8,u9,sex\n" R ",L\n" R ",P\n";
    run(&a, text);
    run(&b, text);
    assert_int_equal(a.row[0].hash, b.row[0].hash);
    assert_int_not_equal(a.row[0].hash, a.row[1].hash);
    assert_int_not_equal(a.row[0].hash, 0);
    struct reading c = {.settings = {.zone = ZONE_WIB, .collected_at = "2019-07-30"}};
    run(&c, "sex;u1;u3;u2;u4;u5;u6;u7;u8;u9\nL;2;3;1;4;1;2;3;4;1\n");
    assert_int_equal(a.row[0].hash, c.row[0].hash);
    reading_release(&a);
    reading_release(&b);
    reading_release(&c);

    a = read_rows(U ",collected_at\n" R ",2023-07-13\n" R ",2023-07-14\n", "A", 1);
    assert_int_not_equal(a.row[0].hash, a.row[1].hash);
    /* Spreadsheets cut the seconds off; what the settings can fill in does not count. */
    a = read_rows(U ",collected_at\n" R ",2023-07-13 10:05:09\n", "A", 1);
    b = read_rows(U ",collected_at,channel\n" R ",13/07/2023 10:05,web\n", "A", 2);
    assert_int_equal(a.row[0].hash, b.row[0].hash);
    assert_int_not_equal(uuid_compare(&a.row[0].id, &b.row[0].id), 0);
}

#define NAMED "2023-07-13,7\n"

static void name_rows_by_value_and_by_time(void **state)
{
    (void)state;
    struct reading a = read_rows(U ",collected_at,id\n" R "," NAMED R ",2023-07-14,7\n", "A", 1);
    const struct import_row *x = &a.row[0], *y = &a.row[1];
    assert_int_equal(x->names[0], y->names[0]);
    assert_int_not_equal(x->names[1], y->names[1]);
    assert_int_not_equal(x->hash, 0);
    /* Content is told apart by the column that named it. */
    struct reading b = {.settings = {.zone = ZONE_WIB, .id_column = "Kode", .office = "A"}};
    run(&b, U ",collected_at,kode\n" R "," NAMED);
    reading_release(&b);
    assert_int_equal(b.row[0].hash, x->hash);
    assert_int_equal(b.row[0].names[0], x->names[0]);
    assert_int_equal(b.row[0].names[1], x->names[1]);
    assert_int_not_equal(b.row[0].names[2], x->names[2]);
    struct reading c = read_rows(U ",collected_at\n" R ",2023-07-13\n", "A", 1);
    assert_int_equal(c.row[0].hash, x->hash);
    assert_int_equal(c.row[0].names[0], 0);
    struct reading d =
        read_rows("line,field,reason," U ",collected_at,id\n2,u1,x," R "," NAMED, "A", 1);
    assert_int_equal(d.row[0].names[0], x->names[0]);
    assert_int_equal(d.row[0].names[2], 0);
}

static void say_whether_the_value_is_one_of_ours(void **state)
{
    (void)state;
    static const char id[] = "01894aa2-e400-8b52-8a4c-4b0e9c4e0d6a";
    struct reading a = read_rows(U ",collected_at,id\n" R ",2023-07-13,01894aa2-e400-8b52-8a4c-"
                                   "4b0e9c4e0d6a\n" R ",2023-07-13,6e2a8b52-8a4c-4b0e-9c4e-"
                                   "0d6a1d0f7b11\n" R ",2023-07-13,7\n",
                                 "A", 1);
    char text[UUID_TEXT];
    assert_true(a.row[0].is_id);
    uuid_format(&a.row[0].given, text);
    assert_string_equal(text, id);
    assert_false(a.row[1].is_id);
    assert_false(a.row[2].is_id);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(are_what_the_design_says),
        cmocka_unit_test(depend_on_what_they_should),
        cmocka_unit_test(come_from_the_column_asked_for),
        cmocka_unit_test(are_kept_when_they_are_ids_of_ours),
        cmocka_unit_test(have_a_hash_of_the_files_own_columns),
        cmocka_unit_test(name_rows_by_value_and_by_time),
        cmocka_unit_test(say_whether_the_value_is_one_of_ours),
    };
    return cmocka_run_group_tests_name("client/core/import ids", tests, NULL, NULL);
}
