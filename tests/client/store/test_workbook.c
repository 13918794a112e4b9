#include "client/store/workbook.h"
#include "common/error.h"
#include "tests/client/core/sample.h"
#include "tests/client/folder.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <dirent.h>

/* What a folder holds, without . and .. */
static size_t files(const char *path)
{
    size_t n = 0;
    DIR *dir = opendir(path);

    assert_non_null(dir);
    while (readdir(dir))
        n++;
    closedir(dir);
    return n - 2;
}

/* Its cells are read by tests/system/test_publish.py. */
static void written_whole(void **state)
{
    struct folder *folder = *state;
    struct publication p;
    struct error err;
    struct stat there;
    const char *path = folder_puts(folder, "report.xlsx", "what was there before");

    sample_publication(&p, PUBLISH_ID);
    assert_int_equal(workbook_write(path, &p, &err), 0);
    assert_int_equal(stat(path, &there), 0);
    assert_int_equal(there.st_mode & 0777, 0644);
    char *text = folder_read(path);
    assert_memory_equal(text, "PK\3\4", 4);
    free(text);
    assert_int_equal(files(folder->path), 1);
    publication_release(&p);
}

static void or_not_at_all(void **state)
{
    struct folder *folder = *state;
    struct publication p;
    struct error err;

    sample_publication(&p, PUBLISH_ID);
    assert_int_equal(workbook_write(folder_file(folder, "away/report.xlsx"), &p, &err), -1);
    assert_int_equal(err.code, ERROR_IO);
    const char *path = folder_file(folder, "taken");
    assert_int_equal(mkdir(path, 0700), 0); /* can't be replaced by a file */
    assert_int_equal(workbook_write(path, &p, &err), -1);
    assert_int_equal(err.code, ERROR_IO);
    assert_int_equal(files(folder->path), 1);
    publication_release(&p);
}

/* A name that Excel would take for a formula, a control character, an empty report. */
static void odd_contents(void **state)
{
    struct folder *folder = *state;
    struct publication p;
    struct error err;

    sample_publication(&p, PUBLISH_EN);
    p.office_name = "=HYPERLINK(\"http://x\")\x1b[31m";
    p.provider_n = 0;
    p.plan_given = false;
    p.item = NULL;
    p.population_known = false;
    p.scale = 100; /* too many ratings for a sheet */
    assert_int_equal(workbook_write(folder_file(folder, "odd.xlsx"), &p, &err), 0);
    publication_release(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(written_whole, folder_make, folder_remove),
        cmocka_unit_test_setup_teardown(or_not_at_all, folder_make, folder_remove),
        cmocka_unit_test_setup_teardown(odd_contents, folder_make, folder_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
