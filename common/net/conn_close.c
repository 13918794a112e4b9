#include "common/net/conn_private.h"
#include <event2/bufferevent.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#define SCRATCH 16384
#define TURNS   16 /* reads per turn of the loop: a peer that sends without end gets its share */

void conn_stop(struct conn *conn)
{
    conn_due_clear(conn);
    event_del(&conn->timer);
    conn->armed_ms = 0;
    if (conn->raw)
        event_free(conn->raw);
    conn->raw = NULL;
    if (conn->bev)
        bufferevent_disable(conn->bev, EV_READ | EV_WRITE);
    conn_read_release(conn);
}

void conn_over(struct conn *conn)
{
    if (conn->state == CONN_STATE_OVER)
        return;
    conn_fail(conn, ERROR_NONE, "finish", "finished"); /* unless there was another cause */
    conn_set_state(conn, CONN_STATE_OVER);
    conn_stop(conn);
    conn_dial_stop(conn);
    conn_wake(conn);
}

/* Raw bytes are thrown away, without decrypting, until the peer hangs up. */
static void on_input(evutil_socket_t fd, short what, void *arg)
{
    (void)what;
    struct conn *conn = arg;
    char scratch[SCRATCH];
    for (int turn = 0; turn < TURNS; turn++) {
        ssize_t got = recv(fd, scratch, sizeof scratch, MSG_DONTWAIT);
        if (got > 0)
            continue;
        if (got < 0 && EVUTIL_SOCKET_ERROR() == EAGAIN)
            return;
        conn_enter(conn);
        conn_over(conn);
        conn_leave(conn);
        return;
    }
}

/*
 * The kernel has our last bytes, but a close with unread input would be a reset that overtakes
 * them. So: our FIN behind the bytes, then input is discarded until the peer's FIN or a deadline.
 */
void conn_linger(struct conn *conn, bool goodbye)
{
    evutil_socket_t fd = bufferevent_getfd(conn->bev);
    conn_set_state(conn, CONN_STATE_LINGER);
    conn_stop(conn);
    if (goodbye) {
        SSL_shutdown(conn->ssl); /* where there is no room for it, the FIN must do */
        ERR_clear_error();
    }
    shutdown(fd, SHUT_WR);
    conn->raw = event_new(conn->base, fd, EV_READ | EV_PERSIST, on_input, conn);
    if (!conn->raw || event_add(conn->raw, NULL)) {
        conn_over(conn);
        return;
    }
    conn_due_in(conn, CONN_DUE_OUT, CONN_LINGER_MS);
}
