/*
 * Runs a target on files: those named, or its corpus (tests/fuzz/corpus/NAME, from the root of the
 * tree). So what fuzzing found once is tried in every run of the unit tests, by gcc's sanitizers
 * too, without libFuzzer.
 */
#include "tests/fuzz/fuzz.h"
#include <dirent.h>
#include <errno.h>
#include <libgen.h>
#include <sys/stat.h>

static const char *running; /* named when it breaks */

static void say_which(void)
{
    if (running)
        fprintf(stderr, "while it ran %s\n", running);
}

static int run_file(const char *path)
{
    struct stat about;
    FILE *file = fopen(path, "rb");
    if (!file || fstat(fileno(file), &about) != 0) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return -1;
    }
    size_t size = (size_t)about.st_size;
    uint8_t *data = malloc(size ? size : 1);
    size_t got = data ? fread(data, 1, size, file) : 0;
    fclose(file);
    if (!data || got != size) {
        fprintf(stderr, "%s can't be read\n", path);
        free(data);
        return -1;
    }
    running = path;
    fprintf(stderr, "%s\n", path); /* the last one named is the one that broke it */
    LLVMFuzzerTestOneInput(data, size);
    running = NULL;
    free(data);
    return 0;
}

static int run_folder(const char *folder)
{
    struct dirent **entries;
    int count = scandir(folder, &entries, NULL, alphasort), ran = 0, status = 0;
    if (count < 0) {
        fprintf(stderr, "%s: %s; run this from the root of the tree\n", folder, strerror(errno));
        return -1;
    }
    for (int i = 0; i < count; i++) {
        char path[1024];
        snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        if (status == 0 && entries[i]->d_name[0] != '.') {
            status = run_file(path);
            ran++;
        }
        free(entries[i]);
    }
    free(entries);
    return status == 0 ? ran : -1;
}

int main(int argc, char **argv)
{
    int ran = 0;
    atexit(say_which);
    for (int i = 1; i < argc; i++, ran++)
        if (run_file(argv[i]) != 0)
            return 1;
    if (argc == 1) {
        char folder[256];
        const char *name = strchr(basename(argv[0]), '-'); /* replay-NAME */
        snprintf(folder, sizeof folder, "tests/fuzz/corpus/%s", name ? name + 1 : "");
        ran = run_folder(folder);
    }
    if (ran <= 0) {
        fprintf(stderr, "nothing was replayed\n");
        return 1;
    }
    printf("[  PASSED  ] %d test(s).\n", ran);
    return 0;
}
