#include "client/core/ids.h"

#include "client/core/message.h"
#include "common/error.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static int add(struct buf *ids, const struct uuid *id, struct error *err)
{
    buf_add(ids, id, sizeof *id);
    return ids->failed ? error_set(err, ERROR_IO, NULL, MSG_MEMORY) : 0;
}

int ids_add(struct buf *ids, const char *text, struct error *err)
{
    struct uuid id;
    if (!uuid_parse(text, &id))
        return error_set(err, ERROR_USAGE, NULL, MSG_ID, text);
    return add(ids, &id, err);
}

int ids_add_lines(struct buf *ids, const char *file, const char *text, struct error *err)
{
    for (unsigned line = 1; *text; line++) {
        size_t size = strcspn(text, "\n"), from = 0, to = size;
        while (from < to && isspace((unsigned char)text[from]))
            from++;
        while (to > from && isspace((unsigned char)text[to - 1]))
            to--;
        char word[UUID_TEXT + 1];
        struct uuid id;
        int shown = snprintf(word, sizeof word, "%.*s", (int)(to - from < 64 ? to - from : 64),
                             text + from);
        bool passed = from == to || text[from] == '#';
        if (!passed && (shown != UUID_TEXT - 1 || !uuid_parse(word, &id)))
            return error_set(err, ERROR_USAGE, NULL, MSG_ID_LINE, file, line, word);
        if (!passed && add(ids, &id, err) < 0)
            return -1;
        text += size + (text[size] == '\n');
    }
    return 0;
}

static int order(const void *a, const void *b)
{
    return uuid_compare(a, b);
}

size_t ids_settle(struct buf *ids)
{
    struct uuid *id = (void *)ids->data;
    size_t count = ids->len / sizeof *id, n = 0;
    if (count > 0)
        qsort(id, count, sizeof *id, order);
    for (size_t i = 0; i < count; i++)
        if (n == 0 || uuid_compare(&id[n - 1], &id[i]) != 0)
            id[n++] = id[i];
    ids->len = n * sizeof *id;
    return n;
}
