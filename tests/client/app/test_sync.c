/*
 * What sync makes of what the daemon says.
 */
#include "tests/client/app/desk.h"

static const unsigned bad[] = {7, 24, 25};

/* The bad rows are in FILE.rejected.csv, by their lines. */
static void check_beside(const struct desk *desk, const char *reason)
{
    char *text = folder_read(folder_file(desk->folder, "a.csv.rejected.csv"));
    char line[128];
    assert_non_null(text);
    for (size_t i = 0; i < 3; i++) {
        snprintf(line, sizeof line, "\n%u,%s,1,2,3,4,1,2,3,4,1,", bad[i] + 1, reason);
        if (!strstr(text, line))
            fail_msg("\"%s\" is not in \"%s\"", line, text);
    }
    free(text);
}

static void sends_what_waits(void **state)
{
    struct desk *desk = *state;
    snprintf(told.zone, sizeof told.zone, "WITA");
    save(desk, 100, NULL, 0);
    assert_int_equal(sync_now(desk, GIVES_RECEIPTS), 0);
    check(desk, 100, 0, 0);
    assert_int_equal(told.asked, 10);
    assert_int_equal(desk->profile.zone, ZONE_WITA);
    char *settings = folder_read(desk->profile.settings);
    assert_non_null(strstr(settings, "zone = WITA"));
    free(settings);
    assert_true(desk->result.daemon_ms < -1000000000);
    assert_int_equal(sync_now(desk, GIVES_RECEIPTS), 0);
    assert_int_equal(told.asked, 0);
}

static void puts_refused_ones_aside(void **state)
{
    struct desk *desk = *state;
    save(desk, 35, bad, 3);
    assert_int_equal(sync_now(desk, GIVES_RECEIPTS), 0);
    check(desk, 32, 3, 0);
    check_beside(desk, "service,is no service of this office");
    const struct sync_refused *refused = &desk->result.refused;
    assert_string_equal(refused->first, "line 8, service is no service of this office");
    assert_string_equal(refused->file, folder_file(desk->folder, "a.csv.rejected.csv"));
    assert_int_equal(refused->files, 1);
    assert_null(refused->fault);
    /* Sent again, in one batch, they are refused again, by the same lines. */
    assert_int_equal(outbox_retry(desk->outbox, 0, 1, &desk->err), 3);
    assert_int_equal(sync_now(desk, GIVES_RECEIPTS), 0);
    check(desk, 0, 3, 0);
    assert_int_equal(told.asked, 1);
    check_beside(desk, "service,is no service of this office");
    assert_int_equal(outbox_retry(desk->outbox, 3, 1, &desk->err), 0);
    assert_int_equal(outbox_retry(desk->outbox, 5, 1, &desk->err), 1);
    assert_int_equal(outbox_retry(desk->outbox, 0, 1, &desk->err), 2);
    assert_int_equal(sync_now(desk, GIVES_RECEIPTS), 0);
    check(desk, 0, 3, 0);
    assert_int_equal(told.asked, 2);
}

static void narrows_down_what_is_refused_whole(void **state)
{
    struct desk *desk = *state;
    save(desk, 35, bad, 3);
    assert_int_equal(sync_now(desk, REFUSES_WHOLE), 0);
    check(desk, 32, 3, 0);
    assert_int_equal(told.stored, 32);
    check_beside(desk, ",I do not like this");
}

static void narrows_down_what_closes_the_line(void **state)
{
    struct desk *desk = *state;
    save(desk, 35, bad, 3);
    assert_int_equal(sync_now(desk, CLOSES), 0);
    assert_int_equal(desk->result.rejected, 3);
    assert_int_equal(desk->result.waiting, 0);
    check_beside(desk, ",a frame was too large");
}

static void goes_on_past_a_fault_of_the_daemon(void **state)
{
    struct desk *desk = *state;
    save(desk, 35, bad, 3);
    assert_int_equal(sync_now(desk, FAILS_INSIDE), -1);
    assert_int_equal(desk->err.code, ERROR_INTERNAL);
    check(desk, 15, 0, 20);
    assert_int_equal(sync_now(desk, GIVES_RECEIPTS), 0);
    check(desk, 17, 3, 0);
}

static void stops_when_it_may_not(void **state)
{
    struct desk *desk = *state;
    save(desk, 100, NULL, 0);
    assert_int_equal(sync_now(desk, DENIES), -1);
    assert_int_equal(desk->err.code, ERROR_PERMISSION_DENIED);
    assert_string_equal(desk->err.text, "an auditor may not submit");
    assert_true(told.asked <= 4);
    check(desk, 0, 0, 100);
}

static void is_patient_when_told(void **state)
{
    struct desk *desk = *state;
    save(desk, 30, NULL, 0);
    assert_int_equal(sync_now(desk, IS_BUSY), -1);
    assert_int_equal(desk->err.code, ERROR_OVERLOADED);
    desk->options.patience_ms = 60000;
    desk->options.window = 1;
    assert_int_equal(outbox_drop(desk->outbox, 0, &desk->err), 0);
    uint64_t stored = desk->result.stored;
    assert_int_equal(sync_now(desk, IS_BUSY), 0);
    assert_int_equal(stored + desk->result.stored, 30);
}

/* What does not account for every response counts for nothing. */
static void believes_no_odd_receipt(void **state)
{
    struct desk *desk = *state;
    save(desk, 35, bad, 3);
    static const enum manner odd[] = {MISCOUNTS, NAMES_OTHER_BATCH, TALKS_NONSENSE};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        assert_int_equal(sync_now(desk, odd[i]), -1);
        assert_int_equal(desk->err.code, ERROR_INTERNAL);
        check(desk, 0, 0, 35);
    }
    /* These two only lie about batches with a BAD one (the third has two, the second none). */
    assert_int_equal(sync_now(desk, NAMES_NO_RESPONSE), -1);
    check(desk, 15, 0, 20);
    assert_int_equal(sync_now(desk, NAMES_ONE_TWICE), -1);
    assert_int_equal(desk->err.code, ERROR_INTERNAL);
    check(desk, 9, 1, 10);
    assert_int_equal(sync_now(desk, GIVES_RECEIPTS), 0);
    assert_int_equal(desk->result.stored, 8);
    assert_int_equal(desk->result.rejected, 2);
    assert_int_equal(desk->result.waiting, 0);
}

/* Whether they were stored is not known: all wait, in the batches that they were in. */
static void waits_when_the_answer_cannot_be_read(void **state)
{
    struct desk *desk = *state;
    static const enum manner garbled[] = {SENDS_JUNK, SENDS_LENGTH_0, SENDS_LENGTH_2G};
    save(desk, 35, bad, 3);
    for (size_t i = 0; i < sizeof garbled / sizeof *garbled; i++) {
        for (unsigned window = 1; window <= 4; window += 3) {
            desk->options.window = window;
            assert_int_equal(sync_now(desk, garbled[i]), -1);
            assert_int_equal(desk->err.code, ERROR_UNAVAILABLE);
            assert_non_null(strstr(desk->err.text, "can't be read"));
            check(desk, 0, 0, 35);
        }
    }
    struct outbox_counts counts;
    assert_int_equal(outbox_counts(desk->outbox, &counts, &desk->err), 0);
    assert_int_equal(counts.waiting_batches, 4);
    assert_int_equal(sync_now(desk, GIVES_RECEIPTS), 0);
    check(desk, 32, 3, 0);
}

static void leaves_it_to_another_process(void **state)
{
    struct desk *desk = *state;
    save(desk, 10, NULL, 0);
    struct outbox *other = outbox_open(desk->profile.outbox, &desk->err);
    assert_int_equal(outbox_lock(other, &desk->err), 1);
    assert_int_equal(sync_now(desk, GIVES_RECEIPTS), 0);
    assert_true(desk->result.busy);
    check(desk, 0, 0, 10);
    outbox_close(&other);
    assert_int_equal(sync_now(desk, GIVES_RECEIPTS), 0);
    assert_false(desk->result.busy);
    check(desk, 10, 0, 0);
}

static bool at_once(void)
{
    return true;
}

/* As Ctrl-C does: nothing is lost, and no waiting for a daemon that is silent. */
static void ends_when_it_is_stopped(void **state)
{
    struct desk *desk = *state;
    save(desk, 35, NULL, 0);
    desk->options.patience_ms = 600000;
    desk->options.stopped = at_once;
    assert_int_equal(sync_now(desk, SAYS_NOTHING), -1);
    check(desk, 0, 0, 35);
    desk->options.stopped = NULL;
    assert_int_equal(sync_now(desk, GIVES_RECEIPTS), 0);
    check(desk, 35, 0, 0);
}

static void says_when_nobody_is_there(void **state)
{
    struct desk *desk = *state;
    save(desk, 10, NULL, 0);
    free(desk->profile.server);
    desk->profile.server = strdup("127.0.0.1:1");
    assert_int_equal(unlink(desk->profile.settings), 0); /* or that is asked for another */
    assert_int_equal(sync_now(desk, GIVES_RECEIPTS), -1);
    assert_int_equal(desk->err.code, ERROR_UNAVAILABLE);
    check(desk, 0, 0, 10);
}

/* As `suara enroll --replace` leaves it to a process that had read the settings before. */
static void goes_on_with_a_new_certificate(void **state)
{
    struct desk *desk = *state;
    save(desk, 10, NULL, 0);
    put_settings(desk->folder, desk->daemon, "-0123456789abcdef");
    assert_int_equal(unlink(desk->profile.certificate), 0);
    assert_int_equal(unlink(desk->profile.key), 0);
    assert_int_equal(sync_now(desk, GIVES_RECEIPTS), 0);
    check(desk, 10, 0, 0);
    assert_non_null(strstr(desk->profile.certificate, "0123456789abcdef"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        AT_DESK(sends_what_waits),
        AT_DESK(puts_refused_ones_aside),
        AT_DESK(narrows_down_what_is_refused_whole),
        AT_DESK(narrows_down_what_closes_the_line),
        AT_DESK(goes_on_past_a_fault_of_the_daemon),
        AT_DESK(stops_when_it_may_not),
        AT_DESK(is_patient_when_told),
        AT_DESK(believes_no_odd_receipt),
        AT_DESK(waits_when_the_answer_cannot_be_read),
        AT_DESK(leaves_it_to_another_process),
        AT_DESK(ends_when_it_is_stopped),
        AT_DESK(says_when_nobody_is_there),
        AT_DESK(goes_on_with_a_new_certificate),
    };
    return cmocka_run_group_tests_name("client/app/sync", tests, stage_group, NULL);
}
