/* Writes down, in order, everything a process does to the files of one folder, so that the disk can be rebuilt as a power
 * cut would have left it at any moment. Loaded with LD_PRELOAD. The process itself notices nothing.
 *
 * A record: op (1 byte), inode (8), number (8), length (4), then `length` bytes.
 *   o  a file was opened; number 1: it is new; bytes: its path        w  bytes were written at number
 *   t  cut or grown to number                                         b  a sync of it begins      s  that sync is done
 *   r  renamed; bytes: old path, NUL, new path                        u  removed; bytes: path
 * What is written between `b` and `s` is not counted as synced.
 *
 * And while the file that POWER_CUT_REFUSE names exists, whoever writes in the folder is refused with the error number in it, as
 * by a disk that is full (28) or has turned read-only (30).
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define MOST_FILES 4096
#define REAL(name) real_##name = dlsym(RTLD_NEXT, #name)

static int (*real_open)(const char *, int, ...);
static int (*real_openat)(int, const char *, int, ...);
static int (*real_close)(int);
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_ftruncate)(int, off_t);
static int (*real_rename)(const char *, const char *);
static int (*real_unlink)(const char *);

static pthread_mutex_t order = PTHREAD_MUTEX_INITIALIZER;
static const char *folder;
static size_t folder_length;
static int trace = -1;
static const char *refusing;
static uint64_t inode_of[MOST_FILES]; /* 0: not ours */

__attribute__((constructor)) static void begin(void)
{
    REAL(open); REAL(openat); REAL(close); REAL(write); REAL(pwrite);
    REAL(fsync); REAL(fdatasync); REAL(ftruncate); REAL(rename); REAL(unlink);
    folder = getenv("POWER_CUT_FOLDER");
    const char *path = getenv("POWER_CUT_TRACE");
    refusing = getenv("POWER_CUT_REFUSE");
    if (folder == NULL)
        return;
    folder_length = strlen(folder);
    if (path != NULL)
        trace = real_open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static int ours(const char *path)
{
    return folder != NULL && strncmp(path, folder, folder_length) == 0;
}

static int watched(int fd)
{
    return fd >= 0 && fd < MOST_FILES && inode_of[fd] != 0;
}

static int refused(void)
{
    char text[16] = "";
    int fd = refusing == NULL ? -1 : real_open(refusing, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    ssize_t length = read(fd, text, sizeof text - 1);
    real_close(fd);
    errno = length > 0 ? atoi(text) : EROFS;
    return 1;
}

static void note(char op, uint64_t inode, uint64_t number, const void *bytes, uint32_t length)
{
    if (trace < 0)
        return;
    char head[21];
    head[0] = op;
    memcpy(head + 1, &inode, 8);
    memcpy(head + 9, &number, 8);
    memcpy(head + 17, &length, 4);
    struct iovec parts[2] = {{head, sizeof head}, {(void *)bytes, length}};
    if (writev(trace, parts, 2) != (ssize_t)(sizeof head + length))
        abort(); /* a trace with a hole proves nothing */
}

static int opened(const char *path, int fd, int fresh, int flags)
{
    struct stat stat;
    if (fd < 0 || fd >= MOST_FILES || fstat(fd, &stat) != 0)
        return fd;
    inode_of[fd] = stat.st_ino;
    note('o', stat.st_ino, fresh, path, strlen(path));
    if ((flags & O_TRUNC) && !fresh)
        note('t', stat.st_ino, 0, NULL, 0);
    return fd;
}

static int open_at(int base, const char *path, int flags, mode_t mode)
{
    if (!ours(path))
        return real_openat(base, path, flags, mode);
    if ((flags & (O_CREAT | O_TRUNC)) && access(path, F_OK) != 0 && refused())
        return -1;
    pthread_mutex_lock(&order);
    int fresh = access(path, F_OK) != 0;
    int fd = opened(path, real_openat(base, path, flags, mode), fresh, flags);
    pthread_mutex_unlock(&order);
    return fd;
}

#define MODE(flags, mode)                       \
    mode_t mode = 0;                            \
    if ((flags) & (O_CREAT | __O_TMPFILE)) {    \
        va_list rest;                           \
        va_start(rest, flags);                  \
        mode = va_arg(rest, mode_t);            \
        va_end(rest);                           \
    }

int open(const char *path, int flags, ...) { MODE(flags, mode) return open_at(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE(flags, mode) return open_at(AT_FDCWD, path, flags, mode); }
int openat(int base, const char *path, int flags, ...) { MODE(flags, mode) return open_at(base, path, flags, mode); }
int openat64(int base, const char *path, int flags, ...) { MODE(flags, mode) return open_at(base, path, flags, mode); }

int close(int fd)
{
    if (watched(fd))
        inode_of[fd] = 0;
    return real_close(fd);
}

ssize_t write(int fd, const void *bytes, size_t length)
{
    if (!watched(fd))
        return real_write(fd, bytes, length);
    if (refused())
        return -1;
    pthread_mutex_lock(&order);
    ssize_t done = real_write(fd, bytes, length);
    if (done > 0)
        note('w', inode_of[fd], lseek(fd, 0, SEEK_CUR) - done, bytes, done);
    pthread_mutex_unlock(&order);
    return done;
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset)
{
    if (!watched(fd))
        return real_pwrite(fd, bytes, length, offset);
    if (refused())
        return -1;
    pthread_mutex_lock(&order);
    ssize_t done = real_pwrite(fd, bytes, length, offset);
    if (done > 0)
        note('w', inode_of[fd], offset, bytes, done);
    pthread_mutex_unlock(&order);
    return done;
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off_t offset) { return pwrite(fd, bytes, length, offset); }

static void note_locked(char op, int fd, uint64_t number)
{
    pthread_mutex_lock(&order);
    note(op, inode_of[fd], number, NULL, 0);
    pthread_mutex_unlock(&order);
}

static int synced(int fd, int (*sync)(int))
{
    if (!watched(fd))
        return sync(fd);
    if (refused())
        return -1;
    note_locked('b', fd, 0);
    int result = sync(fd);
    if (result == 0)
        note_locked('s', fd, 0);
    return result;
}

int fsync(int fd) { return synced(fd, real_fsync); }
int fdatasync(int fd) { return synced(fd, real_fdatasync); }

int ftruncate(int fd, off_t size)
{
    if (watched(fd) && refused())
        return -1;
    int result = real_ftruncate(fd, size);
    if (result == 0 && watched(fd))
        note_locked('t', fd, size);
    return result;
}

int ftruncate64(int fd, off_t size) { return ftruncate(fd, size); }

int rename(const char *old, const char *fresh)
{
    char both[2 * 4096 + 2];
    if (ours(old) && refused())
        return -1;
    pthread_mutex_lock(&order);
    int result = real_rename(old, fresh);
    if (result == 0 && ours(old)) {
        size_t length = strlen(old) + 1;
        memcpy(both, old, length);
        memcpy(both + length, fresh, strlen(fresh));
        note('r', 0, 0, both, length + strlen(fresh));
    }
    pthread_mutex_unlock(&order);
    return result;
}

int unlink(const char *path)
{
    if (ours(path) && refused())
        return -1;
    pthread_mutex_lock(&order);
    int result = real_unlink(path);
    if (result == 0 && ours(path))
        note('u', 0, 0, path, strlen(path));
    pthread_mutex_unlock(&order);
    return result;
}
