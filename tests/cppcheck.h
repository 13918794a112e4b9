/*
 * For cppcheck, which does not read system headers: what the list macros of uthash do.
 */
#ifndef SUARA_TESTS_CPPCHECK_H
#define SUARA_TESTS_CPPCHECK_H

#define DL_FOREACH(head, el) for ((el) = (head); (el); (el) = (el)->next)
#define LL_FOREACH(head, el) for ((el) = (head); (el); (el) = (el)->next)
#define DL_FOREACH_SAFE(head, el, tmp)                                                             \
    for ((el) = (head); (el) && ((tmp) = (el)->next, 1); (el) = (tmp))
#define HASH_ITER(hh, head, el, tmp)                                                               \
    for ((el) = (head); (el) && ((tmp) = (el)->hh.next, 1); (el) = (tmp))

#endif
