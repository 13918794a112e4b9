#include "common/error.h"
#include "common/wire.h"
#include "daemon/core/quality_private.h"
#include <stdlib.h>
#include <string.h>

#define ROWS_PER_REPLY 256u

uint32_t quality_share(uint64_t count, uint64_t of)
{
    return (uint32_t)((count * 20000 + of) / (2 * of));
}

static int share_order(const void *a, const void *b)
{
    const uint32_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* A few offices that the asker may not see would be told apart from his own. */
static bool compares_unseen(const struct quality *q, enum quality_sign sign)
{
    uint32_t unseen = 0;
    for (size_t i = 0; i < q->scope.office_count; i++)
        unseen += !q->offices[i].seen && q->offices[i].of[sign] > 0;
    return unseen >= QUALITY_COMPARED_LEAST;
}

uint32_t quality_usual(const struct quality *q, enum quality_sign sign, uint32_t *shares,
                       uint32_t *median)
{
    bool unseen = compares_unseen(q, sign);
    uint32_t n = 0;
    for (size_t i = 0; i < q->scope.office_count; i++) {
        const struct quality_office *o = &q->offices[i];
        if (o->of[sign] > 0 && (o->seen || unseen))
            shares[n++] = quality_share(o->count[sign], o->of[sign]);
    }
    if (n < QUALITY_COMPARED_LEAST)
        return 0;
    qsort(shares, n, sizeof *shares, share_order);
    *median = n % 2 ? shares[n / 2] : (shares[n / 2 - 1] + shares[n / 2] + 1) / 2;
    return n;
}

static int code_order(const void *a, const void *b)
{
    const struct quality_office *x = *(const struct quality_office *const *)a,
                                *y = *(const struct quality_office *const *)b;
    return strcmp(x->office->code, y->office->code);
}

/* The rows that are packed together, each frame when it is full. */
struct page {
    uint64_t id;
    uint32_t max_frame;
    struct buf *out;
    size_t count;
    Suara__V1__QualityRow body[ROWS_PER_REPLY], *list[ROWS_PER_REPLY];
};

static int send_page(struct page *page, bool last, struct error *err)
{
    Suara__V1__QualityRows part = SUARA__V1__QUALITY_ROWS__INIT;
    Suara__V1__Reply reply = SUARA__V1__REPLY__INIT;
    for (size_t i = 0; i < page->count; i++)
        page->list[i] = &page->body[i];
    part.row = page->list;
    part.n_row = page->count;
    reply.id = page->id;
    reply.last = last;
    reply.body_case = SUARA__V1__REPLY__BODY_QUALITY;
    reply.quality = &part;
    page->count = 0;
    return wire_pack(page->out, &reply.base, page->max_frame, err);
}

static Suara__V1__QualityRow *next_row(struct page *page, const struct quality_office *o)
{
    Suara__V1__QualityRow *row = &page->body[page->count++];
    suara__v1__quality_row__init(row);
    row->office = wire_text(o->office->code);
    return row;
}

static int add_office(struct page *page, const struct quality_office *o,
                      const uint32_t usual[SIGN_COUNT], const uint32_t compared[SIGN_COUNT],
                      struct error *err)
{
    if (page->count + SIGN_COUNT > ROWS_PER_REPLY && send_page(page, false, err) != 0)
        return -1;
    if (o->of[SIGN_ALIKE] == 0)
        (void)next_row(page, o);
    for (int sign = 0; o->of[SIGN_ALIKE] > 0 && sign < SIGN_COUNT; sign++) {
        Suara__V1__QualityRow *row = next_row(page, o);
        row->sign = wire_text(quality_sign_name((enum quality_sign)sign));
        row->count = o->count[sign];
        row->of = o->of[sign];
        row->share = row->of ? quality_share(row->count, row->of) : 0;
        row->usual = usual[sign];
        row->compared = compared[sign];
    }
    return 0;
}

int quality_pack_waiting(uint64_t id, uint32_t max_frame, struct buf *out, struct error *err)
{
    struct page page = {.id = id, .max_frame = max_frame, .out = out};
    return send_page(&page, false, err);
}

int quality_pack(struct quality *q, uint64_t id, uint32_t max_frame, struct buf *out,
                 struct error *err)
{
    uint32_t usual[SIGN_COUNT] = {0}, compared[SIGN_COUNT];
    size_t count = q->scope.office_count, asked = 0;
    uint32_t *shares = calloc(count + 1, sizeof *shares);
    const struct quality_office **offices =
        calloc(count + 1, sizeof(const struct quality_office *));
    struct page *page = calloc(1, sizeof *page);
    int rc = 0;
    if (!shares || !offices || !page) {
        rc = error_set(err, ERROR_OVERLOADED, NULL, "no memory for the report: ask again later");
    } else {
        *page = (struct page){.id = id, .max_frame = max_frame, .out = out};
        for (int sign = 0; sign < SIGN_COUNT; sign++)
            compared[sign] = quality_usual(q, (enum quality_sign)sign, shares, &usual[sign]);
        for (size_t i = 0; i < count; i++)
            if (q->offices[i].asked)
                offices[asked++] = &q->offices[i];
        if (asked)
            qsort(offices, asked, sizeof *offices, code_order);
        for (size_t i = 0; i < asked && rc == 0; i++)
            rc = add_office(page, offices[i], usual, compared, err);
        if (rc == 0)
            rc = send_page(page, true, err);
    }
    free(page);
    free(offices);
    free(shares);
    return rc;
}
