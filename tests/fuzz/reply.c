/*
 * Replies, from a daemon that may be anybody: matched to requests by the real uplink, collected and
 * printed in every way the client has, receipts taken into account. Each request ends once, an
 * answer that contradicts itself is refused whole, and a receipt counts only when it accounts for
 * each response once.
 */
#include "client/core/elements.h"
#include "client/core/instrument.h"
#include "client/core/layout_coverage.h"
#include "client/core/layout_elements.h"
#include "client/core/layout_gap.h"
#include "client/core/layout_index.h"
#include "client/core/layout_quality.h"
#include "client/core/layout_trend.h"
#include "client/core/periods.h"
#include "client/core/publish_take.h"
#include "client/net/uplink_private.h"
#include "common/arena.h"
#include "common/error.h"
#include "common/frame.h"
#include "common/squeeze.h"
#include "common/text.h"
#include "common/wire.h"
#include "tests/fuzz/edge_outbox.h"
#include <event2/event.h>
#include <locale.h>

#define REQUESTS 3u

/* One request, and what came for it. */
struct waiting {
    bool sent, ended;
    struct layout_rows rows;
    struct layout_index index;
    struct layout_coverage coverage;
    struct layout_quality quality;
    bool refused; /* a part contradicted itself or was too large: nothing more is taken */
};

static struct waiting waiting[REQUESTS];

static const char *const axes[8] = {"",    "office",      "month",       "quarter",
                                    "sex", "perspective", "stakeholder", "service"};

/* ---- taking -----------------------------------------------------------------------------------
 */

static int take(struct waiting *w, const Suara__V1__Reply *reply, struct error *err)
{
    switch ((int)reply->body_case) {
    case SUARA__V1__REPLY__BODY_ROWS:
        return layout_index_take(&w->index, reply->rows, err);
    case SUARA__V1__REPLY__BODY_TABLE:
        return layout_rows_take(&w->rows, reply->table, err);
    case SUARA__V1__REPLY__BODY_COVERAGE:
        return layout_coverage_take(&w->coverage, reply->coverage, err);
    case SUARA__V1__REPLY__BODY_QUALITY:
        return layout_quality_take(&w->quality, reply->quality, err);
    case SUARA__V1__REPLY__BODY_RECEIPT:
        return edge_receipt(reply->receipt, err);
    case SUARA__V1__REPLY__BODY_DOCUMENT: {
        struct arena arena;
        arena_init(&arena, INSTRUMENT_ARENA);
        int rc = instrument_parse(&arena, reply->document->text.data, reply->document->text.len,
                                  NULL, err)
                     ? 0
                     : -1;
        arena_release(&arena);
        return rc;
    }
    default:
        return 0;
    }
}

static void on_reply(const Suara__V1__Reply *reply, const struct error *failed, void *arg)
{
    struct waiting *w = arg;
    struct error err = {0};
    must(w->sent && !w->ended && !reply == !!failed);
    w->ended = failed || reply->last;
    if (failed) {
        must(failed->code != ERROR_NONE);
        must(text_check(failed->text, strlen(failed->text), sizeof failed->text) == TEXT_OK);
    } else if (!w->refused && take(w, reply, &err) != 0) {
        w->refused = true;
        must(err.code != ERROR_NONE && err.text[0]);
    }
}

/* ---- printing ---------------------------------------------------------------------------------
 */

/* What a terminal or a program gets: text, and nothing that a terminal obeys. */
static void check_text(const struct buf *out)
{
    must(!out->failed);
    for (size_t i = 0; i < out->len; i++)
        must((unsigned char)out->data[i] >= 0x20 || out->data[i] == '\n' || out->data[i] == '\t');
    must(text_is_utf8(out->data ? out->data : "", out->len));
}

static void print_figures(struct waiting *w, const struct layout_ask *ask,
                          const struct layout_style *style, struct buf *out)
{
    const struct instrument *instrument = instrument_find(NULL, NULL);
    struct gap_list gaps;
    struct figure_rule rule;
    struct error err = {0};
    bool ruled = elements_rule(&w->index, instrument, &rule);
    layout_index_print(out, &w->index, ask, style);
    struct layout_ask gap = *ask;
    gap.by[0] = "perspective";
    if (gap_perspectives(&w->index, &gaps, &err) == 0)
        layout_gap_print(out, &w->index, &gaps, instrument, &gap, style);
    gap.by[0] = "stakeholder";
    if (gap_stakeholders(&w->index, &gaps, &err) == 0)
        layout_gap_print(out, &w->index, &gaps, instrument, &gap, style);
    if (layout_ask_is_time(ask->by[0]) &&
        periods_fill(&w->index, ask->by[0], ask->from, ask->to, 20231114, &err) == 0) {
        layout_trend_print(out, &w->index, ruled ? &rule : NULL, ask, style);
        layout_elements_print(out, &w->index, instrument, ask, style);
    } else if (!ask->by[0][0]) {
        layout_elements_print(out, &w->index, instrument, ask, style);
    }
}

static void publish(struct waiting *w, struct buf *out)
{
    struct publication p;
    struct publish_sample sample;
    struct error err = {0};
    publication_init(&p);
    p.from = 20230101;
    p.to = 20230713;
    p.made = 20231114;
    p.program = "suara";
    p.office = p.office_name = "WEST";
    if (publish_take_instrument(&p, instrument_find(NULL, NULL), "", &sample, &err) == 0 &&
        publish_take_total(&p, &w->index, &sample, &err) == 0 &&
        publish_take_trend(&p, &waiting[1].index, &sample, &err) == 0 &&
        publish_take_group(&p, PUBLISH_SEX, &waiting[2].index, &err) == 0 &&
        publish_take_views(&p, &waiting[1].index, &err) == 0) {
        publish_take_coverage(&p, &w->coverage, ZONE_WIB);
        publication_rank(&p);
        publish_html(out, &p);
        publish_json(out, &p);
    } else {
        must(err.code != ERROR_NONE && err.text[0]);
    }
    publication_release(&p);
}

static void print(struct waiting *w, uint8_t how)
{
    static const struct layout_coverage_clock clock = {1700000000000, ZONE_WIB, 7};
    const struct layout_style style = {(enum layout_format)(how % 3u), how & 4u ? 60 : 0, false};
    const struct layout_ask ask = {.by = {axes[(how >> 3) & 7u], how & 64u ? axes[7] : ""},
                                   .office = how & 128u ? "WEST" : NULL,
                                   .from = 20230101,
                                   .to = 20230713,
                                   .perspective = "recipient"};
    struct buf out = {0};
    buf_puts(&out, "");
    if (w->rows.columns)
        layout_rows_print(&out, &w->rows, &style);
    if (w->index.instrument && !w->refused) {
        publish(w, &out);
        print_figures(w, &ask, &style, &out);
    }
    layout_coverage_print(&out, &w->coverage, &ask, &clock, &style);
    layout_quality_print(&out, &w->quality, &ask, &style);
    check_text(&out);
    buf_release(&out);
}

/* ---- the line ---------------------------------------------------------------------------------
 */

static void begin(struct uplink *uplink)
{
    memset(waiting, 0, sizeof waiting);
    for (size_t i = 0; i < REQUESTS; i++) {
        layout_rows_init(&waiting[i].rows);
        layout_index_init(&waiting[i].index);
        layout_coverage_init(&waiting[i].coverage);
        layout_quality_init(&waiting[i].quality);
    }
    uplink->server = fuzz_copy("daemon:7827", 11, 1);
    uplink->base = event_base_new();
    uplink->squeeze = squeeze_new();
    uplink->silence = event_new(uplink->base, -1, 0, edge_silence, uplink);
    arena_init(&uplink->greeting, wire_arena_cap(FRAME_MAX_DEFAULT));
    must(uplink->base && uplink->silence && uplink->squeeze);
    uplink_greet(uplink);
}

static void send_all(struct uplink *uplink)
{
    for (size_t i = 0; i < REQUESTS; i++) {
        Suara__V1__Request request = SUARA__V1__REQUEST__INIT;
        Suara__V1__List list = SUARA__V1__LIST__INIT;
        struct error err = {0};
        request.body_case = SUARA__V1__REQUEST__BODY_LIST;
        request.list = &list;
        waiting[i].sent = true; /* ids 2, 3, 4 */
        if (uplink_send(uplink, &request, on_reply, &waiting[i], &err) != 0) {
            must(err.text[0]); /* the daemon takes no frame as large as that */
            waiting[i].sent = false;
        }
    }
}

static void end(struct uplink *uplink)
{
    for (size_t i = 0; i < REQUESTS; i++) {
        layout_rows_release(&waiting[i].rows);
        layout_index_release(&waiting[i].index);
        layout_coverage_release(&waiting[i].coverage);
        layout_quality_release(&waiting[i].quality);
    }
    uplink_close(&uplink);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    setlocale(LC_CTYPE, "C.UTF-8"); /* as client/main.c: without it libsmartcols loops for ever */
    struct fuzz_input in = {data, size};
    struct uplink *uplink = calloc(1, sizeof *uplink);
    must(uplink);
    begin(uplink);
    uint8_t how = fuzz_byte(&in);
    bool sent = false;
    while (in.left > 0 && !uplink->broken) {
        size_t length = (size_t)fuzz_byte(&in) << 8;
        struct fuzz_input part = fuzz_take(&in, length | fuzz_byte(&in));
        char *copy = fuzz_copy(part.at, part.left, 0);
        uplink_take(uplink, (uint8_t *)copy, part.left);
        free(copy); /* nothing may look into it any more */
        if (uplink->welcome && !sent) {
            sent = true;
            send_all(uplink);
        }
    }
    must(!uplink->broken || uplink->error.text[0]);
    for (size_t i = 0; i < REQUESTS; i++)
        print(&waiting[i], how);
    end(uplink);
    return 0;
}
