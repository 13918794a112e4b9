#include "common/uuid.h"

static struct uuid make(uint64_t ms, const uint8_t tail[10], unsigned version)
{
    struct uuid id;
    for (unsigned i = 0; i < 6; i++)
        id.byte[i] = (uint8_t)(ms >> (40 - 8 * i));
    memcpy(id.byte + 6, tail, 10);
    id.byte[6] = (uint8_t)((id.byte[6] & 0x0Fu) | (version << 4));
    id.byte[8] = (uint8_t)((id.byte[8] & 0x3Fu) | 0x80u);
    return id;
}

struct uuid uuid_v7(uint64_t ms, const uint8_t random[10])
{
    return make(ms, random, 7);
}

struct uuid uuid_v8(uint64_t ms, const uint8_t digest[10])
{
    return make(ms, digest, 8);
}

uint64_t uuid_ms(const struct uuid *id)
{
    uint64_t ms = 0;
    for (unsigned i = 0; i < 6; i++)
        ms = ms << 8 | id->byte[i];
    return ms;
}

int uuid_version(const struct uuid *id)
{
    return (id->byte[8] & 0xC0u) == 0x80u ? id->byte[6] >> 4 : 0;
}

int uuid_compare(const struct uuid *a, const struct uuid *b)
{
    return memcmp(a->byte, b->byte, sizeof a->byte);
}

static bool hyphen_at(size_t position)
{
    return position == 8 || position == 13 || position == 18 || position == 23;
}

void uuid_format(const struct uuid *id, char out[UUID_TEXT])
{
    static const char digits[] = "0123456789abcdef";
    size_t at = 0;
    for (size_t i = 0; i < sizeof id->byte; i++) {
        if (hyphen_at(at))
            out[at++] = '-';
        out[at++] = digits[id->byte[i] >> 4];
        out[at++] = digits[id->byte[i] & 0x0Fu];
    }
    out[at] = '\0';
}

/* -1 when c is no hexadecimal digit; isxdigit() would ask the locale. */
static int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool uuid_parse(const char *text, struct uuid *out)
{
    struct uuid id = {{0}};
    size_t nibble = 0;
    for (size_t at = 0; at < UUID_TEXT - 1; at++) {
        if (hyphen_at(at)) {
            if (text[at] != '-')
                return false;
            continue;
        }
        int value = digit_value(text[at]); /* stops at the zero of a shorter text */
        if (value < 0)
            return false;
        id.byte[nibble / 2] = (uint8_t)(id.byte[nibble / 2] << 4 | value);
        nibble++;
    }
    if (text[UUID_TEXT - 1] != '\0')
        return false;
    *out = id;
    return true;
}
