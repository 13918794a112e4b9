/*
 * The follow-up plan of a published report: a CSV file from a person, whose words go onto a page.
 */
#include "client/core/plan.h"
#include "client/core/publish.h"
#include "common/error.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct publication p;
    struct error err = {0};
    publication_init(&p);
    p.from = 20230101;
    p.to = 20231231;
    char *text = fuzz_copy(data, size, 0);
    int status = plan_read(&p, "rtl.csv", text, size, &err);
    free(text);
    size_t count = 0;
    for (const struct publish_item *item = p.item; item; item = item->next, count++) {
        must(item->number && item->priority && item->activity && item->when && item->who);
        must(item->state < PUBLISH_STATES);
    }
    must(count <= PLAN_ITEMS_MAX);
    must(status == 0 || (count == 0 && err.code != ERROR_NONE && err.text[0]));
    publication_release(&p);
    return 0;
}
