#include "hostile.h"

static const struct {
  const char *name;
  int (*run)(int, char **);
} tools[] = {
    {"calls", try_calls},      {"abis", try_abis},          {"terminal", try_terminal}, {"descriptors", list_descriptors},
    {"overwrite", overwrite},  {"exchange", exchange},      {"bomb", fork_bomb},        {"eat", eat_memory},
    {"ipc", ipc_objects},      {"abstract", abstract_socket}, {"peer", peer_request},   {"keyrings", keyrings},
    {"trace", trace},          {"watch-joiners", watch_joiners}, {"stop-joiners", stop_joiners}, {"meet-cloner", meet_cloner}, {"nested", nested},
    {"identity", identity},
};

int main(int argc, char **argv) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  for (unsigned i = 0; argc > 1 && i < sizeof tools / sizeof *tools; i++)
    if (!strcmp(argv[1], tools[i].name)) return tools[i].run(argc - 1, argv + 1);
  fprintf(stderr, "hostile: no such tool\n");
  return 64;
}
