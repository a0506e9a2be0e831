/* Connects to the socket that SSH_AUTH_SOCK names so many times, one after the other: says something, hears something, and hangs up. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    int times = argc > 1 ? atoi(argv[1]) : 1;
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    strncpy(address.sun_path, getenv("SSH_AUTH_SOCK"), sizeof address.sun_path - 1);
    alarm(60);
    while (times-- > 0) {
        char byte = 'x';
        int fd = socket(AF_UNIX, SOCK_STREAM, 0);
        if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0 || write(fd, &byte, 1) != 1 || read(fd, &byte, 1) != 1) {
            return 1;
        }

        close(fd);
    }

    return 0;
}
