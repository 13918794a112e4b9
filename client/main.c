/*
 * suara(1): the client. Everything is in client/cmd.
 */
#include "client/cmd/cmd.h"
#include <locale.h>
#include <signal.h>

int main(int argc, char **argv)
{
    /* Text is UTF-8 whatever the user's locale; figures and dates never depend on it. */
    setlocale(LC_CTYPE, "C.UTF-8");
    /* A peer or a reader that went away is an error of that write, not our end. */
    signal(SIGPIPE, SIG_IGN);
    return cmd_main(argc, argv);
}
