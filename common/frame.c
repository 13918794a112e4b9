#include "common/frame.h"

#include "common/error.h"

void frame_put_length(uint8_t header[FRAME_HEADER], uint32_t length)
{
    header[0] = (uint8_t)(length >> 24);
    header[1] = (uint8_t)(length >> 16);
    header[2] = (uint8_t)(length >> 8);
    header[3] = (uint8_t)length;
}

int frame_length(const uint8_t header[FRAME_HEADER], uint32_t max, uint32_t *length,
                 struct error *err)
{
    uint32_t value = (uint32_t)header[0] << 24 | (uint32_t)header[1] << 16 |
                     (uint32_t)header[2] << 8 | header[3];
    if (value == 0)
        return error_set(err, ERROR_INVALID, NULL, "a frame of length 0");
    if (value > max)
        return error_set(err, ERROR_TOO_LARGE, NULL,
                         "a frame of %lu bytes, where at most %lu are taken", (unsigned long)value,
                         (unsigned long)max);
    *length = value;
    return 0;
}
