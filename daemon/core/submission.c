#include "daemon/core/submission.h"

#include <stdlib.h>

struct submission *submission_new(size_t arena_cap)
{
    struct submission *submission = calloc(1, sizeof *submission);
    if (submission)
        arena_init(&submission->arena, arena_cap);
    return submission;
}

void submission_free(struct submission **submission)
{
    if (!*submission)
        return;
    arena_release(&(*submission)->arena);
    free(*submission);
    *submission = NULL;
}
