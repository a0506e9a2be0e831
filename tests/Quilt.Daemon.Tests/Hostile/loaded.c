// A library that somebody left in a container: whoever loads it leaves MARK, in the root that it sees.
#include <fcntl.h>
#include <unistd.h>

__attribute__((constructor)) static void loaded(void) {
  int file = open(MARK, O_CREAT | O_WRONLY | O_CLOEXEC, 0666);
  if (file >= 0) {
    close(file);
  }
}
