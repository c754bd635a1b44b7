/* Regular files: opening, transfers, offsets, descriptors, flags, locks, length. */
#include "report.h"

static void opening(void) {
  SHOW(open("a", O_RDONLY));
  int fd = open("a", O_RDWR | O_CREAT | O_EXCL, 0666);
  printf("fd %d flags %x\n", fd, fcntl(fd, F_GETFL));
  SHOW(open("a", O_RDWR | O_CREAT | O_EXCL, 0666));
  SHOW(open("a/", O_RDONLY));
  SHOW(open("a/b", O_RDONLY));
  SHOW(open("", O_RDONLY));
  SHOW(open("new/", O_RDWR | O_CREAT, 0600));
  SHOW(open(".", O_RDWR));
  SHOW(open(".", O_WRONLY | O_CREAT, 0600));
  SHOW(open("a", O_DIRECTORY));
  SHOW(open("missing/x", O_CREAT | O_RDWR, 0600));
  char name[300];
  memset(name, 'n', 256);
  name[256] = 0;
  SHOW(open(name, O_CREAT | O_RDWR, 0600));
  char path[PATH_MAX + 10];
  memset(path, '/', sizeof path);
  path[sizeof path - 1] = 0;
  SHOW(open(path, O_RDONLY));
  SHOW(open((char *)16, O_RDONLY));
  symlink("a", "l");
  symlink("l", "ll");
  symlink("loop", "loop");
  symlink("made", "dangling");
  SHOW(open("l", O_NOFOLLOW));
  SHOW(open("loop", O_RDONLY));
  SHOW(open("dangling", O_RDONLY));
  SHOW(open("dangling", O_CREAT | O_EXCL | O_RDWR, 0600));
  int made = open("dangling", O_CREAT | O_RDWR, 0600);
  printf("made %d\n", access("made", F_OK));
  int path_only = open("ll", O_PATH | O_NOFOLLOW);
  char byte;
  SHOW(read(path_only, &byte, 1));
  struct stat st;
  SHOW(fstat(path_only, &st));
  printf("mode %o\n", st.st_mode);
  char target[8];
  SHOW(readlinkat(path_only, "", target, sizeof target));
  SHOW(fcntl(path_only, F_GETFL) & O_PATH ? 1 : 0);
  SHOW(fchmod(path_only, 0600));
  SHOW(close(path_only));
  SHOW(close(path_only));
  SHOW(close(-1));
  close(made);
  close(fd);
  fd = open("a", O_RDWR | O_APPEND | O_NONBLOCK | O_CLOEXEC | O_SYNC | O_NOFOLLOW);
  printf("flags %x fd flags %x\n", fcntl(fd, F_GETFL), fcntl(fd, F_GETFD));
  SHOW(fcntl(fd, F_SETFL, 0));
  printf("flags %x\n", fcntl(fd, F_GETFL));
  close(fd);
}

static void transfers(void) {
  int fd = open("t", O_RDWR | O_CREAT | O_TRUNC, 0644);
  char buffer[64] = {0};
  SHOW(write(fd, "0123456789", 10));
  SHOW(lseek(fd, 0, SEEK_CUR));
  SHOW(lseek(fd, -3, SEEK_END));
  SHOW(read(fd, buffer, 10));
  SHOW(read(fd, buffer, 10));
  SHOW(lseek(fd, -1, SEEK_SET));
  SHOW(lseek(fd, 5, 9));
  SHOW(lseek(fd, 3, SEEK_DATA));
  SHOW(lseek(fd, 3, SEEK_HOLE));
  SHOW(lseek(fd, 10, SEEK_DATA));
  SHOW(lseek(fd, 20, SEEK_SET));
  SHOW(write(fd, "x", 1));
  SHOW(pread(fd, buffer, 64, 8));
  show_bytes("hole", buffer, 13);
  SHOW(pwrite(fd, "AB", 2, 1));
  SHOW(pread(fd, buffer, 4, 0));
  printf("%.4s\n", buffer);
  SHOW(pread(fd, buffer, 4, -1));
  SHOW(pread(fd, buffer, 4, 100));
  SHOW(lseek(fd, 0, SEEK_CUR));
  struct iovec out[3] = {{"one", 3}, {"", 0}, {"two", 3}};
  SHOW(writev(fd, out, 3));
  SHOW(writev(fd, out, -1));
  SHOW(pwritev(fd, out, 3, 2));
  lseek(fd, 0, SEEK_SET);
  char first[4] = {0}, second[40] = {0};
  struct iovec in[2] = {{first, 4}, {second, 40}};
  SHOW(readv(fd, in, 2));
  show_bytes("first", first, 4);
  show_bytes("second", second, 24);
  SHOW(preadv(fd, in, 2, 20));
  lseek(fd, 0, SEEK_SET);
  SHOW(read(fd, (void *)16, 1));
  SHOW(write(fd, (void *)16, 1));
  SHOW(read(fd, buffer, 0));
  SHOW(write(fd, buffer, 0));
  int reader = open("t", O_RDONLY), writer = open("t", O_WRONLY);
  SHOW(write(reader, "x", 1));
  SHOW(read(writer, buffer, 1));
  SHOW(ftruncate(reader, 1));
  SHOW(ftruncate(fd, -1));
  SHOW(ftruncate(fd, 5));
  SHOW(pread(fd, buffer, 64, 0));
  SHOW(ftruncate(fd, 9));
  SHOW(pread(fd, buffer, 64, 0));
  show_bytes("grown", buffer, 9);
  SHOW(truncate("t", 2));
  SHOW(truncate("none", 2));
  SHOW(truncate(".", 2));
  SHOW(lseek(fd, 0, SEEK_END));
  int append = open("t", O_WRONLY | O_APPEND);
  SHOW(write(append, "app", 3));
  SHOW(lseek(append, 0, SEEK_CUR));
  SHOW(fcntl(fd, F_SETFL, O_APPEND));
  lseek(fd, 0, SEEK_SET);
  SHOW(write(fd, "end", 3));
  SHOW(lseek(fd, 0, SEEK_CUR));
  SHOW(fallocate(fd, 0, 0, 100));
  SHOW(lseek(fd, 0, SEEK_END));
  SHOW(fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 200));
  SHOW(lseek(fd, 0, SEEK_END));
  SHOW(fallocate(fd, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, 1, 3));
  SHOW(pread(fd, buffer, 8, 0));
  show_bytes("punched", buffer, 8);
  SHOW(fallocate(fd, 0, 0, 0));
  SHOW(fallocate(reader, 0, 0, 1));
  SHOW(fsync(fd));
  SHOW(fdatasync(fd));
  SHOW(posix_fadvise(fd, 0, 0, POSIX_FADV_WILLNEED));
  int pending;
  lseek(fd, 90, SEEK_SET);
  SHOW(ioctl(fd, FIONREAD, &pending));
  printf("left %d\n", pending);
  SHOW(ioctl(fd, TCGETS, buffer));
  SHOW(isatty(fd));
  int dir = open(".", O_RDONLY);
  SHOW(read(dir, buffer, 1));
  SHOW(pread(dir, buffer, 1, 0));
  SHOW(ftruncate(dir, 0));
  close(dir);
  close(reader);
  close(writer);
  close(append);
  close(fd);
}

static void descriptors(void) {
  int fd = open("t", O_RDWR);
  int copy = dup(fd);
  lseek(copy, 1, SEEK_SET);
  SHOW(lseek(fd, 0, SEEK_CUR));
  printf("dup %d\n", copy - fd);
  SHOW(dup2(fd, 40));
  SHOW(dup2(fd, fd) == fd);
  SHOW(dup3(fd, fd, 0));
  SHOW(dup3(fd, 41, O_CLOEXEC));
  printf("%d %d\n", fcntl(40, F_GETFD), fcntl(41, F_GETFD));
  SHOW(dup2(99, 42));
  SHOW(dup2(fd, -1));
  SHOW(fcntl(fd, F_DUPFD, 50));
  SHOW(fcntl(fd, F_DUPFD_CLOEXEC, 50));
  SHOW(fcntl(51, F_GETFD));
  SHOW(fcntl(fd, F_DUPFD, -1));
  SHOW(fcntl(51, F_SETFD, 0));
  SHOW(fcntl(51, F_GETFD));
  SHOW(fcntl(fd, 12345));
  SHOW(syscall(SYS_close_range, 40, 60, 4));
  printf("%d\n", fcntl(40, F_GETFD));
  SHOW(syscall(SYS_close_range, 40, 60, 0));
  SHOW(fcntl(40, F_GETFD));
  SHOW(syscall(SYS_close_range, 60, 40, 0));
  SHOW(ioctl(fd, FIOCLEX));
  SHOW(fcntl(fd, F_GETFD));
  SHOW(ioctl(fd, 0x1234567));
  close(copy);
  close(fd);
}

static void set_lock(struct flock *lock, int type, long start, long length) {
  memset(lock, 0, sizeof *lock);
  lock->l_type = type;
  lock->l_whence = SEEK_SET;
  lock->l_start = start;
  lock->l_len = length;
}

static void locks(void) {
  int fd = open("t", O_RDWR), reader = open("t", O_RDONLY);
  struct flock lock;
  set_lock(&lock, F_WRLCK, 10, 20);
  SHOW(fcntl(fd, F_SETLK, &lock));
  SHOW(fcntl(reader, F_SETLK, &lock));
  fflush(stdout);
  pid_t parent = getpid();
  if (fork() == 0) {
    set_lock(&lock, F_RDLCK, 0, 0);
    SHOW(fcntl(fd, F_SETLK, &lock));
    SHOW(fcntl(fd, F_GETLK, &lock));
    printf("held %d %ld %ld by parent %d\n", lock.l_type, (long)lock.l_start, (long)lock.l_len,
           lock.l_pid == parent);
    set_lock(&lock, F_WRLCK, 30, 5);
    SHOW(fcntl(fd, F_SETLK, &lock));
    set_lock(&lock, F_WRLCK, 0, 10);
    SHOW(fcntl(fd, F_SETLK, &lock));
    SHOW(flock(fd, LOCK_EX | LOCK_NB));
    int other = open("t", O_RDWR);
    SHOW(flock(other, LOCK_SH | LOCK_NB));
    SHOW(flock(fd, LOCK_UN));
    SHOW(flock(other, LOCK_SH | LOCK_NB));
    exit(0);
  }
  int status;
  wait(&status);
  set_lock(&lock, F_WRLCK, 0, 0);
  SHOW(fcntl(fd, F_SETLK, &lock));
  set_lock(&lock, F_UNLCK, 5, 5);
  SHOW(fcntl(fd, F_SETLK, &lock));
  fflush(stdout);
  if (fork() == 0) {
    set_lock(&lock, F_WRLCK, 5, 5);
    SHOW(fcntl(fd, F_SETLK, &lock));
    set_lock(&lock, F_WRLCK, 5, 6);
    SHOW(fcntl(fd, F_GETLK, &lock));
    printf("held %d %ld %ld\n", lock.l_type, (long)lock.l_start, (long)lock.l_len);
    fflush(stdout);
    set_lock(&lock, F_WRLCK, 0, 1);
    SHOW(fcntl(fd, F_SETLKW, &lock));
    exit(0);
  }
  struct timespec pause = {0, 50000000};
  nanosleep(&pause, 0);
  close(reader);
  wait(&status);
  SHOW(WEXITSTATUS(status));
  set_lock(&lock, 9, 0, 0);
  SHOW(fcntl(fd, F_SETLK, &lock));
  close(fd);
}

static void copies(void) {
  make_file("source", "the quick brown fox");
  int in = open("source", O_RDONLY), out = open("target", O_RDWR | O_CREAT | O_TRUNC, 0600);
  off_t from = 4;
  SHOW(sendfile(out, in, &from, 5));
  printf("from %ld, offset %ld\n", (long)from, (long)lseek(in, 0, SEEK_CUR));
  SHOW(sendfile(out, in, 0, 3));
  SHOW(sendfile(out, in, 0, 1000));
  SHOW(sendfile(out, in, 0, 1000));
  loff_t in_at = 16, out_at = 0;
  SHOW(copy_file_range(in, &in_at, out, &out_at, 3, 0));
  printf("at %ld %ld\n", (long)in_at, (long)out_at);
  SHOW(copy_file_range(in, &in_at, out, &out_at, 3, 1));
  char buffer[64] = {0};
  long n = pread(out, buffer, 64, 0);
  printf("%ld %s\n", n, buffer);
  int ends[2];
  pipe(ends);
  in_at = 0;
  SHOW(splice(in, &in_at, ends[1], 0, 9, 0));
  SHOW(splice(ends[0], 0, out, 0, 4, 0));
  SHOW(splice(ends[0], &in_at, out, 0, 4, 0));
  SHOW(splice(in, 0, out, 0, 4, 0));
  SHOW(sendfile(ends[1], in, &from, 3));
  SHOW(read(ends[0], buffer, 64));
  SHOW(sendfile(out, ends[0], 0, 3));
  close(in);
  close(out);
}

static void memory_files(void) {
  int fd = memfd_create("name", MFD_ALLOW_SEALING | MFD_CLOEXEC);
  char path[64] = {0}, link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  readlink(link, path, sizeof path);
  printf("%s %d\n", path, fcntl(fd, F_GETFD));
  SHOW(write(fd, "hello", 5));
  SHOW(ftruncate(fd, 8192));
  struct stat st;
  fstat(fd, &st);
  printf("%o %ld\n", st.st_mode, (long)st.st_size);
  char *shared = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  shared[0] = 'J';
  msync(shared, 8192, MS_SYNC);
  char text[6] = {0};
  SHOW(pread(fd, text, 5, 0));
  printf("%s\n", text);
  munmap(shared, 8192);
  int again = open(link, O_RDONLY);
  SHOW(read(again, text, 3));
  SHOW(lseek(fd, 0, SEEK_CUR));
  SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_WRITE));
  SHOW(fcntl(fd, F_GET_SEALS));
  SHOW(write(fd, "x", 1));
  SHOW(ftruncate(fd, 1));
  SHOW(fcntl(memfd_create("x", 0), F_GET_SEALS));
}

int main(void) {
  umask(022);
  opening();
  transfers();
  descriptors();
  locks();
  copies();
  memory_files();
  return 0;
}
