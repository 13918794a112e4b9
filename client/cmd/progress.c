#include "client/cmd/progress.h"

#include "common/buf.h"
#include "common/clock.h"
#include "common/text.h"
#include <inttypes.h>
#include <unistd.h>

#define EVERY_MS 200u

static uint64_t rate(uint64_t count, uint64_t elapsed_ms)
{
    double per_second = elapsed_ms > 0 ? (double)count * 1000.0 / (double)elapsed_ms : 0;

    return per_second < 1e18 ? (uint64_t)per_second : 0;
}

void progress_file_line(char *out, size_t room, const char *what, uint64_t done, uint64_t size,
                        uint64_t rows, uint64_t elapsed_ms)
{
    if (size > 0)
        snprintf(out, room, "%s: %u %%, %" PRIu64 " rows, %" PRIu64 "/s", what,
                 (unsigned)((double)done * 100.0 / (double)size), rows, rate(rows, elapsed_ms));
    else
        snprintf(out, room, "%s: %" PRIu64 " KiB, %" PRIu64 " rows, %" PRIu64 "/s", what,
                 done / 1024, rows, rate(rows, elapsed_ms));
}

void progress_sync_line(char *out, size_t room, const char *what, uint64_t done, uint64_t waiting,
                        uint64_t elapsed_ms)
{
    snprintf(out, room, "%s: %" PRIu64 " of %" PRIu64 ", %" PRIu64 "/s", what, done, waiting,
             rate(done, elapsed_ms));
}

void progress_start(struct progress *progress, const char *what)
{
    *progress = (struct progress){.on = isatty(STDERR_FILENO) == 1, .what = what};
    progress->start_ms = clock_monotonic_ms();
}

/* Is it time to draw again? */
static bool due(struct progress *progress)
{
    uint64_t now = clock_monotonic_ms();

    if (!progress->on || now - progress->start_ms < EVERY_MS || now - progress->drawn_ms < EVERY_MS)
        return false;
    progress->drawn_ms = now;
    return true;
}

static void draw(struct progress *progress, const char *line)
{
    struct buf shown = {0};

    text_escape(&shown, line, strlen(line));
    fprintf(stderr, "\r%s\x1b[K", buf_text(&shown));
    fflush(stderr);
    buf_release(&shown);
    progress->drawn = true;
}

void progress_file(uint64_t done, uint64_t size, uint64_t rows, void *arg)
{
    struct progress *progress = arg;
    char line[256];

    if (!due(progress))
        return;
    progress_file_line(line, sizeof line, progress->what, done, size, rows,
                       progress->drawn_ms - progress->start_ms);
    draw(progress, line);
}

void progress_sync(uint64_t done, uint64_t waiting, void *arg)
{
    struct progress *progress = arg;
    char line[256];

    if (!due(progress))
        return;
    progress_sync_line(line, sizeof line, progress->what, done, waiting,
                       progress->drawn_ms - progress->start_ms);
    draw(progress, line);
}

void progress_text(struct progress *progress, const char *text)
{
    char line[256];

    if (!due(progress))
        return;
    snprintf(line, sizeof line, "%s: %s", progress->what, text);
    draw(progress, line);
}

void progress_end(struct progress *progress)
{
    if (progress->drawn)
        fputs("\r\x1b[K", stderr);
    progress->drawn = false;
}
