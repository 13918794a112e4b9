/*
 * suarad: takes feedback from regional offices and stores it exactly once (suarad(8)).
 */
#include "common/error.h"
#include "common/log.h"
#include "daemon/app/server.h"
#include "daemon/core/metrics.h"
#include "daemon/core/roles.h"
#include "daemon/core/settings.h"
#include <getopt.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#define CONFIG_STANDARD "/etc/suara/suarad.conf"
#define EXIT_USAGE      64
#define HEAP_KEPT       (32 * 1024 * 1024)
#define EXIT_CONFIG     78 /* EX_CONFIG: systemd does not restart into the same fault for ever */

static const char usage[] =
    "usage: suarad [-c FILE] [--check-config] [--print-config] [--version] [--help]\n"
    "\n"
    "  -c, --config FILE   configuration (default " CONFIG_STANDARD ", if it is there)\n"
    "      --check-config  read it, say what is wrong, and exit\n"
    "      --print-config  print every option with its default and meaning\n"
    "      --version       print the version\n"
    "\n"
    "SIGHUP reloads, SIGTERM stops after the open requests, a second one at once.\n"
    "See suarad(8) and suarad.conf(5).\n";

enum { OPT_CHECK = 256, OPT_PRINT, OPT_VERSION, OPT_DUMP };

static const struct option options[] = {
    {"config", required_argument, NULL, 'c'},
    {"check-config", no_argument, NULL, OPT_CHECK},
    {"print-config", no_argument, NULL, OPT_PRINT},
    {"version", no_argument, NULL, OPT_VERSION},
    {"dump", no_argument, NULL, OPT_DUMP},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

/* Names of options and metrics, and rights, one a line: what manual and tests are checked against.
 */
static void dump(void)
{
    for (size_t i = 0; i < settings_count; i++)
        printf("option %s.%s\n", settings_table[i].section, settings_table[i].name);
    for (enum verb verb = VERB_HELLO; verb < VERB_COUNT; verb++)
        for (enum role role = ROLE_OFFICE; role < ROLE_COUNT; role++)
            printf("right %s %s %s\n", verb_name(verb), role_name(role),
                   reach_name(role_reach(role, verb)));
    for (size_t i = 0; metrics_name(i); i++)
        printf("metric %s %s\n", metrics_name(i), metrics_labels(i));
}

static int check(const char *config)
{
    struct settings settings;
    struct error err;
    int rc = settings_load(&settings, config, &err);
    if (rc == 0) {
        rc = server_check(&settings, &err);
        settings_release(&settings);
    }
    if (rc != 0) {
        fprintf(stderr, "suarad: %s\n", err.text);
        return EXIT_CONFIG;
    }
    printf("%s: the configuration is good\n", config ? config : "no file, defaults");
    return 0;
}

static int run(const char *config)
{
    struct error err;
    (void)signal(SIGPIPE, SIG_IGN);
    /* What a batch was unpacked into serves the next one instead of going back to the kernel, whose
     * page faults would cost more than the unpacking (710 against 160 ns a response). */
    (void)mallopt(M_MMAP_THRESHOLD, HEAP_KEPT);
    (void)mallopt(M_TRIM_THRESHOLD, HEAP_KEPT);
    struct server *server = server_new(config, &err);
    if (!server) {
        fprintf(stderr, "suarad: %s\n", err.text);
        return err.code == ERROR_USAGE ? EXIT_CONFIG : 1;
    }
    int rc = server_run(server);
    server_free(&server);
    if (rc == SERVER_REFUSED) {
        fputs("suarad: the database has another schema version: see the log\n", stderr);
        return EXIT_CONFIG;
    }
    return rc == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    const char *config = access(CONFIG_STANDARD, F_OK) == 0 ? CONFIG_STANDARD : NULL;
    bool checking = false;
    int c;
    while ((c = getopt_long(argc, argv, "c:h", options, NULL)) != -1) {
        switch (c) {
        case 'c':
            config = optarg;
            break;
        case OPT_CHECK:
            checking = true;
            break;
        case OPT_PRINT:
            conf_print(settings_table, settings_count, stdout);
            return 0;
        case OPT_VERSION:
            puts("suarad " SUARA_VERSION);
            return 0;
        case OPT_DUMP:
            dump();
            return 0;
        case 'h':
            fputs(usage, stdout);
            return 0;
        default:
            fputs("try suarad --help\n", stderr);
            return EXIT_USAGE;
        }
    }
    if (optind < argc) {
        fprintf(stderr, "suarad: takes no argument %s: try suarad --help\n", argv[optind]);
        return EXIT_USAGE;
    }
    return checking ? check(config) : run(config);
}
