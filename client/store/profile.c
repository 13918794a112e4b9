#include "client/store/profile.h"

#include "client/store/path.h"
#include "client/store/profile_folder.h"
#include "common/buf.h"
#include "common/error.h"
#include "common/text.h"
#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <sys/file.h>
#include <unistd.h>

static const char *const roles[] = {"office", "supervisor", "admin", "auditor"};

bool profile_role_known(const char *role)
{
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
        if (strcmp(roles[i], role) == 0)
            return true;
    return false;
}

void profile_release(struct profile *profile)
{
    free(profile->name);
    free(profile->settings);
    free(profile->certificate);
    free(profile->key);
    free(profile->ca);
    free(profile->outbox);
    free(profile->server);
    free(profile->role);
    free(profile->principal);
    *profile = (struct profile){0};
}

/* ---- settings.ini --------------------------------------------------------------------------- */

struct reading {
    struct profile *profile;
    const char *folder;
    bool memory;
};

static bool put(char **out, const char *value)
{
    free(*out);
    *out = strdup(value);
    return *out != NULL;
}

static bool put_path(char **out, const char *folder, const char *name)
{
    struct buf path = {0};
    buf_printf(&path, "%s/%s", folder, name);
    free(*out);
    *out = path.failed ? NULL : path.data;
    if (path.failed)
        buf_release(&path);
    return *out != NULL;
}

static int on_line(void *arg, const char *section, const char *name, const char *value)
{
    struct reading *reading = arg;
    struct profile *p = reading->profile;
    bool ok = true;
    if (strcmp(section, "profile") != 0)
        return 1; /* of a newer client: not mine to judge */
    if (strcmp(name, "role") == 0)
        ok = put(&p->role, value);
    else if (strcmp(name, "name") == 0)
        ok = put(&p->principal, value);
    else if (strcmp(name, "server") == 0)
        ok = put(&p->server, value);
    else if (strcmp(name, "certificate") == 0)
        ok = put_path(&p->certificate, reading->folder, value);
    else if (strcmp(name, "key") == 0)
        ok = put_path(&p->key, reading->folder, value);
    else if (strcmp(name, "ca") == 0)
        ok = put_path(&p->ca, reading->folder, value);
    else if (strcmp(name, "zone") == 0)
        p->zone = zone_parse(value);
    reading->memory |= !ok;
    return ok ? 1 : 0;
}

static int check(const struct profile *p, struct error *err)
{
    const struct {
        const char *name, *value;
    } needed[] = {{"role", p->role},     {"name", p->principal},
                  {"server", p->server}, {"certificate", p->certificate},
                  {"key", p->key},       {"ca", p->ca}};
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        if (!needed[i].value || !*needed[i].value)
            return error_set(err, ERROR_USAGE, needed[i].name,
                             "%s lacks `%s`; enrol again: suara --profile %s enroll BUNDLE "
                             "--replace",
                             p->settings, needed[i].name, p->name);
    if (!profile_role_known(p->role) || !text_is_code(p->principal))
        return error_set(
            err, ERROR_USAGE, "role",
            "%s names no role and name of a principal; enrol again: suara --profile %s "
            "enroll BUNDLE --replace",
            p->settings, p->name);
    return 0;
}

static int missing(const char *name, const char *settings, struct error *err)
{
    char **list = profile_list(NULL);
    struct buf names = {0};
    for (size_t i = 0; list && list[i]; i++)
        buf_printf(&names, "%s%s", i ? ", " : "", list[i]);
    error_set(err, ERROR_USAGE, "profile",
              "there is no profile %.64s (%.160s)%s%.160s; make one with `suara --profile %.64s "
              "enroll BUNDLE`",
              name, settings, names.len ? "; there are: " : "", names.len ? names.data : "", name);
    buf_release(&names);
    profile_list_free(&list);
    return -1;
}

static int read_settings(struct profile *p, const char *folder, struct error *err)
{
    struct reading reading = {.profile = p, .folder = folder};
    int line = ini_parse(p->settings, on_line, &reading);
    if (line == -1 && errno == ENOENT)
        return missing(p->name, p->settings, err);
    if (line == -1)
        return error_set(err, ERROR_USAGE, "profile", "%s can't be read: %s", p->settings,
                         strerror(errno));
    if (reading.memory || line == -2)
        return error_set(err, ERROR_IO, NULL, "memory ran out");
    if (line != 0)
        return error_set(err, ERROR_USAGE, "profile", "%s:%d: expected `name = value`", p->settings,
                         line);
    return check(p, err);
}

int profile_load(const char *name, struct profile *out, struct error *err)
{
    struct profile p = {0};
    struct profile_folders folders;
    if (profile_folders(name, &folders, err) != 0)
        return -1;
    bool ok = put(&p.name, name) && put_path(&p.settings, folders.settings, "settings.ini") &&
              put_path(&p.outbox, folders.data, "outbox.db");
    errno = 0;
    int status = ok ? read_settings(&p, folders.settings, err)
                    : error_set(err, ERROR_IO, NULL, "memory ran out");
    if (status == 0)
        *out = p;
    else
        profile_release(&p);
    profile_folders_release(&folders);
    return status;
}

int profile_write_settings(const char *path, const struct profile *p, struct error *err)
{
    struct buf text = {0};
    buf_printf(&text,
               "# Made by `suara enroll`.\n[profile]\nrole = %s\nname = %s\nserver = %s\n"
               "certificate = %s\nkey = %s\nca = %s\n",
               p->role, p->principal, p->server, profile_base(p->certificate), profile_base(p->key),
               profile_base(p->ca));
    if (p->zone != ZONE_NONE)
        buf_printf(&text, "zone = %s\n", zone_name(p->zone));
    int status = text.failed ? error_set(err, ERROR_IO, NULL, "memory ran out")
                             : path_write(path, text.data, text.len, 0600, err);
    buf_release(&text);
    return status;
}

/* What changed trades places; the rest of the profile, and who points at it, stays. */
static bool trade(char **mine, char **theirs)
{
    if (strcmp(*mine, *theirs) == 0)
        return false;
    char *before = *mine;
    *mine = *theirs;
    *theirs = before;
    return true;
}

int profile_refresh(struct profile *profile, struct error *err)
{
    struct profile now = {0};
    char *folder = strndup(profile->settings,
                           (size_t)(profile_base(profile->settings) - 1 - profile->settings));
    bool ok = folder && put(&now.name, profile->name) && put(&now.settings, profile->settings);
    int status =
        ok ? read_settings(&now, folder, err) : error_set(err, ERROR_IO, NULL, "memory ran out");
    if (status == 0) {
        status = trade(&profile->certificate, &now.certificate);
        status |= trade(&profile->key, &now.key);
        status |= trade(&profile->ca, &now.ca);
        status |= trade(&profile->server, &now.server);
    }
    free(folder);
    profile_release(&now);
    return status;
}

int profile_lock(const char *settings)
{
    char *folder = strndup(settings, (size_t)(profile_base(settings) - settings));
    int fd = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    free(folder);
    while (fd >= 0 && flock(fd, LOCK_EX) != 0 && errno == EINTR)
        ;
    return fd;
}

static int write_zone(struct profile *profile, enum zone zone, struct error *err)
{
    if (profile_refresh(profile, err) < 0)
        return -1;
    enum zone before = profile->zone;
    profile->zone = zone;
    if (profile_write_settings(profile->settings, profile, err) == 0)
        return 0;
    profile->zone = before;
    return -1;
}

/* Into the settings as they are now: those that this process read may name files that are gone. */
int profile_set_zone(struct profile *profile, enum zone zone, struct error *err)
{
    int lock = profile_lock(profile->settings);
    int status = write_zone(profile, zone, err);
    if (lock >= 0)
        close(lock);
    return status;
}
