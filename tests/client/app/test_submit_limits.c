#include "client/app/submit.h"

#include "client/store/outbox.h"
#include "client/store/profile.h"
#include "common/clock.h"
#include "common/error.h"
#include "tests/client/folder.h"
#include "tests/common/generate.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mount.h>

#include <cmocka.h>

#ifdef __SANITIZE_ADDRESS__ /* where memory is not judged: as many as make several batches */
#define ROWS 20000u
#else
#define ROWS 200000u
#endif
#define HWM_KB 65536

static char name[] = "BBPOM-SMG", role[] = "office";

static const char *generate_file(struct folder *folder, unsigned rows)
{
    const char *path = folder_file(folder, "large.csv");
    FILE *file = fopen(path, "w");
    uint64_t seed = 5;
    assert_non_null(file);
    fputs("u1,u2,u3,u4,u5,u6,u7,u8,u9,collected_at,service,channel,sex,age,comment\n", file);
    for (unsigned i = 0; i < rows; i++) {
        for (unsigned k = 0; k < 9; k++)
            fprintf(file, "%zu,", 1 + generate_below(&seed, 4));
        fprintf(file, "2023-07-%02u %02u:%02u:%02u,UMUM,%s,%s,21-30,%s\n", 1 + i / 86400 % 28,
                i / 3600 % 24, i / 60 % 60, i % 60, i % 2 ? "web" : "kiosk", i % 3 ? "P" : "L",
                i % 20 ? "" : "\"Petugas ramah, cepat\"");
    }
    assert_int_equal(fclose(file), 0);
    return path;
}

static int submit(const char *path, const char *outbox_path, struct submit_result *result,
                  struct error *err)
{
    char *copy = strdup(outbox_path);
    const struct profile profile = {
        .name = name, .role = role, .principal = name, .outbox = copy, .zone = ZONE_WIB};
    const struct submit_options options = {.now_ms = 1700000000000, .repeats = REPEATS_ALL};
    int status = -1;
    struct outbox *outbox = outbox_open(outbox_path, err);
    if (outbox)
        status = submit_file(&profile, outbox, path, &options, result, err);
    outbox_close(&outbox);
    free(copy);
    return status;
}

static uint64_t waiting(const char *path)
{
    struct error err;
    struct outbox_counts counts = {0};
    struct outbox *outbox = outbox_open(path, &err);
    assert_non_null(outbox);
    assert_int_equal(outbox_counts(outbox, &counts, &err), 0);
    outbox_close(&outbox);
    return counts.waiting;
}

/* Peak of this process, kB. */
static long peak_kb(void)
{
    char line[256];
    long kb = -1;
    FILE *file = fopen("/proc/self/status", "r");
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "VmHWM: %ld", &kb) == 1)
            break;
    if (file)
        fclose(file);
    return kb;
}

/* Twice: a first file, and one more whose every row is looked up among the first. */
static int submit_large(const char *path, const char *more, const char *outbox)
{
    struct submit_result result = {0};
    struct error err;
    for (int i = 0; i < 2; i++) {
        uint64_t begin = clock_monotonic_us();
        if (submit(i ? more : path, outbox, &result, &err) != 0 || result.saved != ROWS)
            return 1;
        double seconds = (double)(clock_monotonic_us() - begin) / 1e6;
        printf("    %u rows in %.2f s, %.0f rows/s, peak %ld kB\n", ROWS, seconds,
               (double)ROWS / seconds, peak_kb());
    }
    fflush(stdout);
#ifdef __SANITIZE_ADDRESS__
    return 0; /* its shadow counts as memory */
#else
    return peak_kb() > 0 && peak_kb() < HWM_KB ? 0 : 2;
#endif
}

static void takes_large_files_in_bounded_memory(void **state)
{
    const char *path = generate_file(*state, ROWS);
    const char *outbox = folder_file(*state, "outbox.db");
    /* The same rows, but for an end of line: not the same file. */
    const char *more = folder_file(*state, "more.csv");
    char *command;
    assert_true(asprintf(&command, "cp %s %s && echo >>%s", path, more, more) > 0);
    assert_int_equal(system(command), 0);
    free(command);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0)
        _exit(submit_large(path, more, outbox));
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_int_equal(waiting(outbox), 2 * ROWS);
}

/* Saved whole or not at all, and never called saved when it was not. */
static void saves_nothing_on_a_full_disk(void **state)
{
    struct folder *folder = *state;
    const char *disk = folder_file(folder, "disk"), *path = generate_file(folder, 50000);
    struct submit_result result = {0};
    struct error err;
    assert_int_equal(mkdir(disk, 0700), 0);
    if (mount("suara", disk, "tmpfs", 0, "size=1m") != 0) {
        print_message("    skipped: no tmpfs can be mounted (%s)\n", strerror(errno));
        skip();
    }
    const char *outbox = folder_file(folder, "disk/outbox.db");
    int status = submit(path, outbox, &result, &err);
    uint64_t left = waiting(outbox);
    bool remounted = mount("suara", disk, "tmpfs", MS_REMOUNT | MS_RDONLY, "size=1m") == 0;
    struct error read_only;
    error_clear(&read_only);
    int again = remounted ? submit(path, outbox, &result, &read_only) : -1;
    umount2(disk, MNT_DETACH);
    assert_int_equal(status, -1);
    assert_int_equal(err.code, ERROR_IO);
    assert_non_null(strstr(err.text, "disk is full"));
    assert_int_equal(left, 0);
    assert_int_equal(again, -1);
    if (remounted && !strstr(read_only.text, "can't be written"))
        fail_msg("%s", read_only.text);
}

static void puts_rejected_rows_where_it_can(void **state)
{
    struct folder *folder = *state;
    const char *dir = folder_file(folder, "disk"), *box = folder_file(folder, "outbox.db");
    struct submit_result result = {0};
    struct error err;
    assert_int_equal(mkdir(dir, 0700), 0);
    if (mount("suara", dir, "tmpfs", 0, "size=1m") != 0) {
        print_message("    skipped: no tmpfs can be mounted (%s)\n", strerror(errno));
        skip();
    }
    const char *path = folder_puts(folder, "disk/a.csv",
                                   "u1,u2,u3,u4,u5,u6,u7,u8,u9,collected_at\n"
                                   "1,1,1,1,1,1,1,1,1,2023-07-13\n1,1,1,1,1,1,1,1,,2023-07-13\n");
    bool remounted = mount("suara", dir, "tmpfs", MS_REMOUNT | MS_RDONLY, "size=1m") == 0;
    int status = remounted ? submit(path, box, &result, &err) : 0;
    umount2(dir, MNT_DETACH);
    assert_int_equal(status, 0);
    if (remounted) {
        assert_int_equal(result.saved, 1);
        /* A part of the digest of its path is in the name. */
        const char *at = strstr(result.rejected_file, "/a.csv.");
        assert_non_null(at);
        assert_int_equal(strlen(at), strlen("/a.csv.00000000.rejected.csv"));
        assert_int_equal(strncmp(result.rejected_file, folder->path, strlen(folder->path)), 0);
    }
    submit_result_release(&result);
}

int main(void)
{
#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_remove)
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(takes_large_files_in_bounded_memory),
        WITH_FOLDER(saves_nothing_on_a_full_disk),
        WITH_FOLDER(puts_rejected_rows_where_it_can),
    };
    return cmocka_run_group_tests_name("client/app/submit limits", tests, NULL, NULL);
}
