/* /proc and /dev as programs use them. What differs by machine is reduced to yes and no. */
#include "report.h"
#include <ctype.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/sysmacros.h>

static char text[1 << 16];

static long load(const char *path) {
  int fd = open(path, O_RDONLY);
  if (fd < 0) {
    printf("%s: %s\n", path, error_name());
    return -1;
  }
  long total = 0, n;
  while ((n = read(fd, text + total, sizeof text - 1 - total)) > 0) total += n;
  text[total] = 0;
  close(fd);
  return total;
}

static void show_link(const char *path) {
  char target[PATH_MAX];
  long n = readlink(path, target, sizeof target - 1);
  if (n < 0) {
    printf("%s: %s\n", path, error_name());
    return;
  }
  target[n] = 0;
  char *slash = strrchr(target, '/');
  printf("%s -> %s\n", path, slash ? slash + 1 : target);
}

static void process(char **argv) {
  struct stat st;
  SHOW(lstat("/proc/self", &st));
  printf("%d\n", S_ISLNK(st.st_mode));
  char pid[20], target[20] = {0};
  snprintf(pid, sizeof pid, "%d", getpid());
  readlink("/proc/self", target, sizeof target - 1);
  printf("self %d\n", strcmp(pid, target));
  long n = load("/proc/self/cmdline");
  printf("cmdline %d\n", n == (long)strlen(argv[0]) + 1 + (long)strlen(argv[1]) + 1 &&
                             !strcmp(text, argv[0]));
  load("/proc/self/environ");
  printf("environ %d\n", strstr(text, "=") != 0);
  prctl(PR_SET_NAME, "a long process name");
  load("/proc/self/comm");
  printf("comm %s", text);
  int fd = open("/proc/self/comm", O_WRONLY);
  SHOW(write(fd, "other\n", 6));
  close(fd);
  prctl(PR_GET_NAME, text);
  printf("name %s\n", text);
  n = load("/proc/self/auxv");
  uint64_t *vector = (uint64_t *)text;
  for (long i = 0; i < n / 8; i += 2)
    if (vector[i] == AT_PAGESZ) printf("page size %ld\n", (long)vector[i + 1]);
  printf("ends %d\n", vector[n / 8 - 2] == AT_NULL);

  load("/proc/self/maps");
  int own = 0, stack = 0, wrong = 0;
  unsigned long previous = 0;
  for (char *line = strtok(text, "\n"); line; line = strtok(0, "\n")) {
    unsigned long start, end, offset, inode;
    unsigned major, minor;
    char permissions[8], path[PATH_MAX] = "";
    int fields = sscanf(line, "%lx-%lx %7s %lx %x:%x %lu %4095s", &start, &end, permissions,
                        &offset, &major, &minor, &inode, path);
    if (fields < 7 || start < previous || end <= start) wrong++;
    if (fields == 8 && line[72] != ' ') wrong++;
    if (fields == 8 && strchr(line + 73, path[0]) != line + 73) wrong++;
    previous = end;
    if (strstr(path, "proc.") && permissions[2] == 'x' && (long)start <= (long)&process &&
        (long)&process < (long)end)
      own++;
    if (!strcmp(path, "[stack]") && (long)start <= (long)&own && (long)&own < (long)end) stack++;
  }
  printf("maps: own code %d stack %d wrong %d\n", own, stack, wrong);

  load("/proc/self/stat");
  char *after = strrchr(text, ')');
  int fields = 2, parent, group, session, terminal, foreground;
  char state;
  for (char *at = after + 1; *at; at++) fields += *at == ' ';
  sscanf(after + 2, "%c %d %d %d %d %d", &state, &parent, &group, &session, &terminal, &foreground);
  printf("stat: %d fields, %c parent %d group %d session %d\n", fields, state, parent == getppid(),
         group == getpgrp(), session == getsid(0));
  load("/proc/self/statm");
  fields = 0;
  for (char *at = text; *at; at++) fields += *at == ' ' || *at == '\n';
  printf("statm: %d fields\n", fields);
  load("/proc/self/status");
  static const char *const wanted[] = {"Name", "Umask", "State", "Tgid", "Pid", "PPid", "TracerPid",
                                       "Uid", "Gid", "FDSize", "Groups", "VmPeak", "VmSize", "VmRSS",
                                       "VmStk", "Threads", "SigPnd", "SigBlk", "SigIgn", "SigCgt",
                                       "CapEff", "Cpus_allowed_list"};
  char *at = text;
  for (unsigned i = 0; i < sizeof wanted / sizeof *wanted; i++) {
    char name[40];
    snprintf(name, sizeof name, "%s:\t", wanted[i]);
    char *found = strstr(at, name);
    printf("%s %d\n", wanted[i], found != 0);
    if (found) at = found;
  }
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigprocmask(SIG_BLOCK, &set, 0);
  signal(SIGUSR2, SIG_IGN);
  signal(SIGHUP, (void (*)(int))process);
  load("/proc/self/status");
  for (char *line = strtok(text, "\n"); line; line = strtok(0, "\n"))
    if (!strncmp(line, "Sig", 3) && strncmp(line, "SigQ", 4)) printf("%s\n", line);
  load("/proc/self/limits");
  printf("%.26s\n", text);
  int lines = 0;
  for (char *p = text; *p; p++) lines += *p == '\n';
  printf("limits %d\n", lines);
  show_link("/proc/self/exe");
  SHOW(access("/proc/self/task", F_OK));
  char task[60];
  snprintf(task, sizeof task, "/proc/self/task/%d/comm", getpid());
  load(task);
  printf("%s", text);
  load("/proc/self/nothing");
  load("/proc/99999999/stat");
  SHOW(open("/proc/self/stat", O_WRONLY | O_CREAT | O_EXCL, 0600));
  SHOW(mkdir("/proc/new", 0700));
  SHOW(rmdir("/proc/self"));
  SHOW(unlink("/proc/version"));
  DIR *dir = opendir("/proc");
  int seen = 0;
  for (struct dirent *entry; (entry = readdir(dir));)
    if (!strcmp(entry->d_name, pid)) seen += entry->d_type == DT_DIR;
  closedir(dir);
  printf("listed %d\n", seen);
  pid_t child = fork();
  if (child == 0) pause();
  char path[60];
  snprintf(path, sizeof path, "/proc/%d/stat", child);
  struct timespec time = {0, 50000000};
  nanosleep(&time, 0);
  load(path);
  printf("child is %c\n", *(strrchr(text, ')') + 2));
  kill(child, SIGKILL);
  nanosleep(&time, 0);
  load(path);
  printf("child is %c\n", *(strrchr(text, ')') + 2));
  wait(0);
  SHOW(access(path, F_OK));
}

static void descriptors(void) {
  make_file("plain", "content");
  int fd = open("plain", O_RDONLY);
  SHOW(dup2(fd, 30));
  show_link("/proc/self/fd/30");
  show_link("/dev/fd/30");
  int again = open("/dev/fd/30", O_RDONLY);
  char bytes[10] = {0};
  read(again, bytes, 4);
  SHOW(lseek(30, 0, SEEK_CUR));
  SHOW(open("/proc/self/fd/31", O_RDONLY));
  unlink("plain");
  show_link("/proc/self/fd/30");
  struct stat st, other;
  SHOW(stat("/proc/self/fd/30", &st));
  fstat(30, &other);
  printf("same %d links %d\n", st.st_ino == other.st_ino, (int)st.st_nlink);
  int ends[2];
  pipe(ends);
  dup2(ends[0], 32);
  char target[40] = {0};
  readlink("/proc/self/fd/32", target, sizeof target);
  printf("%.6s\n", target);
  int writer = open("/proc/self/fd/32", O_WRONLY);
  SHOW(write(writer, "abc", 3));
  SHOW(read(32, bytes, 10));
  SHOW(open("/proc/self/fd/32/x", O_RDONLY));
  DIR *dir = opendir("/proc/self/fd");
  int count = 0;
  for (struct dirent *entry; (entry = readdir(dir));)
    count += !strcmp(entry->d_name, "30") || !strcmp(entry->d_name, "32");
  closedir(dir);
  printf("listed %d\n", count);
  SHOW(open("/proc/self/fdinfo/30", O_RDONLY) > 0);
  int directory = open(".", O_RDONLY);
  dup2(directory, 33);
  make_file("inside", "x");
  SHOW(access("/proc/self/fd/33/inside", R_OK));
  SHOW(access("/proc/self/cwd/inside", R_OK));
  SHOW(access("/proc/self/root/proc/self/exe", X_OK));
}

static void device(const char *path) {
  struct stat st;
  if (stat(path, &st)) printf("%s: %s\n", path, error_name());
  else printf("%s %o %d:%d\n", path, st.st_mode & S_IFMT, major(st.st_rdev), minor(st.st_rdev));
}

static void devices(void) {
  static const char *const names[] = {"/dev/null", "/dev/zero", "/dev/full", "/dev/random",
                                      "/dev/urandom", "/dev/tty", "/dev/nothing"};
  for (unsigned i = 0; i < sizeof names / sizeof *names; i++) device(names[i]);
  char bytes[16];
  int fd = open("/dev/null", O_RDWR | O_TRUNC | O_CREAT, 0600);
  SHOW(read(fd, bytes, 10));
  SHOW(write(fd, bytes, 10));
  SHOW(lseek(fd, 100, SEEK_SET));
  fd = open("/dev/zero", O_RDWR);
  memset(bytes, 1, sizeof bytes);
  SHOW(read(fd, bytes, 8));
  show_bytes("zero", bytes, 9);
  char *map = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
  printf("mapped %d\n", map != MAP_FAILED && map[100] == 0);
  fd = open("/dev/full", O_RDWR);
  SHOW(write(fd, bytes, 1));
  SHOW(read(fd, bytes, 4));
  fd = open("/dev/urandom", O_RDONLY);
  unsigned char random[256];
  SHOW(read(fd, random, sizeof random));
  int distinct = 0;
  char seen[256] = {0};
  for (int i = 0; i < 256; i++) seen[random[i]] = 1;
  for (int i = 0; i < 256; i++) distinct += seen[i];
  printf("random %d\n", distinct > 100);
  fd = open("/dev/stdout", O_WRONLY | O_APPEND);
  printf("stdout %d\n", fd > 0);
}

static void machine(void) {
  static const char *const files[] = {"/proc/cpuinfo", "/proc/meminfo", "/proc/version",
                                      "/proc/uptime", "/proc/loadavg", "/proc/filesystems",
                                      "/proc/stat", "/proc/mounts", "/proc/self/mountinfo",
                                      "/proc/sys/kernel/osrelease", "/proc/sys/kernel/pid_max",
                                      "/sys/devices/system/cpu/online",
                                      "/sys/devices/system/cpu/possible"};
  for (unsigned i = 0; i < sizeof files / sizeof *files; i++)
    printf("%s %d\n", files[i], load(files[i]) > 0);
  load("/proc/sys/kernel/ostype");
  printf("%s", text);
  double up, idle;
  load("/proc/uptime");
  SHOW(sscanf(text, "%lf %lf", &up, &idle));
  load("/proc/loadavg");
  float load1;
  int running, all;
  SHOW(sscanf(text, "%f %*f %*f %d/%d", &load1, &running, &all));
  printf("%ld processors configured\n", sysconf(_SC_NPROCESSORS_CONF) > 0 ? 1L : 0);
  long pages = sysconf(_SC_PHYS_PAGES);
  printf("pages %d\n", pages > 1000);
  struct stat st;
  SHOW(stat("/proc/self/stat", &st));
  printf("%o %ld\n", st.st_mode, (long)st.st_size);
  SHOW(stat("/proc/self/fd", &st));
  SHOW(S_ISDIR(st.st_mode));
}

int main(int argc, char **argv) {
  if (argc < 2) {
    execl("/proc/self/exe", "proc.test", "argument", (char *)0);
    return 1;
  }
  process(argv);
  descriptors();
  devices();
  machine();
  return 0;
}
