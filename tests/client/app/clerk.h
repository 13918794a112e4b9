/*
 * For tests: an office's outbox, and what came of the last file submitted to it.
 */
#ifndef SUARA_TESTS_CLIENT_CLERK_H
#define SUARA_TESTS_CLIENT_CLERK_H

#include "client/app/submit.h"
#include "client/core/pack_part.h"
#include "client/store/outbox.h"
#include "client/store/profile.h"
#include "common/error.h"
#include "tests/client/folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define U "u1,u2,u3,u4,u5,u6,u7,u8,u9"
#define R "1,2,3,4,1,2,3,4,1"

static char office_name[] = "BBPOM-SMG", office_role[] = "office",
            outbox_path[] = "/nowhere/outbox.db";
static const struct profile office = {.name = office_name,
                                      .role = office_role,
                                      .principal = office_name,
                                      .outbox = outbox_path,
                                      .zone = ZONE_WIB};

struct desk { /* one outbox, and the last result */
    struct folder *folder;
    struct profile profile;
    struct outbox *outbox;
    struct submit_options options;
    struct submit_result result;
    struct error err;
};

static inline struct desk desk(void **state)
{
    struct desk d = {.folder = *state, .profile = office, .options = {.now_ms = 1700000000000}};
    d.profile.outbox = strdup(folder_file(d.folder, "box/outbox.db"));
    d.outbox = outbox_open(d.profile.outbox, &d.err);
    assert_non_null(d.outbox);
    return d;
}

static inline void leave(struct desk *d)
{
    outbox_close(&d->outbox);
    submit_result_release(&d->result);
    free(d->profile.outbox);
}

static inline int submit(struct desk *d, const char *path)
{
    submit_result_release(&d->result);
    error_clear(&d->err);
    return submit_file(&d->profile, d->outbox, path, &d->options, &d->result, &d->err);
}

static inline uint64_t waiting(const struct desk *d)
{
    struct outbox_counts counts;
    struct error err;
    assert_int_equal(outbox_counts(d->outbox, &counts, &err), 0);
    return counts.waiting;
}

static inline void check_result(struct desk *d, const char *path, uint64_t saved, uint64_t rejected,
                                uint64_t repeated, bool ask, bool known)
{
    if (submit(d, path) != 0)
        fail_msg("%s", d->err.text);
    assert_int_equal(d->result.saved, saved);
    assert_int_equal(d->result.rejected, rejected);
    assert_int_equal(d->result.repeated, repeated);
    assert_int_equal(d->result.ask, ask);
    assert_int_equal(d->result.known, known);
}

/* The ids of all that waits, one behind the other. */
static inline size_t ids_of(const struct desk *d, int64_t after, struct uuid *out)
{
    struct outbox_batch batch = {.seq = after};
    struct error err;
    size_t n = 0;
    while (outbox_next(d->outbox, batch.seq, &batch, &err) == 1) {
        struct pack_view *view = pack_view_open(batch.payload, batch.size, &err);
        assert_non_null(view);
        assert_int_equal(pack_view_count(view), batch.count);
        for (uint32_t i = 0; i < batch.count; i++) {
            struct import_row row;
            assert_int_equal(pack_view_row(view, i, &row, &err), 0);
            out[n++] = row.id;
        }
        pack_view_close(&view);
    }
    return n;
}

#endif
