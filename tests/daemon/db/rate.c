/* How fast groups are stored on this machine, with fsync, on one connection: printed, not judged.
 */
#include "tests/daemon/db/storing.h"

#include <time.h>

#define RATE_ROWS 20000u

static double cpu_us(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static void measure(const char *how, unsigned tries, size_t size)
{
    static unsigned batch, next;
    uint64_t time = 0;
    double cpu = 0;
    size_t groups = size < 100 ? 1000 : RATE_ROWS / size; /* each waits for the disk */
    for (size_t done = 0; done < groups; done++) {
        struct group *group = make_simple(++batch, next, size);
        next += (unsigned)size;
        group->submissions->tries = tries;
        uint64_t start = clock_monotonic_us();
        double start_cpu = cpu_us();
        assert_int_equal(put(group), DB_DONE);
        time += clock_monotonic_us() - start;
        cpu += cpu_us() - start_cpu;
        assert_int_equal(count_status(group, ROW_STORED), size);
        unmake_group(group);
    }
    double rows = (double)(groups * size);
    print_message("%-6s of %5zu: %7.0f us a group, %7.0f rows/s, %.2f us of CPU here per row\n",
                  how, size, (double)time / (double)groups, rows * 1e6 / (double)time, cpu / rows);
}

/* A group that was tried goes by the insert that sorts out what is held, in two round trips. */
static void test_rate(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 4, 16, 64, 150, 250, 500, 2000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        measure("new", 0, sizes[i]);
        measure("tried", 1, sizes[i]);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(test_rate, set_up, tear_down),
};

int main(void)
{
    log_open(LOG_STDERR, LOG_ERROR);
    if (!cluster_open())
        return 0;
    sql("ALTER SYSTEM SET fsync = on");
    sql("SELECT pg_reload_conf()");
    sql("SELECT suara.office_add('MADE', 'Made up', '', 'WIB')");
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    cluster_close();
    return failed;
}
