/* Names: making, removing, moving and listing them, permissions, times, where a process stands. */
#include "report.h"
#include <utime.h>
#include <sys/time.h>

static void status(const char *path) {
  struct stat st;
  if (lstat(path, &st)) {
    printf("%s: %s\n", path, error_name());
    return;
  }
  printf("%s: mode %o links %d size %ld\n", path, st.st_mode, (int)st.st_nlink,
         S_ISDIR(st.st_mode) ? 0 : (long)st.st_size);
}

static void links(void) {
  make_file("a", "text");
  SHOW(link("a", "b"));
  SHOW(link("a", "b"));
  SHOW(link("none", "c"));
  SHOW(link(".", "c"));
  status("a");
  SHOW(symlink("a", "s"));
  SHOW(symlink("a", "s"));
  SHOW(symlink("", "e"));
  status("s");
  char target[10];
  SHOW(readlink("s", target, 10));
  SHOW(readlink("a", target, 10));
  SHOW(readlink("none", target, 10));
  SHOW(readlink("s", target, 0));
  symlink("long-target-name", "long");
  SHOW(readlink("long", target, 4));
  SHOW(linkat(AT_FDCWD, "s", AT_FDCWD, "hard-s", 0));
  SHOW(linkat(AT_FDCWD, "s", AT_FDCWD, "hard-a", AT_SYMLINK_FOLLOW));
  status("hard-s");
  status("hard-a");
  SHOW(unlink("b"));
  SHOW(unlink("b"));
  SHOW(unlink("a/"));
  SHOW(unlink("."));
  SHOW(unlink("s/"));
  SHOW(unlink("s"));
  status("a");
}

static void directories(void) {
  SHOW(mkdir("d", 01777));
  status("d");
  SHOW(mkdir("d", 0700));
  SHOW(mkdir("a", 0700));
  SHOW(mkdir("none/d", 0700));
  SHOW(mkdir("a/d", 0700));
  SHOW(mkdir("d/e/", 0755));
  SHOW(mkdir("d/.", 0755));
  SHOW(rmdir("d"));
  SHOW(rmdir("d/e/."));
  SHOW(rmdir("d/e/.."));
  SHOW(rmdir("a"));
  SHOW(rmdir("none"));
  SHOW(unlink("d"));
  int fd = open("d", O_RDONLY | O_DIRECTORY);
  SHOW(mkdirat(fd, "f", 0700));
  SHOW(openat(fd, "new", O_CREAT | O_WRONLY, 0600) > 0);
  SHOW(faccessat(fd, "new", W_OK, 0));
  SHOW(unlinkat(fd, "f", 0));
  SHOW(unlinkat(fd, "f", AT_REMOVEDIR));
  SHOW(unlinkat(fd, "f", 0x1));
  SHOW(mkdirat(99, "f", 0700));
  SHOW(mkdirat(open("a", O_RDONLY), "f", 0700));
  char *names[100];
  int count = 0;
  DIR *dir = fdopendir(dup(fd));
  for (struct dirent *entry; (entry = readdir(dir));) {
    char line[300];
    snprintf(line, sizeof line, "%s type %d", entry->d_name, entry->d_type);
    names[count++] = strdup(line);
  }
  for (int i = 0; i < count; i++)
    for (int k = i + 1; k < count; k++)
      if (strcmp(names[i], names[k]) > 0) {
        char *name = names[i];
        names[i] = names[k];
        names[k] = name;
      }
  for (int i = 0; i < count; i++) printf("%s\n", names[i]);
  rewinddir(dir);
  int again = 0;
  while (readdir(dir)) again++;
  printf("again %d\n", again == count);
  closedir(dir);
  char small[16];
  lseek(fd, 0, SEEK_SET);
  SHOW(syscall(SYS_getdents64, fd, small, sizeof small));
  SHOW(syscall(SYS_getdents64, open("a", O_RDONLY), small, sizeof small));
  close(fd);
}

static void renames(void) {
  make_file("r1", "one");
  make_file("r2", "second");
  mkdir("rd", 0755);
  mkdir("rd/sub", 0755);
  SHOW(rename("r1", "r2"));
  status("r1");
  status("r2");
  SHOW(rename("none", "x"));
  SHOW(rename("r2", "rd"));
  SHOW(rename("rd", "r2"));
  SHOW(rename("rd", "rd/sub/x"));
  SHOW(rename("r2", "r3/"));
  SHOW(rename("rd", "re/"));
  SHOW(rename("re/sub", "."));
  SHOW(rename("re", "rd"));
  make_file("rd/file", "");
  mkdir("empty", 0755);
  SHOW(rename("empty", "rd"));
  SHOW(rename("rd", "empty"));
  status("empty/file");
  make_file("n1", "");
  make_file("n2", "");
  SHOW(renameat2(AT_FDCWD, "n1", AT_FDCWD, "n2", RENAME_NOREPLACE));
  SHOW(renameat2(AT_FDCWD, "n1", AT_FDCWD, "n3", RENAME_NOREPLACE));
  SHOW(rename("n2", "n2"));
  char here[PATH_MAX], start[PATH_MAX];
  getcwd(start, sizeof start);
  mkdir("moving", 0755);
  chdir("moving");
  rename("../moving", "../moved");
  getcwd(here, sizeof here);
  printf("cwd %s\n", here + strlen(start));
  make_file("in-moved", "");
  chdir(start);
  status("moved/in-moved");
}

static void places(void) {
  char start[PATH_MAX], here[PATH_MAX];
  getcwd(start, sizeof start);
  SHOW(chdir("none"));
  SHOW(chdir("a"));
  SHOW(chdir("d"));
  getcwd(here, sizeof here);
  printf("%s\n", here + strlen(start));
  SHOW(syscall(SYS_getcwd, here, 3));
  SHOW(chdir("e/.."));
  getcwd(here, sizeof here);
  printf("%s\n", here + strlen(start));
  int fd = open("e", O_RDONLY);
  SHOW(fchdir(fd));
  SHOW(fchdir(0));
  SHOW(fchdir(99));
  getcwd(here, sizeof here);
  printf("%s\n", here + strlen(start));
  rmdir("../e");
  SHOW(syscall(SYS_getcwd, here, sizeof here));
  SHOW(open("x", O_CREAT | O_RDWR, 0600));
  SHOW(chdir(start));
  symlink("d", "dl");
  SHOW(chdir("dl/"));
  getcwd(here, sizeof here);
  printf("%s\n", here + strlen(start));
  SHOW(chdir("../a/.."));
  SHOW(chdir(".."));
}

static void attributes(void) {
  struct stat st;
  SHOW(chmod("a", 04751));
  status("a");
  SHOW(fchmodat(AT_FDCWD, "none", 0600, 0));
  int fd = open("a", O_RDWR);
  SHOW(fchmod(fd, 0640));
  status("a");
  SHOW(fchown(fd, -1, -1));
  SHOW(chown("a", getuid(), getgid()));
  SHOW(lchown("none", -1, -1));
  struct timespec times[2] = {{1000000000, 123456789}, {1500000000, 987654321}};
  SHOW(utimensat(AT_FDCWD, "a", times, 0));
  stat("a", &st);
  printf("%ld.%09ld %ld.%09ld\n", (long)st.st_atim.tv_sec, st.st_atim.tv_nsec,
         (long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
  times[0].tv_nsec = UTIME_OMIT;
  times[1].tv_sec = 1600000000;
  SHOW(futimens(fd, times));
  stat("a", &st);
  printf("%ld.%09ld %ld.%09ld\n", (long)st.st_atim.tv_sec, st.st_atim.tv_nsec,
         (long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
  times[0].tv_nsec = 1000000000;
  SHOW(futimens(fd, times));
  SHOW(utimensat(AT_FDCWD, "none", 0, 0));
  time_t before = time(0);
  SHOW(utimensat(AT_FDCWD, "a", 0, 0));
  stat("a", &st);
  printf("now %d\n", st.st_mtim.tv_sec >= before && st.st_mtim.tv_sec <= time(0));
  symlink("a", "tl");
  times[0] = (struct timespec){111, 0};
  times[1] = (struct timespec){222, 0};
  SHOW(utimensat(AT_FDCWD, "tl", times, AT_SYMLINK_NOFOLLOW));
  lstat("tl", &st);
  printf("%ld %ld\n", (long)st.st_atim.tv_sec, (long)st.st_mtim.tv_sec);
  struct timeval values[2] = {{333, 5}, {444, 6}};
  SHOW(utimes("a", values));
  struct statx sx;
  SHOW(statx(AT_FDCWD, "a", 0, STATX_BASIC_STATS, &sx));
  stat("a", &st);
  printf("statx %o %u %lu %lld.%u %lld.%u %d %d\n", sx.stx_mode, sx.stx_nlink,
         (unsigned long)sx.stx_size, (long long)sx.stx_atime.tv_sec, sx.stx_atime.tv_nsec,
         (long long)sx.stx_mtime.tv_sec, sx.stx_mtime.tv_nsec, sx.stx_ino == st.st_ino,
         (sx.stx_mask & STATX_BASIC_STATS) == STATX_BASIC_STATS);
  SHOW(statx(AT_FDCWD, "", 0, STATX_BASIC_STATS, &sx));
  SHOW(statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &sx));
  SHOW(statx(AT_FDCWD, "none", 0, STATX_BASIC_STATS, &sx));
  SHOW(stat("none", &st));
  SHOW(stat("a/x", &st));
  SHOW(stat("a/", &st));
  SHOW(stat("d/", &st));
  SHOW(stat("dl/", &st));
  SHOW(S_ISLNK(st.st_mode));
  SHOW(fstat(99, &st));
  SHOW(access("a", R_OK | W_OK));
  SHOW(access("a", 99));
  SHOW(access("none", F_OK));
  chmod("a", 0644);
  SHOW(access("a", X_OK));
  struct statfs fs;
  SHOW(statfs(".", &fs));
  printf("%d %d\n", fs.f_bsize > 0, fs.f_namelen == 255);
  SHOW(statfs("none", &fs));
  SHOW(statfs("/proc", &fs));
  printf("%lx\n", (long)fs.f_type);
  SHOW(umask(077));
  make_file("private", "");
  status("private");
  SHOW(umask(0));
  SHOW(open("open", O_CREAT | O_WRONLY, 0666) > 0);
  status("open");
  SHOW(mkdir("open-d", 0777));
  status("open-d");
  umask(022);
  SHOW(mknod("node", S_IFREG | 0600, 0));
  SHOW(mknod("node", S_IFREG | 0600, 0));
  status("node");
  SHOW(mkfifo("fifo", 0620));
  status("fifo");
  SHOW(mkfifo("fifo", 0620));
  SHOW(open("fifo", O_WRONLY | O_NONBLOCK));
  SHOW(rename("fifo", "fifo2"));
  status("fifo2");
  SHOW(unlink("fifo2"));
  status("fifo2");
}

int main(void) {
  umask(022);
  links();
  directories();
  renames();
  places();
  attributes();
  return 0;
}
