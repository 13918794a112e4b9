/*
 * Configuration files, by the daemon's own table: what is taken is in its range and reads the same
 * once more; what is not is one sentence.
 */
#include "common/conf_value.h"
#include "common/error.h"
#include "common/text.h"
#include "daemon/core/settings.h"
#include "tests/fuzz/fuzz.h"
#include <sys/mman.h>
#include <unistd.h>

static void check_number(const struct conf_option *option, struct settings *settings)
{
    char text[64], why[256];
    int64_t number = *conf_value_number(option, settings);
    must(number >= option->least && number <= option->most);
    conf_value_write(option, number, text);
    must(conf_value_set(option, settings, text, why));
    must(*conf_value_number(option, settings) == number);
}

static void check_settings(struct settings *settings)
{
    char name[64];
    for (size_t i = 0; i < settings_count; i++) {
        const struct conf_option *option = &settings_table[i];
        if (conf_value_is_text(option))
            must(*conf_value_text(option, settings));
        else if (option->type == CONF_CHOICE)
            must(*conf_value_number(option, settings) >= 0);
        else
            check_number(option, settings);
    }
    must(!conf_fixed_change(settings_table, settings_count, settings, settings, name));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int file = -1;
    static char path[64];
    struct settings settings, again;
    struct error err = {0};
    if (file < 0) {
        file = memfd_create("suarad.conf", 0);
        snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    }
    must(file >= 0 && ftruncate(file, 0) == 0);
    must(pwrite(file, data, size, 0) == (ssize_t)size);
    if (settings_load(&settings, path, &err) != 0) {
        must(err.code != ERROR_NONE && err.text[0]);
        must(text_check(err.text, strlen(err.text), sizeof err.text) == TEXT_OK);
        must(!strchr(err.text, '\n'));
        return 0;
    }
    check_settings(&settings);
    must(settings_load(&again, path, &err) == 0);
    char name[64];
    must(!conf_fixed_change(settings_table, settings_count, &settings, &again, name));
    settings_release(&settings);
    settings_release(&again);
    return 0;
}
