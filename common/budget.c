#include "common/budget.h"
#include <utlist.h>

void budget_init(struct budget *budget, size_t limit)
{
    *budget = (struct budget){.limit = limit};
}

static bool budget_fits(const struct budget *budget, size_t size)
{
    return budget->used == 0 ||
           (budget->used <= budget->limit && size <= budget->limit - budget->used);
}

/* Whether it is its turn as far as its share goes. */
static bool share_fits(const struct budget *budget, const struct budget_claim *claim)
{
    size_t most = budget->limit / BUDGET_SHARES;
    size_t used = claim->share ? claim->share->used : 0;
    return used == 0 || (used <= most && claim->size <= most - used);
}

/* The first in line whose turn it is, should there be room. */
static struct budget_claim *first_due(const struct budget *budget)
{
    struct budget_claim *claim = budget->line;
    while (claim && !share_fits(budget, claim))
        claim = claim->next;
    return claim;
}

static void take(struct budget *budget, struct budget_claim *claim)
{
    budget->used += claim->size;
    if (claim->share)
        claim->share->used += claim->size;
}

bool budget_ask(struct budget *budget, struct budget_claim *claim, size_t size)
{
    claim->size = size;
    if (size == 0)
        return true;
    /* Behind those who wait, also when it would fit: a large claim must get its turn. */
    if (budget_fits(budget, size) && share_fits(budget, claim) && !first_due(budget)) {
        take(budget, claim);
        return true;
    }
    claim->waiting = true;
    budget->waits++;
    DL_APPEND(budget->line, claim);
    if (budget->on_wait)
        budget->on_wait(budget->arg);
    return false;
}

void budget_return(struct budget *budget, struct budget_claim *claim)
{
    struct budget_claim *first;
    if (claim->size == 0)
        return;
    if (claim->waiting) {
        DL_DELETE(budget->line, claim);
    } else {
        budget->used -= claim->size;
        if (claim->share)
            claim->share->used -= claim->size;
    }
    claim->size = 0;
    claim->waiting = false;
    claim->prev = claim->next = NULL;

    while ((first = first_due(budget)) && budget_fits(budget, first->size)) {
        DL_DELETE(budget->line, first);
        first->prev = first->next = NULL;
        first->waiting = false;
        take(budget, first);
        first->granted(first, first->arg);
    }
}
