/* What the programs here share: each line of output is one call and what came of it. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

/* The value of a call, or the name of its error. */
#define SHOW(call) show(#call, (long)(call))

static const char *error_name(void) {
  const char *name = strerrorname_np(errno);
  return name ? name : "unknown error";
}

static long show(const char *call, long result) {
  if (result == -1) printf("%s: %s\n", call, error_name());
  else printf("%s = %ld\n", call, result);
  return result;
}

static void show_bytes(const char *what, const void *bytes, long length) {
  printf("%s:", what);
  for (long i = 0; i < length; i++) printf(" %02x", ((const unsigned char *)bytes)[i]);
  printf("\n");
}

static void make_file(const char *name, const char *text) {
  int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text)) exit(99);
  close(fd);
}
