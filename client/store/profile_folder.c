#include "client/store/profile_folder.h"

#include "common/buf.h"
#include "common/error.h"
#include "common/text.h"
#include <dirent.h>
#include <errno.h>
#include <pwd.h>
#include <unistd.h>

#define SYSTEM_USER "suara"

const char *profile_base(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool is_system(void)
{
    if (geteuid() == 0)
        return true;
    const struct passwd *me = getpwuid(geteuid());
    return me && strcmp(me->pw_name, SYSTEM_USER) == 0;
}

/* $NAME/suara, or ~/rest/suara. False: neither is there. */
static bool person_folder(struct buf *out, const char *variable, const char *rest)
{
    const char *set = getenv(variable), *home = getenv("HOME");
    if (set && *set == '/')
        buf_printf(out, "%s/suara", set);
    else if (home && *home)
        buf_printf(out, "%s/%s/suara", home, rest);
    return out->len > 0;
}

/* The folders that hold one folder for each profile. */
static int roots(struct buf *settings, struct buf *data, struct error *err)
{
    const char *home = getenv("SUARA_HOME");
    if (home && *home) {
        buf_puts(settings, home);
        buf_puts(data, home);
    } else if (is_system()) {
        buf_puts(settings, "/etc/suara/profiles");
        buf_puts(data, "/var/lib/suara/profiles");
    } else if (!person_folder(settings, "XDG_CONFIG_HOME", ".config") ||
               !person_folder(data, "XDG_DATA_HOME", ".local/share")) {
        return error_set(err, ERROR_USAGE, "profile",
                         "neither SUARA_HOME nor HOME is set: where are the profiles?");
    }
    if (settings->failed || data->failed)
        return error_set(err, ERROR_IO, NULL, "memory ran out");
    return 0;
}

int profile_folders(const char *name, struct profile_folders *out, struct error *err)
{
    if (!text_is_code(name))
        return error_set(err, ERROR_USAGE, "profile",
                         "\"%.64s\" is no name of a profile: 1 to 64 letters, digits, . _ -, no . "
                         "or - in front",
                         name);
    struct buf settings = {0}, data = {0};
    int status = roots(&settings, &data, err);
    if (status == 0) {
        buf_printf(&settings, "/%s", name);
        buf_printf(&data, "/%s", name);
    }
    if (status == 0 && (settings.failed || data.failed))
        status = error_set(err, ERROR_IO, NULL, "memory ran out");
    if (status != 0) {
        buf_release(&settings);
        buf_release(&data);
        return -1;
    }
    *out = (struct profile_folders){.settings = settings.data, .data = data.data};
    return 0;
}

void profile_folders_release(struct profile_folders *folders)
{
    free(folders->settings);
    free(folders->data);
    *folders = (struct profile_folders){0};
}

/* ---- all of them ---------------------------------------------------------------------------- */

struct list {
    char **name;
    size_t count, cap;
};

static bool add(struct list *list, const char *name)
{
    if (list->count + 1 >= list->cap) {
        size_t cap = list->cap ? list->cap * 2 : 16;
        char **more = realloc(list->name, cap * sizeof *more);
        if (!more)
            return false;
        list->name = more;
        list->cap = cap;
    }
    list->name[list->count] = name ? strdup(name) : NULL;
    if (!name)
        return true;
    return list->name[list->count++] != NULL;
}

static bool is_profile(const char *root, const char *name)
{
    struct buf path = {0};
    buf_printf(&path, "%s/%s/settings.ini", root, name);
    bool there = !path.failed && text_is_code(name) && access(path.data, F_OK) == 0;
    buf_release(&path);
    return there;
}

static int by_name(const void *a, const void *b)
{
    const char *const *x = a, *const *y = b;
    return strcmp(*x, *y);
}

static int read_names(const char *root, struct list *list, struct error *err)
{
    DIR *dir = opendir(root);
    if (!dir && errno == ENOENT)
        return 0;
    if (!dir)
        return error_set(err, ERROR_IO, NULL, "%s can't be read: %s", root, strerror(errno));
    const struct dirent *entry;
    int status = 0;
    while (status == 0 && (entry = readdir(dir)))
        if (is_profile(root, entry->d_name) && !add(list, entry->d_name))
            status = error_set(err, ERROR_IO, NULL, "memory ran out");
    closedir(dir);
    return status;
}

char **profile_list(struct error *err)
{
    struct buf settings = {0}, data = {0};
    struct list list = {0};
    int status = roots(&settings, &data, err);
    if (status == 0 && !add(&list, NULL))
        status = error_set(err, ERROR_IO, NULL, "memory ran out");
    if (status == 0)
        status = read_names(settings.data, &list, err);
    buf_release(&settings);
    buf_release(&data);
    if (list.name)
        list.name[list.count] = NULL;
    if (status != 0) {
        profile_list_free(&list.name);
        return NULL;
    }
    qsort(list.name, list.count, sizeof *list.name, by_name);
    return list.name;
}

void profile_list_free(char ***list)
{
    for (size_t i = 0; *list && (*list)[i]; i++)
        free((*list)[i]);
    free(*list);
    *list = NULL;
}
