#include "common/log.h"

#include "common/buf.h"
#include "common/civil.h"
#include "common/clock.h"
#include "common/text.h"

#include <errno.h>
#include <stdbool.h>
#include <unistd.h>

static struct {
    enum log_target target;
    enum log_level most;
} log_state = {LOG_STDERR, LOG_INFO};

void log_open(enum log_target target, enum log_level most)
{
    log_state.target = target;
    log_state.most = most;
}

static const char *level_name(enum log_level level)
{
    switch (level) {
    case LOG_ERROR:
        return "error";
    case LOG_WARN:
        return "warn";
    case LOG_INFO:
        return "info";
    case LOG_DEBUG:
        return "debug";
    }
    return "info";
}

/* Plain values stay as they are, so that a line is easy to read and to cut. */
static bool is_plain(const char *text)
{
    for (const char *at = text; *at; at++)
        if (*at <= ' ' || *at > '~' || *at == '"' || *at == '\\' || *at == '=')
            return false;
    return *text != '\0';
}

static void put_value(struct buf *line, const char *text)
{
    if (is_plain(text)) {
        buf_puts(line, text);
        return;
    }
    buf_putc(line, '"');
    while (*text) {
        size_t n = strcspn(text, "\"\\");
        text_escape(line, text, n);
        text += n;
        if (*text) {
            buf_putc(line, '\\');
            buf_putc(line, *text++);
        }
    }
    buf_putc(line, '"');
}

static void put_front(struct buf *line, enum log_level level)
{
    if (log_state.target == LOG_JOURNAL) {
        buf_printf(line, "<%d>", (int)level);
        return;
    }
    char now[40];
    civil_format_ms(clock_wall_ms(), ZONE_NONE, now);
    buf_puts(line, now);
    buf_putc(line, ' ');
}

/* One write: lines of several processes on one stderr do not mix. */
static void put_line(const char *data, size_t len)
{
    ssize_t done;
    do
        done = write(STDERR_FILENO, data, len);
    while (done < 0 && errno == EINTR);
}

void log_write(enum log_level level, const char *event, const struct log_field *fields)
{
    if (level > log_state.most)
        return;
    int kept = errno; /* a log line in front of perror-like code must not change it */
    struct buf line = {0};
    put_front(&line, level);
    buf_printf(&line, "%s %s", level_name(level), event);
    for (const struct log_field *field = fields; field && field->key; field++) {
        buf_printf(&line, " %s=", field->key);
        if (field->text)
            put_value(&line, field->text);
        else
            buf_printf(&line, "%lld", (long long)field->number);
    }
    buf_putc(&line, '\n');
    static const char lost[] = "error log.lost reason=\"no memory\"\n";
    if (line.failed)
        put_line(lost, sizeof lost - 1);
    else
        put_line(line.data, line.len);
    buf_release(&line);
    errno = kept;
}
