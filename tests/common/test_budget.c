#include "common/budget.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct owner {
    struct budget_claim claim;
    unsigned turn;          /* which grant it was; 0: none */
    struct budget *hand_on; /* returned at once when granted */
};

static unsigned turns;

static void on_granted(struct budget_claim *claim, void *arg)
{
    struct owner *owner = arg;
    assert_ptr_equal(claim, &owner->claim);
    assert_false(claim->waiting);
    owner->turn = ++turns;
    if (owner->hand_on)
        budget_return(owner->hand_on, claim);
}

static struct owner make_owner(void)
{
    return (struct owner){.claim = {.granted = on_granted}};
}

static bool ask(struct budget *budget, struct owner *owner, size_t size)
{
    owner->claim.arg = owner;
    return budget_ask(budget, &owner->claim, size);
}

static void grants_up_to_the_limit(void **state)
{
    (void)state;
    struct budget budget;
    struct owner a = make_owner(), b = make_owner(), c = make_owner();
    budget_init(&budget, 100);
    assert_true(ask(&budget, &a, 60));
    assert_true(ask(&budget, &b, 40));
    assert_int_equal(budget.used, 100);
    assert_false(ask(&budget, &c, 1));
    assert_true(c.claim.waiting);
    budget_return(&budget, &a.claim);
    assert_int_not_equal(c.turn, 0);
    assert_int_equal(budget.used, 41);
    budget_return(&budget, &b.claim);
    budget_return(&budget, &c.claim);
    assert_int_equal(budget.used, 0);
}

static void first_come_first_served(void **state)
{
    (void)state;
    struct budget budget;
    struct owner a = make_owner(), large = make_owner(), small = make_owner();
    turns = 0;
    budget_init(&budget, 100);
    assert_true(ask(&budget, &a, 50));
    assert_false(ask(&budget, &large, 80));
    /* It would fit, but the large one would starve. */
    assert_false(ask(&budget, &small, 10));
    budget_return(&budget, &a.claim);
    assert_int_equal(large.turn, 1);
    assert_int_equal(small.turn, 2);
    budget_return(&budget, &large.claim);
    budget_return(&budget, &small.claim);
    assert_int_equal(budget.used, 0);
}

static void larger_than_the_limit_goes_alone(void **state)
{
    (void)state;
    struct budget budget;
    struct owner a = make_owner(), huge = make_owner(), b = make_owner();
    budget_init(&budget, 100);
    assert_true(ask(&budget, &huge, 1000));
    assert_false(ask(&budget, &a, 1));
    budget_return(&budget, &huge.claim);
    assert_false(a.claim.waiting);

    assert_false(ask(&budget, &huge, SIZE_MAX));
    assert_false(ask(&budget, &b, 1));
    budget_return(&budget, &a.claim);
    assert_false(huge.claim.waiting);
    assert_true(b.claim.waiting);
    budget_return(&budget, &huge.claim);
    budget_return(&budget, &b.claim);
    assert_int_equal(budget.used, 0);
    assert_null(budget.line);
}

static void who_leaves_the_line_lets_others_pass(void **state)
{
    (void)state;
    struct budget budget;
    struct owner a = make_owner(), first = make_owner(), second = make_owner();
    budget_init(&budget, 100);
    assert_true(ask(&budget, &a, 90));
    assert_false(ask(&budget, &first, 50));
    assert_false(ask(&budget, &second, 10));
    budget_return(&budget, &first.claim);
    assert_int_equal(first.turn, 0);
    assert_false(second.claim.waiting);
    assert_int_equal(budget.used, 100);
    budget_return(&budget, &a.claim);
    budget_return(&budget, &second.claim);
}

static void may_be_returned_from_the_grant(void **state)
{
    (void)state;
    struct budget budget;
    struct owner a = make_owner(), line[4];
    turns = 0;
    budget_init(&budget, 10);
    assert_true(ask(&budget, &a, 10));
    for (size_t i = 0; i < 4; i++) {
        line[i] = make_owner();
        line[i].hand_on = &budget;
        assert_false(ask(&budget, &line[i], 10));
    }
    budget_return(&budget, &a.claim);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(line[i].turn, i + 1);
    assert_int_equal(budget.used, 0);
    assert_null(budget.line);
}

static struct owner make_sharer(struct budget_share *share)
{
    return (struct owner){.claim = {.granted = on_granted, .share = share}};
}

/* One name holds its part and no more, however often it asks; others pass it in the line. */
static void no_name_holds_all(void **state)
{
    (void)state;
    struct budget budget;
    struct budget_share bad = {0}, good = {0};
    struct owner b[4], g = make_sharer(&good), nobody = make_owner();
    budget_init(&budget, 100 * BUDGET_SHARES);
    for (size_t i = 0; i < 4; i++)
        b[i] = make_sharer(&bad);
    assert_true(ask(&budget, &b[0], 60));
    assert_true(ask(&budget, &b[1], 40));
    assert_false(ask(&budget, &b[2], 1));
    assert_false(ask(&budget, &b[3], 50));
    assert_int_equal(bad.used, 100);
    assert_true(ask(&budget, &g, 100));
    assert_true(ask(&budget, &nobody, 200)); /* all that is left */
    assert_int_equal(good.used, 100);
    budget_return(&budget, &b[1].claim);
    assert_false(b[2].claim.waiting);
    assert_true(b[3].claim.waiting); /* 61 and 50 */
    assert_int_equal(bad.used, 61);
    budget_return(&budget, &b[0].claim);
    assert_false(b[3].claim.waiting);
    budget_return(&budget, &b[2].claim);
    budget_return(&budget, &b[3].claim);
    budget_return(&budget, &g.claim);
    budget_return(&budget, &nobody.claim);
    assert_int_equal(bad.used + good.used + budget.used, 0);
    assert_null(budget.line);
}

/* Who is due and waits for room is not passed by who would fit; who is not due yet is. */
static void the_line_of_those_who_are_due(void **state)
{
    (void)state;
    struct budget budget;
    struct budget_share bad = {0};
    struct owner first = make_sharer(&bad), second = make_sharer(&bad), other = make_owner(),
                 large = make_owner(), small = make_owner();
    budget_init(&budget, 100);
    assert_true(ask(&budget, &first, 70)); /* more than a share, but its only one */
    assert_false(ask(&budget, &second, 5));
    assert_true(ask(&budget, &other, 10));
    assert_false(ask(&budget, &large, 60));
    assert_false(ask(&budget, &small, 5));
    budget_return(&budget, &other.claim);
    assert_true(small.claim.waiting);
    budget_return(&budget, &first.claim);
    assert_false(second.claim.waiting || large.claim.waiting || small.claim.waiting);
    assert_int_equal(budget.used, 70);
    budget_return(&budget, &second.claim);
    budget_return(&budget, &large.claim);
    budget_return(&budget, &small.claim);
    assert_int_equal(bad.used, 0);
}

static void count_wait(void *arg)
{
    ++*(unsigned *)arg;
}

static void who_begins_to_wait_is_told_of(void **state)
{
    (void)state;
    struct budget budget;
    unsigned told = 0;
    struct owner a = make_owner(), b = make_owner();
    budget_init(&budget, 10);
    budget.on_wait = count_wait;
    budget.arg = &told;
    assert_true(ask(&budget, &a, 10));
    assert_int_equal(told, 0);
    assert_false(ask(&budget, &b, 10));
    assert_int_equal(told, 1);
    budget_return(&budget, &a.claim);
    budget_return(&budget, &b.claim);
    assert_int_equal(told, 1);
}

static void a_zeroed_claim_may_be_returned(void **state)
{
    (void)state;
    struct budget budget;
    struct budget_claim claim = {0};
    budget_init(&budget, 10);
    budget_return(&budget, &claim);
    assert_int_equal(budget.used, 0);
    assert_true(budget_ask(&budget, &claim, 0));
    assert_int_equal(budget.used, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grants_up_to_the_limit),
        cmocka_unit_test(first_come_first_served),
        cmocka_unit_test(larger_than_the_limit_goes_alone),
        cmocka_unit_test(who_leaves_the_line_lets_others_pass),
        cmocka_unit_test(may_be_returned_from_the_grant),
        cmocka_unit_test(no_name_holds_all),
        cmocka_unit_test(the_line_of_those_who_are_due),
        cmocka_unit_test(who_begins_to_wait_is_told_of),
        cmocka_unit_test(a_zeroed_claim_may_be_returned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
