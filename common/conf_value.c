#include "common/conf_value.h"

#include "common/buf.h"
#include "common/text.h"

#include <strings.h>

struct unit {
    const char *name;
    int64_t times;
};

/* Largest first: conf_value_write takes the first that divides. */
static const struct unit sizes[] = {{"G", 1 << 30}, {"M", 1 << 20}, {"K", 1 << 10}, {"", 1}};
static const struct unit durations[] = {{"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}};
static const struct unit counts[] = {{"", 1}};

static const struct unit *units_of(const struct conf_option *option, size_t *count)
{
    if (option->type == CONF_SIZE) {
        *count = sizeof sizes / sizeof *sizes;
        return sizes;
    }
    if (option->type == CONF_DURATION) {
        *count = sizeof durations / sizeof *durations;
        return durations;
    }
    *count = 1;
    return counts;
}

bool conf_value_is_text(const struct conf_option *option)
{
    return option->type == CONF_TEXT || option->type == CONF_PATH;
}

char **conf_value_text(const struct conf_option *option, void *settings)
{
    return (void *)((char *)settings + option->offset);
}

int64_t *conf_value_number(const struct conf_option *option, void *settings)
{
    return (void *)((char *)settings + option->offset);
}

void conf_value_write(const struct conf_option *option, int64_t number, char out[64])
{
    size_t count;
    const struct unit *unit = units_of(option, &count);
    while (count > 1 && number % unit->times != 0) {
        unit++;
        count--;
    }
    if (number == 0)
        snprintf(out, 64, "0");
    else
        snprintf(out, 64, "%lld%s", (long long)(number / unit->times), unit->name);
}

/* Digits and a unit. False when it is no such thing or does not fit. */
static bool read_number(const struct conf_option *option, const char *value, int64_t *number)
{
    int64_t n = 0;
    const char *at = value;
    for (; *at >= '0' && *at <= '9'; at++)
        if (__builtin_mul_overflow(n, 10, &n) || __builtin_add_overflow(n, *at - '0', &n))
            return false;
    if (at == value)
        return false;
    size_t count;
    const struct unit *unit = units_of(option, &count);
    for (size_t i = 0; i < count; i++)
        if (strcasecmp(at, unit[i].name) == 0)
            return !__builtin_mul_overflow(n, unit[i].times, number);
    if (n == 0 && *at == '\0') { /* 0 is 0 in any unit */
        *number = 0;
        return true;
    }
    return false;
}

static bool set_number(const struct conf_option *option, void *settings, const char *value,
                       char why[256])
{
    int64_t number;
    if (!read_number(option, value, &number)) {
        static const char *const forms[] = {
            [CONF_COUNT] = "a whole number",
            [CONF_SIZE] = "a size like 512, 64K or 1M",
            [CONF_DURATION] = "a duration like 500ms, 10s, 2m or 1h",
        };
        snprintf(why, 256, "is not %s", forms[option->type]);
        return false;
    }
    if (number < option->least || number > option->most) {
        char least[64], most[64];
        conf_value_write(option, option->least, least);
        conf_value_write(option, option->most, most);
        snprintf(why, 256, "must be %s to %s", least, most);
        return false;
    }
    *conf_value_number(option, settings) = number;
    return true;
}

static bool set_choice(const struct conf_option *option, void *settings, const char *value,
                       char why[256])
{
    struct buf known = {0};
    for (size_t i = 0; option->choices[i]; i++) {
        if (strcmp(option->choices[i], value) == 0) {
            *conf_value_number(option, settings) = (int64_t)i;
            buf_release(&known);
            return true;
        }
        buf_printf(&known, "%s%s",
                   i == 0                   ? ""
                   : option->choices[i + 1] ? ", "
                                            : " or ",
                   option->choices[i]);
    }
    snprintf(why, 256, "must be %s", known.data && !known.failed ? known.data : "one of the known");
    buf_release(&known);
    return false;
}

/* Replaces each ${NAME}. */
static bool expand(struct buf *out, const char *value, char why[256])
{
    while (*value) {
        const char *start = strstr(value, "${");
        if (!start) {
            buf_puts(out, value);
            break;
        }
        const char *end = strchr(start, '}');
        if (!end) {
            snprintf(why, 256, "has a ${ without its }");
            return false;
        }
        char name[128];
        snprintf(name, sizeof name, "%.*s", (int)(end - start - 2 < 127 ? end - start - 2 : 127),
                 start + 2);
        const char *replacement = getenv(name);
        if (!replacement) {
            snprintf(why, 256, "names ${%s}, which is not set in the environment", name);
            return false;
        }
        buf_add(out, value, (size_t)(start - value));
        buf_puts(out, replacement);
        value = end + 1;
    }
    return true;
}

static bool set_text(const struct conf_option *option, void *settings, const char *value,
                     char why[256])
{
    struct buf text = {0};
    buf_puts(&text, "");
    if (option->type == CONF_PATH) {
        if (!expand(&text, value, why)) {
            buf_release(&text);
            return false;
        }
    } else {
        buf_puts(&text, value);
    }
    if (text.failed) {
        buf_release(&text);
        snprintf(why, 256, "does not fit into memory");
        return false;
    }
    char **member = conf_value_text(option, settings);
    free(*member);
    *member = text.data;
    return true;
}

bool conf_value_set(const struct conf_option *option, void *settings, const char *value,
                    char why[256])
{
    switch (option->type) {
    case CONF_COUNT:
    case CONF_SIZE:
    case CONF_DURATION:
        return set_number(option, settings, value, why);
    case CONF_CHOICE:
        return set_choice(option, settings, value, why);
    case CONF_TEXT:
    case CONF_PATH:
        break;
    }
    return set_text(option, settings, value, why);
}
