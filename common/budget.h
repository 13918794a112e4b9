/*
 * A number of bytes that many may share. Who asks for more than is left waits in line and is called
 * when it is there, first come first served, but for those of a name that holds its share already.
 * So memory stays bounded however many peers send at once, nobody is refused, and no name holds
 * all.
 */
#ifndef SUARA_COMMON_BUDGET_H
#define SUARA_COMMON_BUDGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BUDGET_SHARES 4 /* a share is this part of the limit, or a single claim of any size */

/* What the claims of one name hold together. Zeroed: nothing. Outlives them. */
struct budget_share {
    size_t used;
};

struct budget_claim {
    struct budget_share *share; /* set before it asks; NULL: of nobody, and only the limit counts */
    size_t size;                /* granted or waited for; 0: neither */
    bool waiting;
    void (*granted)(struct budget_claim *claim, void *arg); /* called from budget_return */
    void *arg;
    struct budget_claim *prev, *next;
};

struct budget {
    size_t limit, used;
    uint64_t waits;             /* how often somebody had to wait */
    struct budget_claim *line;  /* utlist DL, who waits */
    void (*on_wait)(void *arg); /* somebody begins to; NULL: nobody wants to know */
    void *arg;
};

void budget_init(struct budget *budget, size_t limit);

/*
 * True: granted now (also to a claim larger than the whole limit when nobody else holds any, so
 * that it can't wait for ever). False: in line; `granted` is called later, claim->size then counts.
 * A claim asks once at a time.
 */
bool budget_ask(struct budget *budget, struct budget_claim *claim, size_t size);

/* Gives back what the claim holds, or leaves the line. Safe on a zeroed claim. May grant others. */
void budget_return(struct budget *budget, struct budget_claim *claim);

#endif
