#include "common/conf.h"

#include "common/conf_value.h"

static bool same_value(const struct conf_option *option, const void *a, const void *b)
{
    const char *at_a = (const char *)a + option->offset, *at_b = (const char *)b + option->offset;
    if (!conf_value_is_text(option))
        return memcmp(at_a, at_b, sizeof(int64_t)) == 0;
    char *text_a, *text_b;
    memcpy(&text_a, at_a, sizeof text_a);
    memcpy(&text_b, at_b, sizeof text_b);
    if (!text_a || !text_b)
        return text_a == text_b;
    return strcmp(text_a, text_b) == 0;
}

const char *conf_fixed_change(const struct conf_option *table, size_t count,
                              const void *old_settings, const void *new_settings, char name[64])
{
    for (size_t i = 0; i < count; i++) {
        if (table[i].reloadable || same_value(&table[i], old_settings, new_settings))
            continue;
        snprintf(name, 64, "%s%s%s", table[i].section, table[i].section[0] ? "." : "",
                 table[i].name);
        return name;
    }
    return NULL;
}

static void print_range(const struct conf_option *option, FILE *out)
{
    if (option->type == CONF_CHOICE) {
        for (size_t i = 0; option->choices[i]; i++)
            fprintf(out, "%s%s", i == 0 ? "# One of: " : ", ", option->choices[i]);
        fputs(".\n", out);
    } else if (!conf_value_is_text(option)) {
        char least[64], most[64];
        conf_value_write(option, option->least, least);
        conf_value_write(option, option->most, most);
        fprintf(out, "# %s to %s.\n", least, most);
    }
}

void conf_print(const struct conf_option *table, size_t count, FILE *out)
{
    const char *section = "";
    for (size_t i = 0; i < count; i++) {
        const struct conf_option *option = &table[i];
        if (strcmp(section, option->section) != 0) {
            fprintf(out, "%s[%s]\n", i == 0 ? "" : "\n", option->section);
            section = option->section;
        }
        fprintf(out, "\n# %s\n", option->help);
        print_range(option, out);
        if (!option->reloadable)
            fputs("# Changed only by a restart.\n", out);
        if (option->standard)
            fprintf(out, "#%s = %s\n", option->name, option->standard);
        else
            fprintf(out, "%s =\n", option->name);
    }
}
