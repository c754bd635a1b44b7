/* Waiting: pipes, FIFOs, poll, select, epoll, eventfd, timerfd, signalfd, sockets. */
#include "report.h"

static void pipes(void) {
  int ends[2];
  char buffer[70000] = {0};
  SHOW(pipe2(ends, 0x1));
  SHOW(pipe((int *)16));
  SHOW(pipe2(ends, O_NONBLOCK));
  printf("%x %x\n", fcntl(ends[0], F_GETFL), fcntl(ends[1], F_GETFL));
  struct stat st;
  fstat(ends[0], &st);
  printf("mode %o\n", st.st_mode);
  SHOW(read(ends[0], buffer, 10));
  SHOW(write(ends[1], buffer, 70000));
  SHOW(write(ends[1], buffer, 1));
  int pending;
  ioctl(ends[0], FIONREAD, &pending);
  printf("pending %d\n", pending);
  SHOW(read(ends[0], buffer, 100));
  SHOW(fcntl(ends[0], F_GETPIPE_SZ));
  SHOW(lseek(ends[0], 0, SEEK_CUR));
  SHOW(pread(ends[0], buffer, 1, 0));
  SHOW(ftruncate(ends[1], 0));
  SHOW(fsync(ends[1]));
  while (read(ends[0], buffer, sizeof buffer) > 0);
  SHOW(fcntl(ends[1], F_SETPIPE_SZ, 5000));
  SHOW(write(ends[1], buffer, 4000));
  SHOW(read(ends[1], buffer, 1));
  SHOW(write(ends[0], buffer, 1));
  close(ends[1]);
  SHOW(read(ends[0], buffer, 5000));
  SHOW(read(ends[0], buffer, 5000));
  close(ends[0]);
  signal(SIGPIPE, SIG_IGN);
  pipe(ends);
  close(ends[0]);
  SHOW(write(ends[1], "x", 1));
  close(ends[1]);
  fflush(stdout);
  int status;
  if (fork() == 0) {
    signal(SIGPIPE, SIG_DFL);
    pipe(ends);
    close(ends[0]);
    write(ends[1], "x", 1);
    exit(1);
  }
  wait(&status);
  printf("SIGPIPE %d\n", WTERMSIG(status));
  /* More than a pipe holds: both sides wait for each other. */
  pipe(ends);
  if (fork() == 0) {
    close(ends[0]);
    for (unsigned i = 0; i < sizeof buffer; i++) buffer[i] = i * 7;
    for (int i = 0; i < 5; i++) write(ends[1], buffer, sizeof buffer);
    exit(0);
  }
  close(ends[1]);
  unsigned long total = 0, sum = 0;
  for (long n; (n = read(ends[0], buffer, 999)) > 0; total += n)
    for (long i = 0; i < n; i++) sum = sum * 31 + (unsigned char)buffer[i];
  wait(&status);
  printf("through the pipe %lu %lx\n", total, sum);
  close(ends[0]);
  mkfifo("fifo", 0600);
  if (fork() == 0) {
    int fd = open("fifo", O_WRONLY);
    write(fd, "by name", 7);
    exit(0);
  }
  int fd = open("fifo", O_RDONLY);
  SHOW(read(fd, buffer, 100));
  SHOW(read(fd, buffer, 100));
  wait(&status);
  close(fd);
  SHOW((fd = open("fifo", O_RDONLY | O_NONBLOCK)) > 0);
  SHOW(read(fd, buffer, 100));
  close(fd);
}

static void polling(void) {
  int ends[2];
  pipe(ends);
  struct pollfd list[4] = {{ends[0], POLLIN, 0}, {ends[1], POLLOUT, 0}, {-1, POLLIN, 7}, {99, POLLIN, 0}};
  SHOW(poll(list, 4, 0));
  printf("%x %x %x %x\n", list[0].revents, list[1].revents, list[2].revents, list[3].revents);
  SHOW(poll(list, 1, 20));
  write(ends[1], "x", 1);
  SHOW(poll(list, 1, -1));
  printf("%x\n", list[0].revents);
  fd_set in, out;
  FD_ZERO(&in);
  FD_ZERO(&out);
  dup2(ends[0], 70);
  FD_SET(70, &in);
  FD_SET(ends[0], &in);
  FD_SET(ends[1], &out);
  struct timeval time = {5, 0};
  SHOW(select(71, &in, &out, 0, &time));
  printf("%d %d %d left %d\n", FD_ISSET(70, &in), FD_ISSET(ends[0], &in), FD_ISSET(ends[1], &out),
         time.tv_sec >= 4);
  char byte;
  read(ends[0], &byte, 1);
  FD_ZERO(&in);
  FD_SET(ends[0], &in);
  time = (struct timeval){0, 20000};
  SHOW(select(70, &in, 0, 0, &time));
  printf("%d %ld %ld\n", FD_ISSET(ends[0], &in), (long)time.tv_sec, (long)time.tv_usec);
  FD_SET(88, &in);
  SHOW(select(90, &in, 0, 0, &time));
  SHOW(select(-1, 0, 0, 0, &time));
  struct timespec short_time = {0, 10000000};
  SHOW(pselect(0, 0, 0, 0, &short_time, 0));
  SHOW(ppoll(0, 0, &short_time, 0));
  close(ends[1]);
  SHOW(poll(list, 1, 0));
  printf("%x\n", list[0].revents);
  pipe(ends);
  close(ends[0]);
  list[0] = (struct pollfd){ends[1], POLLOUT, 0};
  SHOW(poll(list, 1, 0));
  printf("%x\n", list[0].revents);
  int file = open("/dev/null", O_RDWR);
  list[0] = (struct pollfd){file, POLLIN | POLLOUT, 0};
  SHOW(poll(list, 1, 0));
  printf("%x\n", list[0].revents);
  make_file("regular", "");
  list[0] = (struct pollfd){open("regular", O_RDONLY), POLLIN | POLLOUT | POLLPRI, 0};
  SHOW(poll(list, 1, 0));
  printf("%x\n", list[0].revents);
}

static volatile int alarms;
static void on_alarm(int signal) {
  (void)signal;
  alarms++;
}

/* Every 20 ms, so that one comes while a call waits however late the call begins. */
static void start_alarms(int flags) {
  struct sigaction action = {.sa_handler = on_alarm, .sa_flags = flags};
  struct itimerval timer = {{0, 20000}, {0, 20000}};
  sigaction(SIGALRM, &action, 0);
  setitimer(ITIMER_REAL, &timer, 0);
}

static void stop_alarms(void) {
  struct itimerval timer = {{0, 0}, {0, 0}};
  setitimer(ITIMER_REAL, &timer, 0);
}

static void interruptions(void) {
  int ends[2];
  char byte;
  pipe(ends);
  struct pollfd list = {ends[0], POLLIN, 0};
  start_alarms(0);
  SHOW(read(ends[0], &byte, 1));
  SHOW(poll(&list, 1, -1));
  start_alarms(SA_RESTART);
  SHOW(poll(&list, 1, -1));
  SHOW(epoll_wait(epoll_create1(0), &(struct epoll_event){0}, 1, -1));
  stop_alarms();
  fflush(stdout);
  if (fork() == 0) {
    start_alarms(SA_RESTART);
    read(ends[0], &byte, 1);
    stop_alarms();
    printf("restarted %d %c\n", alarms > 4, byte);
    exit(0);
  }
  struct timespec pause = {0, 300000000};
  nanosleep(&pause, 0);
  write(ends[1], "z", 1);
  wait(0);
  sigset_t blocked, none;
  sigemptyset(&none);
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGALRM);
  sigprocmask(SIG_BLOCK, &blocked, 0);
  raise(SIGALRM);
  alarms = 0;
  SHOW(ppoll(&list, 1, 0, &none));
  sigprocmask(SIG_BLOCK, 0, &none);
  printf("alarms %d, blocked again %d\n", alarms, sigismember(&none, SIGALRM));
  sigprocmask(SIG_UNBLOCK, &blocked, 0);
}

static void show_events(struct epoll_event *events, int count) {
  for (int i = 0; i < count; i++)
    printf("  %x %lx\n", events[i].events, (unsigned long)events[i].data.u64);
}

static void epolls(void) {
  int set = epoll_create1(EPOLL_CLOEXEC), ends[2];
  pipe2(ends, O_NONBLOCK);
  struct epoll_event event = {EPOLLIN, {.u64 = 0x123456789abcdef0}}, events[4];
  SHOW(epoll_ctl(set, EPOLL_CTL_ADD, ends[0], &event));
  SHOW(epoll_ctl(set, EPOLL_CTL_ADD, ends[0], &event));
  SHOW(epoll_ctl(set, EPOLL_CTL_MOD, ends[1], &event));
  SHOW(epoll_ctl(set, EPOLL_CTL_ADD, set, &event));
  SHOW(epoll_ctl(set, EPOLL_CTL_ADD, 99, &event));
  SHOW(epoll_ctl(set, EPOLL_CTL_ADD, open("regular", O_RDONLY), &event));
  SHOW(epoll_wait(set, events, 4, 0));
  SHOW(epoll_wait(set, events, 0, 0));
  write(ends[1], "abc", 3);
  SHOW(epoll_wait(set, events, 4, -1));
  show_events(events, 1);
  SHOW(epoll_wait(set, events, 4, 0));
  event.events = EPOLLIN | EPOLLET;
  SHOW(epoll_ctl(set, EPOLL_CTL_MOD, ends[0], &event));
  SHOW(epoll_wait(set, events, 4, 0));
  SHOW(epoll_wait(set, events, 4, 0));
  char buffer[10];
  read(ends[0], buffer, 10);
  read(ends[0], buffer, 10);
  SHOW(epoll_wait(set, events, 4, 0));
  write(ends[1], "abc", 3);
  SHOW(epoll_wait(set, events, 4, 0));
  event.events = EPOLLOUT | EPOLLONESHOT;
  event.data.u64 = 7;
  SHOW(epoll_ctl(set, EPOLL_CTL_ADD, ends[1], &event));
  SHOW(epoll_wait(set, events, 4, 0));
  show_events(events, 1);
  SHOW(epoll_wait(set, events, 4, 0));
  SHOW(epoll_ctl(set, EPOLL_CTL_DEL, ends[1], 0));
  SHOW(epoll_ctl(set, EPOLL_CTL_DEL, ends[1], 0));
  struct pollfd list = {set, POLLIN, 0};
  event.events = EPOLLIN;
  epoll_ctl(set, EPOLL_CTL_MOD, ends[0], &event);
  SHOW(poll(&list, 1, 0));
  close(ends[1]);
  SHOW(epoll_wait(set, events, 4, 0));
  show_events(events, 1);
  close(ends[0]);
  SHOW(epoll_wait(set, events, 4, 10));
}

static void sources(void) {
  uint64_t value = 0;
  int fd = eventfd(3, EFD_NONBLOCK);
  SHOW(read(fd, &value, 4));
  SHOW(read(fd, &value, 8));
  printf("%lu\n", (unsigned long)value);
  SHOW(read(fd, &value, 8));
  value = UINT64_MAX;
  SHOW(write(fd, &value, 8));
  value = UINT64_MAX - 1;
  SHOW(write(fd, &value, 8));
  value = 1;
  SHOW(write(fd, &value, 8));
  struct pollfd list = {fd, POLLIN | POLLOUT, 0};
  poll(&list, 1, 0);
  printf("%x\n", list.revents);
  fd = eventfd(2, EFD_SEMAPHORE | EFD_NONBLOCK);
  read(fd, &value, 8);
  printf("%lu\n", (unsigned long)value);
  SHOW(read(fd, &value, 8));
  SHOW(read(fd, &value, 8));

  fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
  struct itimerspec timer = {{0, 10000000}, {0, 20000000}}, left;
  SHOW(timerfd_settime(fd, 0, &timer, 0));
  SHOW(read(fd, &value, 8));
  timerfd_gettime(fd, &left);
  printf("%d %ld\n", left.it_value.tv_nsec > 0 && left.it_value.tv_nsec <= 20000000,
         left.it_interval.tv_nsec);
  list = (struct pollfd){fd, POLLIN, 0};
  SHOW(poll(&list, 1, 1000));
  SHOW(read(fd, &value, 8));
  printf("%d\n", value >= 1);
  struct timespec pause = {0, 55000000};
  nanosleep(&pause, 0);
  read(fd, &value, 8);
  printf("several %d\n", value >= 4);
  timer = (struct itimerspec){{0, 0}, {0, 0}};
  SHOW(timerfd_settime(fd, 0, &timer, 0));
  SHOW(poll(&list, 1, 20));
  timer.it_value.tv_nsec = 2000000000;
  SHOW(timerfd_settime(fd, 0, &timer, 0));
  SHOW(timerfd_create(99, 0));
  fd = timerfd_create(CLOCK_REALTIME, 0);
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  timer = (struct itimerspec){{0, 0}, now};
  SHOW(timerfd_settime(fd, TFD_TIMER_ABSTIME, &timer, 0));
  SHOW(read(fd, &value, 8));
  printf("%lu\n", (unsigned long)value);

  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigaddset(&set, SIGUSR2);
  sigprocmask(SIG_BLOCK, &set, 0);
  fd = signalfd(-1, &set, SFD_NONBLOCK);
  struct signalfd_siginfo info[3];
  SHOW(read(fd, info, sizeof info));
  kill(getpid(), SIGUSR2);
  sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = 42});
  list = (struct pollfd){fd, POLLIN, 0};
  SHOW(poll(&list, 1, 0));
  SHOW(read(fd, info, sizeof info));
  for (int i = 0; i < 2; i++)
    printf("signal %u code %d own %d value %d\n", info[i].ssi_signo, info[i].ssi_code,
           (int)info[i].ssi_pid == getpid(), info[i].ssi_int);
  SHOW(read(fd, info, sizeof info));
}

static void sockets(void) {
  int ends[2];
  char buffer[300000];
  SHOW(socket(AF_INET6 + 100, SOCK_STREAM, 0));
  SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
  SHOW(write(ends[0], "hello", 5));
  SHOW(write(ends[0], "again", 5));
  SHOW(recv(ends[1], buffer, 3, MSG_PEEK));
  SHOW(read(ends[1], buffer, 100));
  SHOW(recv(ends[1], buffer, 100, MSG_DONTWAIT));
  SHOW(shutdown(ends[0], SHUT_WR));
  SHOW(read(ends[1], buffer, 100));
  SHOW(send(ends[0], "x", 1, MSG_NOSIGNAL));
  SHOW(write(ends[1], "back", 4));
  SHOW(read(ends[0], buffer, 100));
  struct pollfd list = {ends[1], POLLIN | POLLOUT | POLLRDHUP, 0};
  poll(&list, 1, 0);
  printf("%x\n", list.revents);
  close(ends[0]);
  poll(&list, 1, 0);
  printf("%x\n", list.revents);
  SHOW(send(ends[1], "x", 1, MSG_NOSIGNAL));
  SHOW(lseek(ends[1], 0, SEEK_CUR));
  socketpair(AF_UNIX, SOCK_DGRAM, 0, ends);
  send(ends[0], "one", 3, 0);
  send(ends[0], "", 0, 0);
  send(ends[0], "three", 5, 0);
  SHOW(recv(ends[1], buffer, 2, 0));
  SHOW(recv(ends[1], buffer, 9, 0));
  SHOW(recv(ends[1], buffer, 2, MSG_TRUNC));
  int type;
  socklen_t length = sizeof type;
  SHOW(getsockopt(ends[0], SOL_SOCKET, SO_TYPE, &type, &length));
  printf("%d %d\n", type, (int)length);
  SHOW(getsockopt(0, SOL_SOCKET, SO_TYPE, &type, &length));

  int server = socket(AF_UNIX, SOCK_STREAM, 0);
  struct sockaddr_un name = {AF_UNIX, "socket"};
  SHOW(listen(server, 1) == 0 || errno == EINVAL);
  SHOW(bind(server, (void *)&name, sizeof name));
  SHOW(bind(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&name, sizeof name));
  struct stat st;
  SHOW(stat("socket", &st));
  printf("%o\n", st.st_mode & S_IFMT);
  int client = socket(AF_UNIX, SOCK_STREAM, 0);
  SHOW(connect(client, (void *)&name, sizeof name));
  SHOW(listen(server, 5));
  SHOW(write(client, "x", 1));
  SHOW(connect(client, (void *)&name, sizeof name));
  SHOW(connect(client, (void *)&name, sizeof name));
  struct sockaddr_un peer;
  length = sizeof peer;
  int accepted = accept4(server, (void *)&peer, &length, SOCK_CLOEXEC);
  printf("family %d length %d\n", peer.sun_family, (int)length);
  length = sizeof peer;
  SHOW(getpeername(client, (void *)&peer, &length));
  printf("%s %d\n", peer.sun_path, (int)length);
  struct ucred who;
  length = sizeof who;
  getsockopt(client, SOL_SOCKET, SO_PEERCRED, &who, &length);
  printf("peer %d\n", who.pid == getpid());
  /* A descriptor through the connection. */
  int sent[2];
  pipe(sent);
  union { struct cmsghdr header; char room[CMSG_SPACE(sizeof(int))]; } control;
  struct iovec part = {"d", 1};
  struct msghdr message = {0};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = &control;
  message.msg_controllen = sizeof control;
  control.header = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET,
                                    .cmsg_type = SCM_RIGHTS};
  memcpy(CMSG_DATA(&control.header), &sent[1], sizeof(int));
  SHOW(sendmsg(client, &message, 0));
  memset(&control, 0, sizeof control);
  part.iov_base = buffer;
  SHOW(recvmsg(accepted, &message, 0));
  int received;
  memcpy(&received, CMSG_DATA(&control.header), sizeof(int));
  printf("new %d flags %x length %d\n", received != sent[1], message.msg_flags,
         (int)message.msg_controllen);
  write(received, "via", 3);
  SHOW(read(sent[0], buffer, 10));
  /* More than fits, with the reader in another process. */
  fflush(stdout);
  if (fork() == 0) {
    close(accepted);
    for (unsigned i = 0; i < sizeof buffer; i++) buffer[i] = i * 5;
    send(client, buffer, sizeof buffer, 0);
    exit(0);
  }
  close(client);
  unsigned long total = 0, sum = 0;
  for (long n; (n = recv(accepted, buffer, 4321, MSG_WAITALL)) > 0; total += n)
    for (long i = 0; i < n; i++) sum = sum * 31 + (unsigned char)buffer[i];
  wait(0);
  printf("through the socket %lu %lx\n", total, sum);
  close(server);
  client = socket(AF_UNIX, SOCK_STREAM, 0);
  SHOW(connect(client, (void *)&name, sizeof name));
  unlink("socket");
  SHOW(connect(client, (void *)&name, sizeof name));
}

int main(void) {
  pipes();
  polling();
  interruptions();
  epolls();
  sources();
  sockets();
  return 0;
}
