/*
 * Ctrl-C: what is going on ends where nothing is half done, and says what became of it. A second
 * one ends the program at once, which is as safe and says nothing.
 */
#ifndef SUARA_CLIENT_CMD_INTERRUPT_H
#define SUARA_CLIENT_CMD_INTERRUPT_H

#include <stdbool.h>

void interrupt_catch(void);

/* Did one come? For submit_options, sync_options and uplink_settings. */
bool interrupt_came(void);

#endif
