#include "client/store/profile.h"

#include "client/store/profile_folder.h"
#include "common/error.h"
#include "tests/client/folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* One CA for all tests, made by the real suara-ca. */
static struct folder *ca;

static void run(const char *format, const char *a, const char *b)
{
    char command[1024];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(command, sizeof command, format, a, b);
#pragma GCC diagnostic pop
    if (system(command) != 0)
        fail_msg("%s", command);
}

static int make_ca(void **state)
{
    void *made = NULL;
    (void)state;
    if (folder_make(&made) != 0)
        return -1;
    ca = made;
    run("client/suara-ca --dir %s/ca init --server daemon.test:7827 >%s/log 2>&1", ca->path,
        ca->path);
    run("client/suara-ca --dir %s/ca issue office A B >%s/log 2>&1", ca->path, ca->path);
    run("client/suara-ca --dir %s/ca issue admin A >%s/log 2>&1", ca->path, ca->path);
    run("client/suara-ca --dir %s/ca renew office A -o %s/renewed >/dev/null 2>&1", ca->path,
        ca->path);
    return 0;
}

static int remove_ca(void **state)
{
    (void)state;
    void *made = ca;
    return folder_remove(&made);
}

static const char *bundle(const char *which)
{
    char name[128];
    if (strcmp(which, "renewed") == 0)
        return folder_file(ca, "renewed");
    snprintf(name, sizeof name, "ca/bundles/%s.bundle", which);
    return folder_file(ca, name);
}

static int at_home(void **state)
{
    if (folder_make(state) != 0)
        return -1;
    return setenv("SUARA_HOME", folder_file(*state, "home"), 1);
}

static void enroll(const char *name, const char *which, bool replace)
{
    struct profile profile;
    struct error err;
    if (profile_enroll(name, bundle(which), replace, &profile, &err) != 0)
        fail_msg("%s", err.text);
    profile_release(&profile);
}

static void check_refused(const char *name, const char *path, bool replace, enum error_code code,
                          const char *says)
{
    struct profile profile;
    struct error err;
    error_clear(&err);
    assert_int_equal(profile_enroll(name, path, replace, &profile, &err), -1);
    assert_int_equal(err.code, code);
    if (!strstr(err.text, says))
        fail_msg("\"%s\" does not say \"%s\"", err.text, says);
}

static void is_made_from_a_bundle(void **state)
{
    struct profile profile;
    struct error err;
    struct stat there;
    enroll("kantor", "office-A", false);
    assert_int_equal(profile_load("kantor", &profile, &err), 0);
    assert_string_equal(profile.name, "kantor");
    assert_string_equal(profile.role, "office");
    assert_string_equal(profile.principal, "A");
    assert_string_equal(profile.server, "daemon.test:7827");
    assert_string_equal(profile.outbox, folder_file(*state, "home/kantor/outbox.db"));
    assert_int_equal(profile.zone, ZONE_NONE);
    const char *const files[] = {profile.settings, profile.certificate, profile.key, profile.ca};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(stat(files[i], &there), 0);
        assert_int_equal(there.st_mode & 0777, 0600);
    }
    assert_int_equal(stat(folder_file(*state, "home/kantor"), &there), 0);
    assert_int_equal(there.st_mode & 0777, 0700);
    profile_release(&profile);
}

static void keeps_the_zone(void **state)
{
    (void)state;
    struct profile profile;
    struct error err;
    enroll("A", "office-A", false);
    assert_int_equal(profile_load("A", &profile, &err), 0);
    assert_int_equal(profile_set_zone(&profile, ZONE_WIT, &err), 0);
    profile_release(&profile);
    enroll("A", "renewed", true);
    assert_int_equal(profile_load("A", &profile, &err), 0);
    assert_int_equal(profile.zone, ZONE_WIT);
    profile_release(&profile);
}

static void finds_that_somebody_enrolled(void **state)
{
    struct profile mine, now;
    struct error err;
    (void)state;
    enroll("A", "office-A", false);
    assert_int_equal(profile_load("A", &mine, &err), 0);
    assert_int_equal(profile_refresh(&mine, &err), 0);
    enroll("A", "renewed", true);
    assert_int_equal(access(mine.certificate, F_OK), -1);
    assert_int_equal(profile_refresh(&mine, &err), 1);
    assert_int_equal(access(mine.certificate, F_OK), 0);
    assert_int_equal(access(mine.key, F_OK), 0);
    assert_int_equal(profile_refresh(&mine, &err), 0);
    profile_release(&mine);

    /* A zone is written beside the new files, not beside those that this process had read of. */
    enroll("C", "office-A", false);
    assert_int_equal(profile_load("C", &mine, &err), 0);
    enroll("C", "renewed", true);
    assert_int_equal(profile_set_zone(&mine, ZONE_WITA, &err), 0);
    assert_int_equal(profile_load("C", &now, &err), 0);
    assert_int_equal(now.zone, ZONE_WITA);
    assert_int_equal(access(now.certificate, F_OK), 0);
    profile_release(&now);

    assert_int_equal(unlink(mine.settings), 0);
    assert_int_equal(profile_refresh(&mine, &err), -1);
    assert_int_equal(err.code, ERROR_USAGE);
    profile_release(&mine);
}

/* Does the process wait for a lock? It must not end before. */
static bool waits_for_a_lock(pid_t pid)
{
    char path[64], where[64] = "";
    snprintf(path, sizeof path, "/proc/%d/wchan", (int)pid);
    FILE *file = fopen(path, "r");
    if (file && !fgets(where, sizeof where, file))
        where[0] = '\0';
    if (file)
        fclose(file);
    assert_int_equal(waitpid(pid, NULL, WNOHANG), 0);
    return strstr(where, "lock") != NULL;
}

/* Who writes the zone waits for who enrols, and then writes it beside the new files. */
static void is_changed_by_one_at_a_time(void **state)
{
    (void)state;
    struct profile mine, now;
    struct error err;
    int status;
    enroll("A", "office-A", false);
    assert_int_equal(profile_load("A", &mine, &err), 0);
    int lock = profile_lock(mine.settings);
    assert_true(lock >= 0);
    pid_t other = fork();
    if (other == 0) {
        close(lock); /* or it would be held here, too */
        _exit(profile_set_zone(&mine, ZONE_WITA, &err) == 0 ? 0 : 1);
    }
    while (!waits_for_a_lock(other))
        ;
    close(lock);
    assert_int_equal(waitpid(other, &status, 0), other);
    assert_int_equal(status, 0);
    assert_int_equal(profile_load("A", &now, &err), 0);
    assert_int_equal(now.zone, ZONE_WITA);
    profile_release(&now);
    profile_release(&mine);
}

static void is_replaced_only_by_its_own_renewal(void **state)
{
    struct profile before, after;
    struct error err;
    enroll("A", "office-A", false);
    assert_int_equal(profile_load("A", &before, &err), 0);
    check_refused("A", bundle("renewed"), false, ERROR_USAGE, "--replace");
    check_refused("A", bundle("office-B"), true, ERROR_USAGE, "is of office A");
    check_refused("A", bundle("admin-A"), true, ERROR_USAGE, "of admin A");
    folder_puts(*state, "home/A/outbox.db", "waiting");
    enroll("A", "renewed", true);
    assert_int_equal(profile_load("A", &after, &err), 0);
    assert_string_not_equal(before.certificate, after.certificate);
    assert_int_equal(access(before.key, F_OK), -1);
    assert_int_equal(access(after.key, F_OK), 0);
    char *outbox = folder_read(after.outbox);
    assert_string_equal(outbox, "waiting");
    free(outbox);
    profile_release(&before);
    profile_release(&after);
    /* Damaged settings are mended in the same way. */
    folder_puts(*state, "home/A/settings.ini", "[profile]\nrole = office\n");
    assert_int_equal(profile_load("A", &after, &err), -1);
    assert_int_equal(err.code, ERROR_USAGE);
    assert_non_null(strstr(err.text, "suara --profile A enroll BUNDLE --replace"));
    /* .. and no old key is left, whatever the settings said. */
    folder_puts(*state, "home/A/key-0123456789abcdef.pem", "old");
    folder_puts(*state, "home/A/key.pem.AbCdEf", "half");
    folder_puts(*state, "home/A/certificate.pem", "old");
    folder_puts(*state, "home/A/key-notes.pem", "theirs");
    enroll("A", "renewed", true);
    assert_int_equal(profile_load("A", &after, &err), 0);
    assert_int_equal(access(after.key, F_OK), 0);
    assert_int_equal(access(folder_file(*state, "home/A/key-0123456789abcdef.pem"), F_OK), -1);
    assert_int_equal(access(folder_file(*state, "home/A/key.pem.AbCdEf"), F_OK), -1);
    assert_int_equal(access(folder_file(*state, "home/A/certificate.pem"), F_OK), -1);
    assert_int_equal(access(folder_file(*state, "home/A/key-notes.pem"), F_OK), 0);
    assert_int_equal(access(folder_file(*state, "home/A/outbox.db"), F_OK), 0);
    profile_release(&after);
}

static void refuses_a_bad_bundle(void **state)
{
    check_refused("A", folder_file(*state, "none"), false, ERROR_USAGE, "No such file");
    check_refused("../A", bundle("office-A"), false, ERROR_USAGE, "no name of a profile");
    check_refused("A", folder_puts(*state, "x", "u1,u2\n"), false, ERROR_INVALID, "is no bundle");
    char *a = folder_read(bundle("office-A")), *b = folder_read(bundle("office-B"));
    char *key_a = strstr(a, "-----BEGIN PRIVATE KEY"), *key_b = strstr(b, "-----BEGIN PRIVATE KEY");
    char text[65536];
    snprintf(text, sizeof text, "%.*s%s", (int)(key_a - a), a, key_b);
    check_refused("A", folder_puts(*state, "x", text), false, ERROR_INVALID, "belong together");
    char *name = strstr(a, "name = A");
    name[7] = 'B';
    check_refused("A", folder_puts(*state, "x", a), false, ERROR_INVALID, "not that of office B");
    name[7] = 'A';
    for (size_t cut = 0; cut < (size_t)(key_a - a); cut += 97) {
        char kept = a[cut];
        a[cut] = '\0';
        struct profile profile;
        struct error err;
        assert_int_equal(profile_enroll("A", folder_puts(*state, "x", a), false, &profile, &err),
                         -1);
        a[cut] = kept;
    }
    key_a[60] ^= 1;
    check_refused("A", folder_puts(*state, "x", a), false, ERROR_INVALID, "");
    free(a);
    free(b);
    assert_int_equal(access(folder_file(*state, "home/A/settings.ini"), F_OK), -1);
}

/* A bundle with another server in it. */
static const char *with_server(void **state, const char *server)
{
    char *text = folder_read(bundle("office-A")), *at = strstr(text, "server = ");
    size_t size = strlen(text) + strlen(server) + 1;
    char *changed = calloc(1, size);
    snprintf(changed, size, "%.*sserver = %s%s", (int)(at - text), text, server, strchr(at, '\n'));
    const char *path = folder_puts(*state, "x", changed);
    free(text);
    free(changed);
    return path;
}

static void wants_an_address_to_call(void **state)
{
    static const char *const bad[] = {"foo",        "foo:",         "foo:0",     "foo:65536",
                                      ":7827",      "::1",          "[::1]7827", "[]:7827",
                                      "foo:7827x",  "foo bar:7827", "a:b:1",     "foo:-1",
                                      "http://x:1", "[::1:7827",    "x:123456"};
    static const char *const good[] = {"a.example.id:7827", "127.0.0.1:1", "[::1]:65535",
                                       "a_b-c:80"};
    struct profile profile;
    struct error err;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        check_refused("A", with_server(state, bad[i]), false, ERROR_INVALID, bad[i]);
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_int_equal(profile_enroll("A", with_server(state, good[i]), i > 0, &profile, &err),
                         0);
        assert_string_equal(profile.server, good[i]);
        profile_release(&profile);
    }
}

static void names_the_profiles_there_are(void **state)
{
    (void)state;
    struct profile profile;
    struct error err;
    assert_int_equal(profile_load("A", &profile, &err), -1);
    assert_int_equal(err.code, ERROR_USAGE);
    assert_non_null(strstr(err.text, "suara --profile A enroll BUNDLE"));
    enroll("kedua", "office-B", false);
    enroll("Satu", "office-A", false);
    assert_int_equal(profile_load("A", &profile, &err), -1);
    assert_non_null(strstr(err.text, "Satu, kedua"));
    char **list = profile_list(&err);
    assert_string_equal(list[0], "Satu");
    assert_string_equal(list[1], "kedua");
    assert_null(list[2]);
    profile_list_free(&list);
    assert_null(list);
}

int main(void)
{
#define AT_HOME(test) cmocka_unit_test_setup_teardown(test, at_home, folder_remove)
    const struct CMUnitTest tests[] = {
        AT_HOME(is_made_from_a_bundle),
        AT_HOME(keeps_the_zone),
        AT_HOME(finds_that_somebody_enrolled),
        AT_HOME(is_changed_by_one_at_a_time),
        AT_HOME(is_replaced_only_by_its_own_renewal),
        AT_HOME(refuses_a_bad_bundle),
        AT_HOME(wants_an_address_to_call),
        AT_HOME(names_the_profiles_there_are),
    };
    return cmocka_run_group_tests_name("client/store/profile", tests, make_ca, remove_ca);
}
