#include "daemon/core/quota.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM            1
#define uthash_nonfatal_oom(element) ((element)->lost = true)
#include <uthash.h>

#define SECOND_US UINT64_C(1000000)

struct quota_account {
    UT_hash_handle hh;
    char key[80]; /* role:name */
    unsigned connections;
    struct budget_share share;
    uint64_t paid_us; /* what was asked so far is paid for at this time */
    bool lost;        /* could not be entered in the table */
};

static void drop(struct quota *quota, struct quota_account *account)
{
    HASH_DEL(quota->accounts, account);
    free(account);
}

/* Whoever hangs up and calls again finds the account as it was, until it is paid for. */
static void sweep(struct quota *quota, uint64_t now_us)
{
    struct quota_account *account, *next;
    HASH_ITER (hh, quota->accounts, account, next)
        if (account->connections == 0 && account->paid_us <= now_us)
            drop(quota, account);
}

static struct quota_account *open_account(struct quota *quota, const char *key, uint64_t now_us)
{
    sweep(quota, now_us);
    struct quota_account *account = calloc(1, sizeof *account);
    if (!account)
        return NULL;
    (void)snprintf(account->key, sizeof account->key, "%s", key);
    HASH_ADD_STR(quota->accounts, key, account);
    if (account->lost) {
        free(account);
        return NULL;
    }
    return account;
}

enum quota_join quota_join(struct quota *quota, enum role role, const char *name, unsigned most,
                           uint64_t now_us, struct quota_account **out)
{
    struct quota_account *account = NULL;
    char key[sizeof account->key];
    (void)snprintf(key, sizeof key, "%d:%s", (int)role, name);
    HASH_FIND_STR(quota->accounts, key, account);
    if (account && account->connections >= most)
        return QUOTA_FULL;
    if (!account)
        account = open_account(quota, key, now_us);
    if (!account)
        return QUOTA_NO_MEMORY;
    account->connections++;
    *out = account;
    return QUOTA_JOINED;
}

void quota_leave(struct quota *quota, struct quota_account **accountp, uint64_t now_us)
{
    struct quota_account *account = *accountp;
    *accountp = NULL;
    if (!account)
        return;
    account->connections--;
    if (account->connections == 0 && account->paid_us <= now_us)
        drop(quota, account);
}

uint64_t quota_spend(struct quota_account *account, unsigned per_second, uint64_t now_us)
{
    if (per_second == 0)
        return 0;
    if (account->paid_us < now_us)
        account->paid_us = now_us;
    account->paid_us += SECOND_US / per_second;
    uint64_t ahead = account->paid_us - now_us;
    return ahead <= SECOND_US ? 0 : ahead - SECOND_US;
}

struct budget_share *quota_share(struct quota_account *account)
{
    return &account->share;
}

unsigned quota_connections(const struct quota_account *account)
{
    return account->connections;
}

unsigned quota_count(const struct quota *quota)
{
    return HASH_COUNT(quota->accounts);
}

void quota_release(struct quota *quota)
{
    struct quota_account *account, *next;
    HASH_ITER (hh, quota->accounts, account, next)
        drop(quota, account);
}
