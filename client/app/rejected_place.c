#include "client/app/rejected_place.h"

#include "client/app/rejected.h"
#include "client/core/import.h"
#include "common/buf.h"
#include "common/digest.h"
#include "common/error.h"
#include "common/text.h"
#include <errno.h>
#include <unistd.h>

/* ---- names ---------------------------------------------------------------------------------- */

/* Two surveys with the same name from two sticks must not meet in the folder of the outbox. */
static bool path_mark(const char *path, char mark[9])
{
    uint8_t out[DIGEST_SIZE];
    struct digest *digest = digest_new();
    bool ok = digest && digest_of(digest, path, strlen(path), out);
    digest_free(&digest);
    if (ok)
        snprintf(mark, 9, "%02x%02x%02x%02x", out[0], out[1], out[2], out[3]);
    return ok;
}

bool rejected_places(struct rejected_places *places, const char *path, const char *folder)
{
    const char *base = strrchr(path, '/');
    struct buf stem[2] = {{0}, {0}};
    char mark[9];
    buf_printf(&stem[0], "%s.rejected", path);
    bool ok = !folder || path_mark(path, mark);
    if (ok && folder)
        buf_printf(&stem[1], "%s/%s.%s.rejected", folder, base ? base + 1 : path, mark);
    places->stem[0] = stem[0].data;
    places->stem[1] = stem[1].data;
    return ok && !stem[0].failed && !stem[1].failed;
}

void rejected_places_release(struct rejected_places *places)
{
    free(places->stem[0]);
    free(places->stem[1]);
}

/* FILE.rejected.csv, FILE.rejected-2.csv ..; NULL without memory. */
char *rejected_numbered(const char *stem, unsigned number)
{
    struct buf name = {0};
    if (number == 1)
        buf_printf(&name, "%s.csv", stem);
    else
        buf_printf(&name, "%s-%u.csv", stem, number);
    if (name.failed)
        buf_release(&name);
    return name.data;
}

bool rejected_write(int fd, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t n = write(fd, data, size);
        if (n < 0 && errno != EINTR)
            return false;
        data += n > 0 ? n : 0;
        size -= n > 0 ? (size_t)n : 0;
    }
    return true;
}

bool rejected_read(int fd, char *data, size_t size, off_t at)
{
    for (size_t done = 0; done < size;) {
        ssize_t n = pread(fd, data + done, size - done, at + (off_t)done);
        if (n == 0 || (n < 0 && errno != EINTR))
            return false;
        done += n > 0 ? (size_t)n : 0;
    }
    return true;
}

/* A spreadsheet takes a file without the mark for its own old code page. */
void rejected_header(struct buf *out, const struct instrument *instrument)
{
    buf_puts(out, "\xEF\xBB\xBFline,field,reason,");
    import_canonical_header(instrument, out);
    buf_puts(out, "\r\n");
}

void rejected_line(struct buf *out, uint64_t line, const char *field, const char *reason,
                   const struct buf *cells)
{
    buf_printf(out, "%llu,", (unsigned long long)line);
    text_csv_field(out, field, strlen(field));
    buf_putc(out, ',');
    text_csv_field(out, reason, strlen(reason));
    buf_putc(out, ',');
    buf_add(out, cells->data, cells->len);
    buf_puts(out, "\r\n");
}

int rejected_memory(struct error *err)
{
    return error_set(err, ERROR_IO, NULL, "memory ran out");
}
