#include "daemon/db/link.h"
#include "daemon/db/link_private.h"
#include "daemon/db/route.h"
#include "tests/daemon/db/fixture.h"

static struct told {
    struct event_base *base;
    struct link *link;
    unsigned heard;
    bool ready, lost, done;
    struct link_answer answer;
    size_t results, rows;
    char first[64];
    bool committed;
} told;

static const struct link_setting settings[] = {{"enable_seqscan", "off"}, {NULL, NULL}};
static const struct link_statement statements[] = {
    {"double", "SELECT 2 * $1::int"}, {"again", "COMMIT"}, {NULL, NULL}};
static const struct link_spec spec = {
    .pool = "test", .settings = settings, .statements = statements, .channel = "test_channel"};

static void on_event(struct link *link, enum link_event event, void *arg)
{
    (void)link, (void)arg;
    told.ready |= event == LINK_READY;
    told.lost |= event == LINK_LOST;
    told.heard += event == LINK_HEARD;
}

static void open_link(const char *text)
{
    struct error err = {0};
    const struct db_settings how = {
        .conninfo = text, .connections = 1, .connect_ms = 4000, .statement_ms = 4000};
    told = (struct told){.base = event_base_new()};
    told.link = link_new(told.base, &how, &spec, 0, on_event, NULL, &err);
    if (!told.link)
        fail_msg("%s", err.text);
}

static int set_up(void **state)
{
    (void)state;
    super_connect();
    open_link(conninfo("suara_report", "suara"));
    loop_until(told.base, &told.ready, NULL);
    link_take(told.link);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    link_free(&told.link);
    event_base_free(told.base);
    return 0;
}

static void on_result(size_t query, const PGresult *result, void *arg)
{
    (void)query, (void)arg;
    told.results++;
    told.rows += (size_t)PQntuples(result);
    if (PQntuples(result) > 0)
        snprintf(told.first, sizeof told.first, "%s", PQgetvalue(result, 0, 0));
    told.committed = link_committed(result);
}

static void on_done(struct link *link, const struct link_answer *answer, void *arg)
{
    (void)link, (void)arg;
    told.answer = *answer;
    told.done = true;
}

static void run(const struct link_query *queries, size_t count)
{
    told.done = told.committed = false;
    told.results = told.rows = 0;
    link_run(told.link, queries, count, on_result, on_done, NULL);
    loop_until(told.base, &told.done, NULL);
}

static void test_session(void **state)
{
    (void)state;
    struct link_query query[] = {
        {.sql = "SHOW enable_seqscan", .text = true},
        {.sql = "SHOW statement_timeout", .text = true},
        {.name = "double", .params = 1, .values = (const char *const[]){"21"}, .text = true},
    };
    run(query, 1);
    assert_string_equal(told.first, "off");
    run(query + 1, 1);
    assert_string_equal(told.first, "4s");
    /* A backend keeps its locks for no daemon that is gone or stands still. */
    run(&(struct link_query){.sql = "SHOW client_connection_check_interval", .text = true}, 1);
    assert_string_equal(told.first, "2s");
    run(&(struct link_query){.sql = "SELECT setting::int > 4000 FROM pg_settings WHERE name = "
                                    "'idle_in_transaction_session_timeout'",
                             .text = true},
        1);
    assert_string_equal(told.first, "t");
    run(query, 3);
    assert_int_equal(told.results, 3);
    assert_string_equal(told.first, "42");
    assert_int_equal(told.heard, 1); /* what was missed before the connection */
}

/* COMMIT of a failed transaction is a success with the tag ROLLBACK: no proof. */
static void test_commit_tag(void **state)
{
    (void)state;
    run((struct link_query[]){{.sql = "BEGIN"}, {.sql = "COMMIT"}}, 2);
    assert_true(told.committed);
    run((struct link_query[]){{.sql = "BEGIN"}}, 1);
    run((struct link_query[]){{.sql = "SELECT 1 / 0"}}, 1);
    assert_int_equal(told.answer.outcome, DB_FAILED);
    assert_string_equal(told.answer.sqlstate, "22012");
    run((struct link_query[]){{.name = "again"}}, 1);
    assert_int_equal(told.answer.outcome, DB_DONE);
    assert_false(told.committed);
    assert_false(told.answer.warned);
    run((struct link_query[]){{.name = "again"}}, 1);
    assert_true(told.answer.warned); /* no transaction in progress */
}

/* An error skips the rest; giving the link back rolls back. */
static void test_error(void **state)
{
    (void)state;
    run((struct link_query[]){{.sql = "BEGIN"}, {.sql = "SELECT 1 / 0"}, {.sql = "SELECT 1"}}, 3);
    assert_int_equal(told.results, 1);
    assert_string_equal(told.answer.sqlstate, "22012");
    told.ready = false;
    link_release(told.link);
    assert_false(link_idle(told.link));
    loop_until(told.base, &told.ready, NULL);
    assert_false(told.lost);
    link_take(told.link);
    run((struct link_query[]){{.sql = "SELECT 'fine'", .text = true}}, 1);
    assert_string_equal(told.first, "fine");
}

static void test_large(void **state)
{
    (void)state;
    size_t size = 20u << 20; /* more than the socket takes at once */
    char *text = malloc(size + 1);
    memset(text, 'x', size);
    text[size] = '\0';
    struct link_query query = {.sql = "SELECT length($1::text), $1::text",
                               .params = 1,
                               .values = (const char *const[]){text},
                               .text = true};
    run(&query, 1);
    assert_string_equal(told.first, "20971520");
    free(text);
    query = (struct link_query){
        .sql = "SELECT n FROM generate_series(1, 50000) n", .text = true, .by_row = true};
    run(&query, 1);
    assert_int_equal(told.rows, 50000);
    assert_int_equal(told.results, 50001);
}

static void test_heard_while_busy(void **state)
{
    (void)state;
    unsigned before = told.heard;
    sql("NOTIFY test_channel");
    run((struct link_query[]){{.sql = "SELECT 1"}}, 1);
    sql("NOTIFY test_channel");
    link_release(told.link);
    while (told.heard < before + 2)
        event_base_loop(told.base, EVLOOP_ONCE);
}

/* ---- where it goes ---- */

static void test_names(void **state)
{
    (void)state;
    char text[200];
    snprintf(text, sizeof text, "host=localhost port=%s user=suara_report dbname=suara",
             cluster.port);
    open_link(text);
    loop_until(told.base, &told.ready, NULL);
    tear_down(NULL);

    /* One that is not there, one without a server, one that is right. */
    snprintf(text, sizeof text,
             "host=/nowhere,127.0.0.1,localhost port=%s,1,%s user=suara_report dbname=suara",
             cluster.port, cluster.port);
    open_link(text);
    loop_until(told.base, &told.ready, NULL);
}

static void test_unknown_name(void **state)
{
    (void)state;
    open_link("host=no-such-host.invalid dbname=suara");
    while (strstr(link_trouble(told.link), "resolve") == NULL)
        event_base_loop(told.base, EVLOOP_ONCE);
    assert_false(told.ready);
}

static const char *param(const struct route_params *params, const char *keyword)
{
    const char *value = NULL;
    for (size_t i = 0; params->keyword[i]; i++)
        if (strcmp(params->keyword[i], keyword) == 0)
            value = params->value[i];
    return value;
}

static void test_route(void **state)
{
    (void)state;
    struct route route;
    struct route_params params;
    struct error err;
    assert_int_equal(route_init(&route, "host=db1,/run/pg,db2 port=1,2,3 user=u", &err), 0);
    assert_int_equal(route.servers, 3);
    assert_true(route_needs_address(&route.server[0]));
    assert_false(route_needs_address(&route.server[1]));
    assert_int_equal(route_add_address(&route.server[2], "10.0.0.1"), 0);
    assert_int_equal(route_add_address(&route.server[2], "fd00::1"), 0);
    assert_int_equal(route_params(&route, 2, "p", &params, &err), 0);
    assert_string_equal(param(&params, "host"), "db2,db2,/run/pg");
    assert_string_equal(param(&params, "hostaddr"), "10.0.0.1,fd00::1,");
    assert_string_equal(param(&params, "port"), "3,3,2");
    assert_string_equal(param(&params, "user"), "u");
    assert_string_equal(param(&params, "target_session_attrs"), "read-write");
    route_release(&route);

    assert_int_equal(route_init(&route, "hostaddr=10.0.0.1,10.0.0.2 port=5433", &err), 0);
    assert_int_equal(route_params(&route, 1, "p", &params, &err), 0);
    assert_string_equal(param(&params, "hostaddr"), "10.0.0.2,10.0.0.1");
    assert_string_equal(param(&params, "port"), "5433,5433");
    route_release(&route);

    assert_int_equal(route_init(&route, "host=db1 target_session_attrs=primary", &err), 0);
    assert_int_equal(route_add_address(&route.server[0], "10.0.0.1"), 0);
    assert_int_equal(route_params(&route, 0, "p", &params, &err), 0);
    assert_string_equal(param(&params, "target_session_attrs"), "primary");
    route_release(&route);

    assert_int_equal(route_init(&route, "host=db1", &err), 0);
    assert_int_equal(route_params(&route, 0, "p", &params, &err), -1);
    assert_int_equal(err.code, ERROR_UNAVAILABLE);
    route_release(&route);

    const char *const wrong[] = {"nonsense",
                                 "host=a,b port=1,2,3",
                                 "host=a,b hostaddr=1.2.3.4",
                                 "service=x",
                                 "host=a,b,c,d,e,f,g,h,i",
                                 "target_session_attrs=standby",
                                 "target_session_attrs=any"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(route_init(&route, wrong[i], &err), -1);
        assert_int_equal(err.code, ERROR_USAGE);
    }
}

/* ---- whose history it follows ---- */

#define WAL(timeline) timeline "0000000000000001"

static void test_lineage(void **state)
{
    (void)state;
    struct lineage lineage = {0};
    struct error err;
    assert_int_equal(lineage_follow(&lineage, "7", WAL("00000001"), &err), 0);
    assert_int_equal(lineage_follow(&lineage, "7", WAL("0000000A"), &err), 0);
    assert_int_equal(lineage_follow(&lineage, "7", WAL("0000000A"), &err), 0);
    assert_int_equal(lineage_follow(&lineage, "7", WAL("00000009"), &err), -1);
    assert_int_equal(err.code, ERROR_UNAVAILABLE);
    assert_non_null(strstr(err.text, "timeline 9 while the database is on 10"));
    const char *const odd[] = {"", "00000000", WAL("00000000"), WAL("0000000g"), WAL("000000010")};
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++)
        assert_int_equal(lineage_follow(&lineage, "7", odd[i], &err), -1);
    assert_int_equal(lineage.timeline, 10);
    /* Another database, restored from a dump, begins anew. */
    assert_int_equal(lineage_follow(&lineage, "8", WAL("00000001"), &err), 0);
    assert_int_equal(lineage.timeline, 1);
}

static void wait_for_trouble(const char *part)
{
    while (strstr(link_trouble(told.link), part) == NULL)
        event_base_loop(told.base, EVLOOP_ONCE);
    assert_false(told.ready);
}

static void test_old_primary(void **state)
{
    (void)state;
    open_link(conninfo("suara_report", "suara"));
    *told.link->lineage = (struct lineage){.timeline = 99};
    snprintf(told.link->lineage->system, sizeof told.link->lineage->system, "%s",
             sql("SELECT system_identifier FROM pg_control_system()"));
    wait_for_trouble("an old primary");
    told.link->lineage->timeline = 1;
    loop_until(told.base, &told.ready, NULL);
}

static void test_server_without_writes(void **state)
{
    (void)state;
    sql("ALTER SYSTEM SET default_transaction_read_only = on");
    sql("SELECT pg_reload_conf()");
    while (strcmp(sql("SHOW default_transaction_read_only"), "on") != 0)
        continue;
    open_link(conninfo("suara_report", "suara"));
    wait_for_trouble("suarad needs a server that takes writes");
    sql("SET transaction_read_only = off");
    sql("ALTER SYSTEM RESET default_transaction_read_only");
    sql("SELECT pg_reload_conf()");
    loop_until(told.base, &told.ready, NULL);
}

static void test_sqlstates(void **state)
{
    (void)state;
    const char *const again[] = {"08006", "25P02", "25006", "40001", "40P01", "53100",
                                 "55P03", "57014", "57P01", "58030", "26000"};
    const char *const failed[] = {"22012", "23505", "42501", "42P01", "SU001", "XX000", "0A000"};
    for (size_t i = 0; i < sizeof again / sizeof again[0]; i++)
        assert_int_equal(sqlstate_outcome(again[i]), DB_AGAIN);
    for (size_t i = 0; i < sizeof failed / sizeof failed[0]; i++)
        assert_int_equal(sqlstate_outcome(failed[i]), DB_FAILED);
    assert_true(sqlstate_ends_connection("57P01"));
    assert_true(sqlstate_ends_connection("53100"));
    assert_false(sqlstate_ends_connection("57014"));
    assert_false(sqlstate_ends_connection("40P01"));
    assert_false(sqlstate_ends_connection(""));
}

/* A server that takes connections and ends them at once is asked ever less often; one that did what
 * it was asked for is asked again soon. */
static void test_losses_in_a_row(void **state)
{
    (void)state;
    for (uint32_t losses = 1; losses <= 3; losses++) {
        told.lost = told.ready = false;
        sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE usename = 'suara_report'");
        loop_until(told.base, &told.lost, NULL);
        assert_int_equal(told.link->backoff.tries, losses);
        loop_until(told.base, &told.ready, NULL);
    }
    link_take(told.link);
    run((struct link_query[]){{.sql = "SELECT 1"}}, 1);
    link_release(told.link);
    assert_int_equal(told.link->backoff.tries, 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(test_session, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_commit_tag, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_error, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_large, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_heard_while_busy, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_losses_in_a_row, set_up, tear_down),
    cmocka_unit_test_teardown(test_names, tear_down),
    cmocka_unit_test_teardown(test_unknown_name, tear_down),
    cmocka_unit_test_teardown(test_old_primary, tear_down),
    cmocka_unit_test_teardown(test_server_without_writes, tear_down),
    cmocka_unit_test(test_lineage),
    cmocka_unit_test(test_route),
    cmocka_unit_test(test_sqlstates),
};

int main(void)
{
    log_open(LOG_STDERR, getenv("SUARA_TEST_DEBUG") ? LOG_DEBUG : LOG_ERROR);
    if (!cluster_open())
        return 0;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    cluster_close();
    return failed;
}
