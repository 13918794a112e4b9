#include "client/store/instruments.h"

#include "client/core/instrument.h"
#include "client/store/path.h"
#include "client/store/profile.h"
#include "common/arena.h"
#include "common/buf.h"
#include "common/error.h"
#include "common/text.h"
#include <unistd.h>

struct known {
    struct arena arena;
    const struct instrument *instrument; /* in the arena */
    struct known *next;
};

struct instruments {
    const struct profile *profile;
    struct known *known;
};

struct instruments *instruments_open(const struct profile *profile)
{
    struct instruments *instruments = calloc(1, sizeof *instruments);
    if (instruments)
        instruments->profile = profile;
    return instruments;
}

static void forget(struct known **known)
{
    arena_release(&(*known)->arena);
    free(*known);
    *known = NULL;
}

void instruments_close(struct instruments **instruments)
{
    if (!*instruments)
        return;
    while ((*instruments)->known) {
        struct known *first = (*instruments)->known;
        (*instruments)->known = first->next;
        forget(&first);
    }
    free(*instruments);
    *instruments = NULL;
}

/* False without memory, or there is no outbox to keep it beside. */
static bool path_of(const struct instruments *instruments, const char *code, struct buf *path)
{
    const char *outbox = instruments->profile->outbox;
    const char *slash = outbox ? strrchr(outbox, '/') : NULL;
    if (!slash)
        return false;
    buf_printf(path, "%.*s/instruments/%s.ini", (int)(slash - outbox), outbox, code);
    return !path->failed;
}

static const struct instrument *parse(struct instruments *instruments, const char *code,
                                      const void *text, size_t size, const char *path,
                                      struct error *err)
{
    struct known *known = calloc(1, sizeof *known);
    if (!known) {
        error_set(err, ERROR_IO, NULL, "memory ran out");
        return NULL;
    }
    arena_init(&known->arena, INSTRUMENT_ARENA);
    known->instrument = instrument_parse(&known->arena, text, size, path, err);
    if (known->instrument && strcmp(known->instrument->code, code) != 0) {
        error_set(err, ERROR_INVALID, "code", "%s%sthe questionnaire has the code %.64s, not %.64s",
                  path ? path : "", path ? ": " : "", known->instrument->code, code);
        known->instrument = NULL;
    }
    if (!known->instrument) {
        forget(&known);
        return NULL;
    }
    known->next = instruments->known;
    instruments->known = known;
    return known->instrument;
}

static const struct instrument *read_copy(struct instruments *instruments, const char *code,
                                          struct error *err)
{
    const struct instrument *found = NULL;
    struct buf path = {0};
    if (!path_of(instruments, code, &path) || access(path.data, F_OK) != 0) {
        error_set(err, ERROR_USAGE, "instrument",
                  "the questionnaire %.64s is not on this computer yet", code);
    } else {
        char *text = path_read(path.data, INSTRUMENT_TEXT_MAX, err);
        found = text ? parse(instruments, code, text, strlen(text), path.data, err) : NULL;
        free(text);
    }
    buf_release(&path);
    return found;
}

const struct instrument *instruments_find(struct instruments *instruments, const char *code,
                                          struct error *err)
{
    const struct instrument *built_in = instrument_find(code, NULL);
    if (built_in)
        return built_in;
    for (const struct known *k = instruments->known; k; k = k->next)
        if (strcmp(k->instrument->code, code) == 0)
            return k->instrument;
    if (text_is_code(code))
        return read_copy(instruments, code, err);
    error_set(err, ERROR_USAGE, "instrument",
              "\"%.64s\" is no code of a questionnaire; `suara admin instrument list` shows them",
              code);
    return NULL;
}

const struct instrument *instruments_take(struct instruments *instruments, const char *code,
                                          const void *text, size_t size, struct error *err)
{
    struct buf path = {0};
    struct error why;
    error_clear(&why);
    const struct instrument *taken = parse(instruments, code, text, size, NULL, &why);
    if (!taken)
        error_set(err, ERROR_INTERNAL, "instrument",
                  "the server's questionnaire %.64s can't be read: %s", code, why.text);
    else if (strcmp(instruments->profile->role, "office") == 0 &&
             path_of(instruments, code, &path) && path_make_folder(path.data, NULL) == 0)
        (void)!path_write(path.data, text, size, 0600, NULL); /* else it is asked for again */
    buf_release(&path);
    return taken;
}
