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

bool budget_ask(struct budget *budget, struct budget_claim *claim, size_t size)
{
    claim->size = size;
    if (size == 0)
        return true;
    /* Behind those who wait, also when it would fit: a large claim must get its turn. */
    if (!budget->line && budget_fits(budget, size)) {
        budget->used += size;
        return true;
    }
    claim->waiting = true;
    budget->waits++;
    DL_APPEND(budget->line, claim);
    return false;
}

void budget_return(struct budget *budget, struct budget_claim *claim)
{
    if (claim->size == 0)
        return;
    if (claim->waiting)
        DL_DELETE(budget->line, claim);
    else
        budget->used -= claim->size;
    claim->size = 0;
    claim->waiting = false;
    claim->prev = claim->next = NULL;

    while (budget->line && budget_fits(budget, budget->line->size)) {
        struct budget_claim *first = budget->line;
        DL_DELETE(budget->line, first);
        first->prev = first->next = NULL;
        first->waiting = false;
        budget->used += first->size;
        first->granted(first, first->arg);
    }
}
