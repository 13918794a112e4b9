#include "client/store/bundle.h"
#include "client/store/path.h"
#include "client/store/profile_folder.h"
#include "common/buf.h"
#include "common/error.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <unistd.h>

#define MARK     (sizeof((struct bundle *)NULL)->mark - 1)
#define SETTINGS "settings.ini"

/* What root enrols for the whole machine is used by the service's own user. */
static void give_to_service(const char *folder)
{
    const struct passwd *service = geteuid() == 0 ? getpwnam("suara") : NULL;
    bool shared =
        strncmp(folder, "/etc/suara/", 11) == 0 || strncmp(folder, "/var/lib/suara/", 15) == 0;
    if (service && shared && chown(folder, service->pw_uid, service->pw_gid) != 0)
        return; /* then root keeps it, and the service says that it can't read it */
}

static char *join(const char *folder, const char *name, const char *mark, const char *end)
{
    struct buf path = {0};
    buf_printf(&path, "%s/%s%s%s%s", folder, name, *mark ? "-" : "", mark, end);
    if (path.failed)
        buf_release(&path);
    return path.data;
}

static int make_folders(const struct profile *p, struct error *err)
{
    if (path_make_folder(p->settings, err) != 0 || path_make_folder(p->outbox, err) != 0)
        return -1;
    const char *const paths[] = {p->settings, p->outbox};
    for (size_t i = 0; i < 2; i++) {
        char *folder = strndup(paths[i], (size_t)(profile_base(paths[i]) - 1 - paths[i]));
        if (!folder)
            return error_set(err, ERROR_IO, NULL, "memory ran out");
        give_to_service(folder);
        free(folder);
    }
    return 0;
}

/*
 * Certificate, key and CA go under names of their own; the settings, which name them, are replaced
 * last and in one step. So a cut in between leaves the old profile whole, never half of each.
 */
static int write_files(const struct profile *p, const struct bundle *bundle, struct error *err)
{
    const struct {
        const char *path, *text;
    } files[] = {{p->certificate, bundle->certificate}, {p->key, bundle->key}, {p->ca, bundle->ca}};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (path_write(files[i].path, files[i].text, strlen(files[i].text), 0600, err) != 0)
            return -1;
    return profile_write_settings(p->settings, p, err);
}

static int fill(struct profile *p, const char *name, const struct bundle *bundle, const char *mark,
                struct error *err)
{
    struct profile_folders folders;
    if (profile_folders(name, &folders, err) != 0)
        return -1;
    p->name = strdup(name);
    p->settings = join(folders.settings, SETTINGS, "", "");
    p->certificate = join(folders.settings, "certificate", mark, ".pem");
    p->key = join(folders.settings, "key", mark, ".pem");
    p->ca = join(folders.settings, "ca", mark, ".pem");
    p->outbox = join(folders.data, "outbox.db", "", "");
    p->server = strdup(bundle->server);
    p->role = strdup(bundle->role);
    p->principal = strdup(bundle->name);
    profile_folders_release(&folders);
    if (p->name && p->settings && p->certificate && p->key && p->ca && p->outbox && p->server &&
        p->role && p->principal)
        return 0;
    return error_set(err, ERROR_IO, NULL, "memory ran out");
}

/* ".XXXXXX" behind the name of a file while it was written. */
static bool is_unfinished(const char *end)
{
    return *end == '.' && strlen(end) == sizeof ".XXXXXX" - 1;
}

/* "key.pem", "key-0123456789abcdef.pem", and either of them, or the settings, while it was written.
 */
static bool is_ours(const char *name)
{
    if (strncmp(name, SETTINGS, strlen(SETTINGS)) == 0)
        return is_unfinished(name + strlen(SETTINGS));
    static const char *const words[] = {"certificate", "key", "ca"};
    size_t n = 0;
    for (size_t i = 0; i < sizeof words / sizeof *words && n == 0; i++)
        if (strncmp(name, words[i], strlen(words[i])) == 0)
            n = strlen(words[i]);
    if (n == 0)
        return false;
    name += n;
    if (*name == '-' && strspn(name + 1, "0123456789abcdef") == MARK)
        name += 1 + MARK;
    return strcmp(name, ".pem") == 0 || (strncmp(name, ".pem.", 5) == 0 && is_unfinished(name + 4));
}

/* Keys and certificates of before, whoever named them: a key that is not used any more must not
 * lie about. What can't be removed does no harm to the new ones. */
static void remove_old(const struct profile *now)
{
    const char *const used[] = {profile_base(now->certificate), profile_base(now->key),
                                profile_base(now->ca)};
    char *folder = strndup(now->settings, (size_t)(profile_base(now->settings) - now->settings));
    DIR *dir = folder ? opendir(folder) : NULL;
    const struct dirent *entry;
    free(folder);
    while (dir && (entry = readdir(dir))) {
        bool old = is_ours(entry->d_name);
        for (size_t i = 0; i < sizeof used / sizeof *used; i++)
            old = old && strcmp(entry->d_name, used[i]) != 0;
        if (old)
            unlinkat(dirfd(dir), entry->d_name, 0);
    }
    if (dir)
        closedir(dir);
}

static int put_in_place(const struct profile *p, const struct bundle *bundle, struct error *err)
{
    if (make_folders(p, err) != 0)
        return -1;
    int lock = profile_lock(p->settings);
    int status = write_files(p, bundle, err);
    if (status == 0)
        remove_old(p);
    if (lock >= 0)
        close(lock);
    return status;
}

/* May this bundle take the place of that profile? */
static int check_renewal(const struct profile *before, const struct bundle *bundle, bool replace,
                         struct error *err)
{
    bool same =
        strcmp(before->role, bundle->role) == 0 && strcmp(before->principal, bundle->name) == 0;
    if (!same)
        return error_set(err, ERROR_USAGE, "profile",
                         "profile %s is of %s %s, the bundle of %s %s; enrol it under another name "
                         "(--profile NAME)",
                         before->name, before->role, before->principal, bundle->role, bundle->name);
    if (!replace)
        return error_set(err, ERROR_USAGE, "profile",
                         "profile %s exists; to renew its certificate say --replace (the outbox "
                         "stays)",
                         before->name);
    return 0;
}

static int enroll(const char *name, const struct bundle *bundle, bool replace, struct profile *out,
                  struct error *err)
{
    struct profile before = {0}, after = {0};
    struct profile_folders folders;
    if (profile_folders(name, &folders, err) != 0)
        return -1;
    char *settings = join(folders.settings, SETTINGS, "", "");
    bool exists = settings && access(settings, F_OK) == 0;
    free(settings);
    profile_folders_release(&folders);
    int status = 0;
    bool readable = exists && profile_load(name, &before, err) == 0;
    if (exists && !readable && !replace)
        status = -1;
    if (readable)
        status = check_renewal(&before, bundle, replace, err);
    if (status == 0)
        status = fill(&after, name, bundle, exists ? bundle->mark : "", err);
    after.zone = before.zone;
    if (status == 0)
        status = put_in_place(&after, bundle, err);
    profile_release(&before);
    if (status == 0)
        *out = after;
    else
        profile_release(&after);
    return status;
}

int profile_enroll(const char *name, const char *path, bool replace, struct profile *out,
                   struct error *err)
{
    struct bundle bundle = {0};
    if (bundle_read(path, &bundle, err) != 0)
        return -1;
    int status = enroll(name, &bundle, replace, out, err);
    bundle_release(&bundle);
    return status;
}
