/*
 * A profile: who I am and which daemon I talk to. A folder with settings, certificate, key, CA and
 * outbox.
 *
 *   $SUARA_HOME/NAME/                       when SUARA_HOME is set: all in one folder
 *   $XDG_CONFIG_HOME/suara/NAME/            a person: settings, certificate, key, CA
 *   $XDG_DATA_HOME/suara/NAME/              .. outbox
 *   /etc/suara/profiles/NAME/               root and the system user `suara`
 *   /var/lib/suara/profiles/NAME/           .. outbox
 */
#ifndef SUARA_CLIENT_STORE_PROFILE_H
#define SUARA_CLIENT_STORE_PROFILE_H

#include "common/civil.h"
#include <stdbool.h>
#include <stddef.h>

struct error;

struct profile {
    char *name;                   /* "BBPOM-SMG" */
    char *settings;               /* path of settings.ini */
    char *certificate, *key, *ca; /* paths */
    char *outbox;                 /* path of outbox.db */
    char *server;                 /* host:port */
    char *role, *principal;       /* "office", "BBPOM-SMG" (the office's code for that role) */
    enum zone zone;               /* of the office; ZONE_NONE until the daemon has told it */
};

/* A missing profile is a sentence that lists the ones there are and how to enrol. */
int profile_load(const char *name, struct profile *out, struct error *err)
    __attribute__((warn_unused_result));
void profile_release(struct profile *profile);

/* Names of all profiles, NULL-terminated, sorted; free with profile_list_free. */
char **profile_list(struct error *err);
void profile_list_free(char ***list);

/*
 * Makes a profile from a bundle (suara-ca(8)): parses and checks it (certificate and key belong
 * together, not expired, the URI agrees with role and name), writes the files with mode 0600 by way
 * of temporary ones, fsyncs files and folders. Never replaces a profile unless `replace` (a
 * renewal: the outbox stays, and role and name must be the same).
 */
int profile_enroll(const char *name, const char *bundle, bool replace, struct profile *out,
                   struct error *err) __attribute__((warn_unused_result));

/* Reads the settings anew, for somebody may have enrolled since: 1 when certificate, key, CA or
 * server are others now (their strings, too), 0 when not. -1 and *err: they can't be read, and the
 * profile is as it was. */
int profile_refresh(struct profile *profile, struct error *err) __attribute__((warn_unused_result));

/* Writes the zone that the daemon told into the settings, durably; it reads them anew for that. */
int profile_set_zone(struct profile *profile, enum zone zone, struct error *err)
    __attribute__((warn_unused_result));

#endif
