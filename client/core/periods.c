#include "client/core/periods.h"

#include "client/core/layout_index.h"
#include "client/core/message.h"
#include "common/error.h"

static unsigned months_of(const char *unit)
{
    if (strcmp(unit, "month") == 0)
        return 1;
    if (strcmp(unit, "quarter") == 0)
        return 3;
    return strcmp(unit, "semester") == 0 ? 6 : 12;
}

const char *periods_unit(civil_day from, civil_day to)
{
    unsigned months = (to / 10000 - from / 10000) * 12 + to / 100 % 100 + 1 - from / 100 % 100;

    if (months <= 12)
        return "month";
    if (months <= 36)
        return "quarter";
    return months <= 72 ? "semester" : "year";
}

void periods_key(civil_day day, const char *unit, char out[16])
{
    unsigned year = day / 10000 % 10000, month = day / 100 % 100, length = months_of(unit);

    if (length == 12)
        snprintf(out, 16, "%04u", year);
    else if (length == 1)
        snprintf(out, 16, "%04u-%02u", year, month);
    else
        snprintf(out, 16, "%04u-%c%u", year, length == 3 ? 'Q' : 'S',
                 ((month - 1) / length + 1) % 10);
}

civil_day periods_next(civil_day day, const char *unit)
{
    unsigned length = months_of(unit), year = day / 10000;
    unsigned month = (day / 100 % 100 - 1) / length * length + 1 + length;

    return month > 12 ? civil_make(year + 1, 1, 1) : civil_make(year, month, 1);
}

static void append(struct layout_index *index, struct layout_index_row *row)
{
    row->next = NULL;
    if (index->last)
        index->last->next = row;
    else
        index->first = row;
    index->last = row;
    index->count++;
}

/* Moves the rows of this key over; how many there were. */
static size_t move(struct layout_index_row **rest, const char *key, struct layout_index *index)
{
    size_t moved = 0;

    for (struct layout_index_row **at = rest; *at;) {
        struct layout_index_row *row = *at;
        if (key && strcmp(row->key[0], key) != 0) {
            at = &row->next;
            continue;
        }
        *at = row->next;
        append(index, row);
        moved++;
    }
    return moved;
}

static int add_empty(struct layout_index *index, const char *key, char *office, struct error *err)
{
    struct layout_index_row *row = arena_alloc(&index->arena, sizeof *row);
    char *kept = arena_strndup(&index->arena, key, strlen(key));
    char *nothing = arena_strndup(&index->arena, "", 0);

    if (!row || !kept || !nothing)
        return error_set(err, ERROR_TOO_LARGE, NULL, MSG_ANSWER_TOO_BIG);
    *row = (struct layout_index_row){.office = office ? office : nothing,
                                     .key = {kept, nothing},
                                     .label = {kept, nothing},
                                     .grade = nothing,
                                     .quality = nothing};
    append(index, row);
    return 0;
}

int periods_fill(struct layout_index *index, const char *unit, civil_day from, civil_day to,
                 civil_day today, struct error *err)
{
    struct layout_index_row *rest = index->first;
    char *office = rest ? rest->office : NULL;
    char key[16];

    for (const struct layout_index_row *row = rest; row && office; row = row->next)
        if (strcmp(row->office, office) != 0)
            office = NULL;
    index->first = index->last = NULL;
    index->count = 0;
    for (civil_day day = from; day <= to; day = periods_next(day, unit)) {
        periods_key(day, unit, key);
        if (move(&rest, key, index) == 0 && day <= today && add_empty(index, key, office, err) < 0)
            return -1;
    }
    (void)move(&rest, NULL, index); /* none, from a server that keeps to what it was asked */
    return 0;
}
