#include "daemon/db/put.h"

static void put_swift_ended(struct link *link, const struct link_answer *answer, void *arg)
{
    if (!put_not_all_new(arg, answer))
        put_recorded(link, answer, arg);
}

/* What follows the insert is written as if all of it were new; if not, nothing of it happens. */
void put_swift(struct put *put)
{
    struct group *group = put->group;
    struct link_query query[PUT_BEGIN + 1 + PUT_RECORDS];
    put_set_all(group, ROW_STORED);
    put_judge(put);
    size_t records = put_records(put, query + PUT_BEGIN + 1);
    if (records == 0 || !encode_rows(&put->params, &put->rows, group->rows, group->row_count)) {
        put_give_up(put, "out of memory");
        return;
    }
    (void)put_begin(put, query);
    query[PUT_BEGIN] = put_execute("insert_new", &put->params);
    link_run(put->link, query, PUT_BEGIN + 1 + records, put_on_record, put_swift_ended, put);
}
