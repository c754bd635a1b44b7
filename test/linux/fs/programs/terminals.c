/* Terminals: a pseudo-terminal's line discipline, modes, window size, sessions, job control. */
#include "report.h"
#include <sys/sysmacros.h>

static int master, slave;

static void show_screen(const char *what) {
  unsigned char buffer[500];
  struct pollfd list = {master, POLLIN, 0};
  long total = 0;
  while (poll(&list, 1, 30) > 0 && (list.revents & POLLIN)) {
    long n = read(master, buffer + total, sizeof buffer - total);
    if (n <= 0) break;
    total += n;
  }
  printf("%s screen (%ld):", what, total);
  for (long i = 0; i < total; i++)
    printf(buffer[i] < 32 || buffer[i] == 127 ? " %02x" : " %c", buffer[i]);
  printf("\n");
}

static void type(const char *keys) {
  write(master, keys, strlen(keys));
  show_screen("typed");
}

static void show_read(void) {
  unsigned char buffer[200];
  long n = read(slave, buffer, sizeof buffer);
  if (n < 0) {
    printf("read: %s\n", error_name());
    return;
  }
  printf("read (%ld):", n);
  for (long i = 0; i < n; i++)
    printf(buffer[i] < 32 || buffer[i] == 127 ? " %02x" : " %c", buffer[i]);
  printf("\n");
}

static void discipline(void) {
  struct termios modes;
  SHOW(tcgetattr(slave, &modes));
  printf("%x %x %x %x\n", modes.c_iflag, modes.c_oflag, modes.c_cflag, modes.c_lflag);
  show_bytes("characters", modes.c_cc, 19);
  type("hello\n");
  show_read();
  type("abc\177\177x y z\r");
  show_read();
  type("first word\027second\n");
  show_read();
  type("killed\025kept\n");
  show_read();
  type("control \001\026\003\n");
  show_read();
  type("partial\004");
  show_read();
  type("\004");
  show_read();
  type("one\ntwo\n");
  show_read();
  int pending;
  ioctl(slave, FIONREAD, &pending);
  printf("pending %d\n", pending);
  show_read();
  type("\303\251\177u\n");
  show_read();
  write(slave, "out\nput\r\t", 9);
  show_screen("written");
  fcntl(slave, F_SETFL, O_NONBLOCK);
  show_read();
  type("no newline");
  show_read();
  modes.c_lflag &= ~(ICANON | ECHO);
  SHOW(tcsetattr(slave, TCSANOW, &modes));
  show_read();
  type("raw");
  show_read();
  modes.c_cc[VMIN] = 0;
  modes.c_cc[VTIME] = 0;
  tcsetattr(slave, TCSANOW, &modes);
  show_read();
  modes.c_cc[VMIN] = 3;
  tcsetattr(slave, TCSANOW, &modes);
  fcntl(slave, F_SETFL, 0);
  write(master, "xyz", 3);
  show_read();
  modes.c_cc[VMIN] = 0;
  modes.c_cc[VTIME] = 1;
  tcsetattr(slave, TCSANOW, &modes);
  show_read();
  cfmakeraw(&modes);
  SHOW(tcsetattr(slave, TCSAFLUSH, &modes));
  write(slave, "a\nb", 3);
  show_screen("raw");
  type("\r\003\004");
  show_read();
  SHOW(tcflush(slave, TCIFLUSH));
  SHOW(tcflush(slave, 7));
  SHOW(tcdrain(slave));
  SHOW(isatty(slave));
  SHOW(isatty(master));
}

static void windows(void) {
  struct winsize size = {1, 2, 3, 4};
  SHOW(ioctl(slave, TIOCGWINSZ, &size));
  printf("%d %d\n", size.ws_row, size.ws_col);
  size.ws_row = 50;
  size.ws_col = 132;
  SHOW(ioctl(master, TIOCSWINSZ, &size));
  memset(&size, 0, sizeof size);
  ioctl(slave, TIOCGWINSZ, &size);
  printf("%d %d\n", size.ws_row, size.ws_col);
}

static volatile int last_signal;
static void on_signal(int signal) { last_signal = signal; }

static void sessions(void) {
  struct termios modes;
  tcgetattr(slave, &modes);
  modes.c_lflag |= ICANON | ECHO | ISIG | IEXTEN;
  modes.c_iflag |= ICRNL;
  modes.c_oflag |= OPOST | ONLCR;
  modes.c_cc[VEOF] = 4;
  modes.c_cc[VMIN] = 1;
  tcsetattr(slave, TCSANOW, &modes);
  SHOW(tcgetpgrp(slave));
  fflush(stdout);
  int ready[2];
  pipe(ready);
  pid_t child = fork();
  if (child == 0) {
    char byte;
    SHOW(setsid() == getpid());
    SHOW(open("/dev/tty", O_RDWR));
    SHOW(tcgetpgrp(slave));
    SHOW(ioctl(slave, TIOCSCTTY, 0));
    SHOW(tcgetpgrp(slave) == getpid());
    SHOW(tcgetsid(slave) == getpid());
    int tty = open("/dev/tty", O_RDWR);
    SHOW(isatty(tty));
    signal(SIGINT, on_signal);
    signal(SIGWINCH, on_signal);
    siginterrupt(SIGINT, 1);
    siginterrupt(SIGWINCH, 1);
    fflush(stdout);
    write(ready[1], "1", 1);
    SHOW(read(tty, &byte, 1));
    printf("signal %d\n", last_signal);
    fflush(stdout);
    write(ready[1], "2", 1);
    SHOW(read(tty, &byte, 1));
    printf("signal %d\n", last_signal);
    fflush(stdout);
    pid_t background = fork();
    if (background == 0) {
      setpgid(0, 0);
      signal(SIGTTIN, SIG_IGN);
      SHOW(read(tty, &byte, 1));
      signal(SIGTTIN, SIG_DFL);
      fflush(stdout);
      read(tty, &byte, 1);
      printf("continued and read %c\n", byte);
      fflush(stdout);
      exit(5);
    }
    int status;
    waitpid(background, &status, WUNTRACED);
    printf("stopped %d by %d\n", WIFSTOPPED(status), WSTOPSIG(status));
    SHOW(tcsetpgrp(tty, 999999));
    SHOW(tcsetpgrp(tty, background));
    fflush(stdout);
    kill(background, SIGCONT);
    write(ready[1], "3", 1);
    waitpid(background, &status, 0);
    printf("exit %d\n", WEXITSTATUS(status));
    signal(SIGTTOU, SIG_IGN);
    SHOW(tcsetpgrp(tty, getpid()));
    fflush(stdout);
    write(ready[1], "4", 1);
    pause();
    exit(0);
  }
  char step;
  struct timespec pause = {0, 50000000};
  read(ready[0], &step, 1);
  nanosleep(&pause, 0);
  type("lost\003");
  read(ready[0], &step, 1);
  nanosleep(&pause, 0);
  struct winsize size = {10, 20, 0, 0};
  ioctl(master, TIOCSWINSZ, &size);
  read(ready[0], &step, 1);
  nanosleep(&pause, 0);
  write(master, "k\n", 2);
  read(ready[0], &step, 1);
  nanosleep(&pause, 0);
  show_screen("end");
  type("\034");
  int status;
  waitpid(child, &status, 0);
  printf("ended by %d\n", WTERMSIG(status));
}

int main(void) {
  master = posix_openpt(O_RDWR | O_NOCTTY);
  SHOW(grantpt(master));
  SHOW(unlockpt(master));
  char *name = ptsname(master);
  printf("named %d\n", strncmp(name, "/dev/pts/", 9) == 0);
  slave = open(name, O_RDWR | O_NOCTTY);
  struct stat st;
  fstat(slave, &st);
  printf("mode %o major %d\n", st.st_mode & S_IFMT, major(st.st_rdev));
  SHOW(strcmp(ttyname(slave), name));
  discipline();
  windows();
  sessions();
  close(slave);
  char byte;
  SHOW(read(master, &byte, 1));
  struct pollfd list = {master, POLLIN, 0};
  poll(&list, 1, 0);
  printf("%x\n", list.revents);
  slave = open(name, O_RDWR | O_NOCTTY);
  close(master);
  SHOW(read(slave, &byte, 1));
  SHOW(write(slave, &byte, 1));
  return 0;
}
