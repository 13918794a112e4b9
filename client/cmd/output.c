#include "client/cmd/output.h"

#include "client/cmd/cmd.h"
#include "client/core/message.h"
#include "common/buf.h"
#include "common/error.h"
#include "common/text.h"
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio_ext.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define SENTENCE_MAX 2048u

__attribute__((format(printf, 3, 0))) static void put(FILE *to, const char *front,
                                                      const char *format, va_list args)
{
    char sentence[SENTENCE_MAX];
    struct buf shown = {0};

    vsnprintf(sentence, sizeof sentence, format, args);
    text_escape(&shown, sentence, strlen(sentence));
    fprintf(to, "%s%s\n", front, buf_text(&shown));
    fflush(to);
    buf_release(&shown);
}

void say(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    put(stdout, "", format, args);
    va_end(args);
}

void warn(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    put(stderr, "suara: ", format, args);
    va_end(args);
}

int fail(const struct error *err)
{
    warn("%s", err->text);
    return cmd_exit_of(err);
}

int output_write(struct buf *text)
{
    int status = CMD_DONE;

    if (text->failed) {
        warn(MSG_MEMORY);
        status = CMD_NOT_SAVED;
    } else if (text->len > 0) {
        fwrite(text->data, 1, text->len, stdout);
        status = output_end();
    }
    buf_release(text);
    return status;
}

int output_end(void)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return CMD_DONE;
    warn(MSG_STDOUT, strerror(errno));
    clearerr(stdout);
    __fpurge(stdout); /* say it once */
    return CMD_NOT_SAVED;
}

int output_style(const struct cmd_call *call, bool csv, struct layout_style *style,
                 struct error *err)
{
    static const char *const all[] = {"table", "json", "csv", NULL};
    static const char *const two[] = {"table", "json", NULL};
    static const enum layout_format format[] = {LAYOUT_TABLE, LAYOUT_JSON, LAYOUT_CSV};
    const char *no_colour = getenv("NO_COLOR"); /* https://no-color.org: set and not empty */
    struct winsize size;

    int choice = cmd_choice(call, "format", csv ? all : two, "table", err);
    if (choice < 0)
        return -1;
    *style = (struct layout_style){.format = format[choice]};
    if (isatty(STDOUT_FILENO)) {
        style->width = 80;
        if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
            style->width = size.ws_col;
        style->colour = !no_colour || no_colour[0] == '\0';
    }
    return 0;
}

bool output_can_ask(void)
{
    return isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

char output_ask(const char *letters, const char *format, ...)
{
    char line[64];
    va_list args;

    for (;;) {
        va_start(args, format);
        vfprintf(stderr, format, args);
        va_end(args);
        fflush(stderr);
        if (!fgets(line, sizeof line, stdin))
            return letters[strlen(letters) - 1];
        char letter = (char)tolower((unsigned char)line[0]);
        if (letter && strchr(letters, letter))
            return letter;
    }
}
