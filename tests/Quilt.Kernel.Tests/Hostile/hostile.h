// What the hostile program's parts share. It is one static program, so that it runs in an image that holds nothing else.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// One line for each attempt: its name, and how it ended: "ok", or the error's name.
static inline void report(const char *name, long result) { printf("%s %s\n", name, result < 0 ? strerrorname_np(errno) : "ok"); }

static inline double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

int try_calls(int argc, char **argv);
int try_abis(int argc, char **argv);
int try_terminal(int argc, char **argv);
int list_descriptors(int argc, char **argv);
int overwrite(int argc, char **argv);
int exchange(int argc, char **argv);
int fork_bomb(int argc, char **argv);
int eat_memory(int argc, char **argv);
int ipc_objects(int argc, char **argv);
int abstract_socket(int argc, char **argv);
int peer_request(int argc, char **argv);
int keyrings(int argc, char **argv);
int trace(int argc, char **argv);
int watch_joiners(int argc, char **argv);
int stop_joiners(int argc, char **argv);
int meet_cloner(int argc, char **argv);
int nested(int argc, char **argv);
int identity(int argc, char **argv);
