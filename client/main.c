/*
 * suara(1): the client. Everything is in client/cmd.
 */
#include "client/cmd/cmd.h"
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <unistd.h>

/* Where one of the three is closed, the outbox would get its number, and what we say would be
 * written into it. */
static bool open_standard(void)
{
    int fd;

    do
        fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= STDERR_FILENO);
    return fd >= 0 && close(fd) == 0;
}

int main(int argc, char **argv)
{
    if (!open_standard())
        return CMD_NOT_SAVED;
    /* Text is UTF-8 whatever the user's locale; figures and dates never depend on it. */
    setlocale(LC_CTYPE, "C.UTF-8");
    /* A peer or a reader that went away is an error of that write, not our end. */
    signal(SIGPIPE, SIG_IGN);
    return cmd_main(argc, argv);
}
