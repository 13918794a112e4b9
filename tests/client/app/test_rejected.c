#include "client/app/rejected.h"

#include "client/core/instrument.h"
#include "common/buf.h"
#include "tests/client/app/clerk.h"

#include <dirent.h>
#include <sys/mount.h>

#define HEAD U ",collected_at\n"
#define BAD  "1,2,,4,1,2,3,4,1,2023-07-13\n"

static unsigned files_in(const char *path)
{
    unsigned count = 0;
    DIR *dir = opendir(path);
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;)
        count += entry->d_name[0] != '.' || strlen(entry->d_name) > 2;
    closedir(dir);
    return count;
}

static void check_file(struct folder *folder, const char *name, const char *says)
{
    char *text = folder_read(folder_file(folder, name));
    assert_non_null(text);
    if (!strstr(text, says))
        fail_msg("%s has no \"%s\": %s", name, says, text);
    free(text);
}

/* Somebody may be correcting it: it stays as it is, and the next gets a number. */
static void replaces_nothing(void **state)
{
    struct desk d = desk(state);
    const char *path = folder_puts(d.folder, "a.csv", HEAD BAD R ",2023-07-13\n");
    check_result(&d, path, 1, 1, 0, false, false);
    assert_string_equal(d.result.rejected_file, folder_file(d.folder, "a.csv.rejected.csv"));
    /* The same once more needs no other file. */
    path = folder_file(d.folder, "a.csv");
    check_result(&d, path, 1, 1, 0, false, true);
    assert_string_equal(d.result.rejected_file, folder_file(d.folder, "a.csv.rejected.csv"));
    folder_puts(d.folder, "a.csv.rejected.csv", "being corrected");
    for (int i = 0; i < 2; i++) {
        path = folder_file(d.folder, "a.csv");
        check_result(&d, path, 1, 1, 0, false, true);
        assert_string_equal(d.result.rejected_file, folder_file(d.folder, "a.csv.rejected-2.csv"));
    }
    check_file(d.folder, "a.csv.rejected.csv", "being corrected");
    check_file(d.folder, "a.csv.rejected-2.csv", "2,u3,is missing,");
    assert_int_equal(files_in(d.folder->path), 4); /* box, a.csv and the two */
    leave(&d);
}

/* Nothing is left of a file that was refused, or about which there is a question. */
static void leaves_nothing_behind(void **state)
{
    struct desk d = desk(state);
    assert_int_equal(submit(&d, folder_puts(d.folder, "a.csv", HEAD BAD "\"" R ",\n")), -1);
    check_result(&d, folder_puts(d.folder, "a.csv", HEAD R ",2023-07-13\n"), 1, 0, 0, false, false);
    check_result(&d, folder_puts(d.folder, "b.csv", HEAD BAD R ",2023-07-13\n"), 0, 1, 1, true,
                 false);
    assert_int_equal(files_in(d.folder->path), 3);
    struct rejected *rejected =
        rejected_new(folder_file(d.folder, "a.csv"), NULL, instrument_find(NULL, NULL));
    struct buf cells = {0};
    buf_puts(&cells, R);
    assert_int_equal(rejected_add(rejected, 2, "u1", "is missing", &cells, &d.err), 0);
    assert_int_equal(rejected_sync(rejected, &d.err), 0);
    assert_int_equal(files_in(d.folder->path), 4);
    rejected_free(&rejected);
    assert_int_equal(files_in(d.folder->path), 3);
    buf_release(&cells);
    leave(&d);
}

static char *append(struct folder *folder, const char *line)
{
    struct buf lines = {0};
    struct error err;
    char *name = NULL;
    buf_puts(&lines, line);
    assert_int_equal(rejected_append(folder_file(folder, "a.csv"), NULL,
                                     instrument_find(NULL, NULL), &lines, &name, &err),
                     0);
    buf_release(&lines);
    return name;
}

/* Only behind what still has the form in which we write it. */
static void appends_to_its_own_form_only(void **state)
{
    struct folder *folder = *state;
    char *name = append(folder, "2,u1,x,\r\n");
    assert_string_equal(name, folder_file(folder, "a.csv.rejected.csv"));
    free(name);
    free(append(folder, "3,u1,y,\r\n"));
    check_file(folder, "a.csv.rejected.csv", "comment_kind\r\n2,u1,x,\r\n3,u1,y,\r\n");
    static const char *const others[] = {
        "line;field;reason;u1\r\n2;u1;x;\r\n", /* a spreadsheet with semicolons */
        "\xEF\xBB\xBFline,field,reason," U ",id,collected_at,service,channel,stakeholder,"
        "perspective,sex,age,education,occupation,comment,comment_kind\r\n2,u1,x", /* no end */
        "",
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        folder_puts(folder, "a.csv.rejected.csv", others[i]);
        name = append(folder, "4,u1,z,\r\n");
        assert_string_equal(name, folder_file(folder, "a.csv.rejected-2.csv"));
        free(name);
        char *text = folder_read(folder_file(folder, "a.csv.rejected.csv"));
        assert_string_equal(text, others[i]);
        free(text);
    }
    check_file(folder, "a.csv.rejected-2.csv", "4,u1,z,\r\n4,u1,z,\r\n4,u1,z,\r\n");
}

/* No room beside the survey: beside the outbox then, and nothing half is left. */
static void finds_another_place_when_the_disk_is_full(void **state)
{
    struct desk d = desk(state);
    const char *disk = folder_file(d.folder, "stick");
    assert_int_equal(mkdir(disk, 0700), 0);
    if (mount("suara", disk, "tmpfs", 0, "size=64k") != 0) {
        leave(&d);
        print_message("    skipped: no tmpfs can be mounted\n");
        skip();
    }
    struct buf text = {0};
    buf_puts(&text, HEAD R ",2023-07-13\n");
    for (int i = 0; i < 900; i++)
        buf_puts(&text, BAD);
    char *path = strdup(folder_write(d.folder, "stick/a.csv", text.data, text.len));
    int status = submit(&d, path);
    unsigned left = files_in(folder_file(d.folder, "stick"));
    umount2(folder_file(d.folder, "stick"), MNT_DETACH);
    assert_int_equal(status, 0);
    assert_int_equal(d.result.saved, 1);
    assert_int_equal(d.result.rejected, 900);
    assert_non_null(strstr(d.result.rejected_file, "/box/a.csv."));
    assert_int_equal(left, 1);
    free(path);
    buf_release(&text);
    leave(&d);
}

int main(void)
{
#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_remove)
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(replaces_nothing),
        WITH_FOLDER(leaves_nothing_behind),
        WITH_FOLDER(appends_to_its_own_form_only),
        WITH_FOLDER(finds_another_place_when_the_disk_is_full),
    };
    return cmocka_run_group_tests_name("client/app/rejected", tests, NULL, NULL);
}
