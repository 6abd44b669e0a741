/* A folder that behaves like a mounted Google Drive, loaded with LD_PRELOAD: below the folder in DRIVE_FOLDER there are
   no locks and no links, opening is slow, times come in whole seconds, names that differ in capitals are one, no shared
   memory can be written through, and after DRIVE_QUOTA bytes every write says that the quota is exceeded. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define SLOW_MICROSECONDS 1000

static long long written;

static int is_below(const char *path) {
  const char *folder = getenv("DRIVE_FOLDER");
  return folder && path && path[0] == '/' && strncmp(path, folder, strlen(folder)) == 0;
}

static int is_open_below(int fd) {
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return is_below(path);
}

/* Whether a name that differs in capitals only is taken. */
static int has_twin(const char *path) {
  char folder[PATH_MAX];
  snprintf(folder, sizeof folder, "%s", path);
  char *slash = strrchr(folder, '/');
  if (!slash || slash == folder) return 0;
  *slash = 0;
  DIR *listing = opendir(folder);
  int found = 0;
  struct dirent *entry;
  while (listing && !found && (entry = readdir(listing)))
    found = strcasecmp(entry->d_name, slash + 1) == 0 && strcmp(entry->d_name, slash + 1) != 0;
  if (listing) closedir(listing);
  return found;
}

static int refuses(const char *path, int flags) {
  if (!is_below(path)) return 0;
  usleep(SLOW_MICROSECONDS);
  if ((flags & O_CREAT) && (flags & O_EXCL) && has_twin(path)) {
    errno = EEXIST;
    return 1;
  }
  return 0;
}

#define OPEN(name)                                   \
  int name(const char *path, int flags, ...) {       \
    va_list rest;                                    \
    va_start(rest, flags);                           \
    mode_t mode = va_arg(rest, int);                 \
    va_end(rest);                                    \
    if (refuses(path, flags)) return -1;             \
    return REAL(name)(path, flags, mode);            \
  }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                       \
  int name(int folder, const char *path, int flags, ...) { \
    va_list rest;                                          \
    va_start(rest, flags);                                 \
    mode_t mode = va_arg(rest, int);                       \
    va_end(rest);                                          \
    if (refuses(path, flags)) return -1;                   \
    return REAL(name)(folder, path, flags, mode);          \
  }
OPENAT(openat)
OPENAT(openat64)

int mkdir(const char *path, mode_t mode) {
  if (refuses(path, O_CREAT | O_EXCL)) return -1;
  return REAL(mkdir)(path, mode);
}

int flock(int fd, int operation) {
  if (is_open_below(fd)) {
    errno = EOPNOTSUPP;
    return -1;
  }
  return REAL(flock)(fd, operation);
}

#define FCNTL(name)                                                                            \
  int name(int fd, int command, ...) {                                                         \
    va_list rest;                                                                              \
    va_start(rest, command);                                                                   \
    void *argument = va_arg(rest, void *);                                                     \
    va_end(rest);                                                                              \
    int locks = command == F_SETLK || command == F_SETLKW || command == F_OFD_SETLK || command == F_OFD_SETLKW; \
    if (locks && is_open_below(fd)) {                                                          \
      errno = EOPNOTSUPP;                                                                      \
      return -1;                                                                               \
    }                                                                                          \
    return REAL(name)(fd, command, argument);                                                  \
  }
FCNTL(fcntl)
FCNTL(fcntl64)

int link(const char *source, const char *target) {
  if (is_below(source) || is_below(target)) {
    errno = EPERM;
    return -1;
  }
  return REAL(link)(source, target);
}

int symlink(const char *source, const char *target) {
  if (is_below(target)) {
    errno = EPERM;
    return -1;
  }
  return REAL(symlink)(source, target);
}

void *mmap(void *start, size_t length, int protection, int flags, int fd, off_t offset) {
  if (fd >= 0 && (flags & MAP_SHARED) && (protection & PROT_WRITE) && is_open_below(fd)) {
    errno = ENODEV;
    return MAP_FAILED;
  }
  return REAL(mmap)(start, length, protection, flags, fd, offset);
}

int utimensat(int folder, const char *path, const struct timespec times[2], int flags) {
  if (!is_below(path) || !times) return REAL(utimensat)(folder, path, times, flags);
  struct timespec whole[2] = {{times[0].tv_sec, 0}, {times[1].tv_sec, 0}};
  return REAL(utimensat)(folder, path, whole, flags);
}

ssize_t write(int fd, const void *content, size_t size) {
  const char *quota = getenv("DRIVE_QUOTA");
  if (quota && is_open_below(fd)) {
    if (written + (long long)size > atoll(quota)) {
      errno = EDQUOT;
      return -1;
    }
    written += size;
  }
  return REAL(write)(fd, content, size);
}
