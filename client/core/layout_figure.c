#include "client/core/layout_figure.h"

#include "client/core/layout_json.h"
#include <inttypes.h>

static uint64_t size_of(int64_t value)
{
    return value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
}

static uint64_t power(unsigned decimals)
{
    uint64_t ten = 1;

    while (decimals-- > 0)
        ten *= 10;
    return ten;
}

void layout_signed(int64_t value, unsigned decimals, bool plus, char out[32])
{
    uint64_t size = size_of(value), ten = power(decimals);
    const char *sign = value < 0 ? "-" : value > 0 && plus ? "+" : "";

    snprintf(out, 32, "%s%" PRIu64 ".%0*" PRIu64, sign, size / ten, (int)decimals, size % ten);
}

void layout_size(int64_t value, unsigned decimals, char out[32])
{
    layout_signed(value < 0 ? -value : value, decimals, false, out);

    size_t len = strlen(out);
    while (len > 1 && out[len - 1] == '0')
        out[--len] = '\0';
    if (out[len - 1] == '.')
        out[len - 1] = '\0';
}

static json_t *figure(int64_t value, unsigned decimals)
{
    char text[32];

    layout_signed(value, decimals, false, text);
    return json_string(text);
}

json_t *layout_json_change(int64_t value, bool known, int64_t low, int64_t high, bool beyond_chance,
                           unsigned decimals)
{
    json_t *object = layout_json_put(json_object(), "value", figure(value, decimals));

    object = layout_json_put(object, "low", known ? figure(low, decimals) : json_null());
    object = layout_json_put(object, "high", known ? figure(high, decimals) : json_null());
    return layout_json_put(object, "beyond_chance",
                           known ? json_boolean(beyond_chance) : json_null());
}

const char *layout_change_colour(int64_t value, bool beyond_chance)
{
    if (!beyond_chance || value == 0)
        return NULL;
    return value > 0 ? "green" : "red";
}

json_t *layout_json_interval(uint32_t low, uint32_t high)
{
    if (high == 0)
        return json_null();
    return layout_json_put(layout_json_put(json_object(), "low", figure(low, 2)), "high",
                           figure(high, 2));
}

const char *layout_grade_colour(const char *grade)
{
    static const char *const colour[4] = {"green", "cyan", "yellow", "red"};

    return grade[0] >= 'A' && grade[0] <= 'D' && grade[1] == '\0' ? colour[grade[0] - 'A'] : NULL;
}
