#include "daemon/core/submission.h"

#include <stdlib.h>

struct submission *submission_new(size_t arena_cap)
{
    struct submission *submission = calloc(1, sizeof *submission);
    if (submission)
        arena_init(&submission->arena, arena_cap);
    return submission;
}

int submission_room(struct submission *submission, size_t responses)
{
    const size_t row = sizeof(struct row), refusal = sizeof(struct refusal);
    submission->room = calloc(responses, row + refusal + sizeof(uint32_t));
    if (!submission->room)
        return -1;
    submission->rows = submission->room;
    submission->refusals = (struct refusal *)(void *)((char *)submission->room + responses * row);
    submission->index =
        (uint32_t *)(void *)((char *)submission->room + responses * (row + refusal));
    submission->response_count = responses;
    submission->bytes = responses * (row + refusal + sizeof(uint32_t));
    return 0;
}

void submission_free(struct submission **submission)
{
    if (!*submission)
        return;
    arena_release(&(*submission)->arena);
    free((*submission)->room);
    free(*submission);
    *submission = NULL;
}
