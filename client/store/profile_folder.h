/*
 * Where profiles are. Private to client/store.
 */
#ifndef SUARA_CLIENT_STORE_PROFILE_FOLDER_H
#define SUARA_CLIENT_STORE_PROFILE_FOLDER_H

#include "client/store/profile.h"

struct profile_folders {
    char *settings, *data; /* of one profile; may be the same, may not exist */
};

/* USAGE: the name is no name of a folder, or there is no home to look in. */
int profile_folders(const char *name, struct profile_folders *out, struct error *err)
    __attribute__((warn_unused_result));
void profile_folders_release(struct profile_folders *folders);

bool profile_role_known(const char *role);
const char *profile_base(const char *path); /* behind the last slash */

/* Only one process at a time changes a profile; until the descriptor is closed. -1 (it goes on
 * without) where its folder can't be opened. */
int profile_lock(const char *settings);

/* settings.ini of a profile, durably. */
int profile_write_settings(const char *path, const struct profile *profile, struct error *err)
    __attribute__((warn_unused_result));

#endif
