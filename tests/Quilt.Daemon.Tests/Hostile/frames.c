// Sends frames that no edge allows, each with a mark in it, and looks for them at another place.
//   frames listen LINK                    prints the kind of each marked frame that comes, until the one of kind 'done'
//   frames flood ADDRESS                  begins as many flows as it can, with no capability
//   frames send LINK OWN VICTIM FRIEND OWN6 VICTIM6 FRIEND6 HARDWARE
// OWN may reach port 9 of VICTIM by UDP and nothing else; FRIEND may reach port 7. HARDWARE is VICTIM's hardware address.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define MARK "marked:"
static int link_fd, link_index;
static uint8_t own_mac[6], gateway_mac[6] = {0x02, 0x51, 0xff, 0xff, 0xff, 0xff}, victim_mac[6];
static const uint8_t all[6] = {255, 255, 255, 255, 255, 255}, all_nodes[6] = {0x33, 0x33, 0, 0, 0, 1}, all_hosts[6] = {1, 0, 0x5e, 0, 0, 1};

static void fail(const char *what) { perror(what); exit(1); }

static void open_link(const char *name) {
  link_fd = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
  if (link_fd < 0) fail("socket");
  link_index = if_nametoindex(name);
  struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = link_index};
  if (bind(link_fd, (void *)&address, sizeof address) < 0) fail("bind");
  struct ifreq request = {0};
  strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  if (ioctl(link_fd, SIOCGIFHWADDR, &request) < 0) fail("SIOCGIFHWADDR");
  memcpy(own_mac, request.ifr_hwaddr.sa_data, 6);
}

static uint16_t sum(const void *data, int length, uint32_t start) {
  const uint8_t *bytes = data;
  uint32_t total = start;
  for (int i = 0; i < length; i++) total += i % 2 ? bytes[i] : bytes[i] << 8;
  while (total >> 16) total = (total & 0xffff) + (total >> 16);
  return htons(~total);
}

static void send_frame(const uint8_t *to, uint16_t type, const void *payload, int length) {
  uint8_t frame[1514] = {0};
  memcpy(frame, to, 6);
  memcpy(frame + 6, own_mac, 6);
  frame[12] = type >> 8, frame[13] = type;
  memcpy(frame + 14, payload, length);
  int whole = 14 + length < 60 ? 60 : 14 + length;
  struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_ifindex = link_index, .sll_halen = 6};
  memcpy(address.sll_addr, to, 6);
  if (sendto(link_fd, frame, whole, 0, (void *)&address, sizeof address) < 0) fail("sendto");
}

static int udp(uint8_t *out, uint16_t port, const char *kind) {
  int text = sprintf((char *)out + 8, MARK "%s", kind) + 1;
  uint16_t head[4] = {htons(4000), htons(port), htons(8 + text), 0};
  memcpy(out, head, 8);
  return 8 + text;
}

// fragment: the field of flags and offset.
static int ip4(uint8_t *out, const char *from, const char *to, uint8_t protocol, uint16_t fragment, const uint8_t *options, int option_length, const void *payload, int length) {
  int head = 20 + option_length, whole = head + length;
  uint8_t fixed[20] = {0x40 | head / 4, 0, whole >> 8, whole, 0x12, 0x34, fragment >> 8, fragment, 64, protocol};
  memcpy(out, fixed, 20);
  inet_pton(AF_INET, from, out + 12);
  inet_pton(AF_INET, to, out + 16);
  memcpy(out + 20, options, option_length);
  uint16_t checked = sum(out, head, 0);
  memcpy(out + 10, &checked, 2);
  memcpy(out + head, payload, length);
  return whole;
}

static int ip6(uint8_t *out, const char *from, const char *to, uint8_t protocol, uint8_t hops, void *payload, int length, int checksum_at) {
  uint8_t fixed[8] = {0x60, 0, 0, 0, length >> 8, length, protocol, hops};
  memcpy(out, fixed, 8);
  inet_pton(AF_INET6, from, out + 8);
  inet_pton(AF_INET6, to, out + 24);
  uint16_t checked = sum(payload, length, (uint16_t)~ntohs(sum(out + 8, 32, protocol + length)));
  memcpy((uint8_t *)payload + checksum_at, &checked, 2);
  memcpy(out + 40, payload, length);
  return 40 + length;
}

static void udp4(const uint8_t *hardware, const char *from, const char *to, uint16_t port, const char *kind) {
  uint8_t inner[200], packet[300];
  send_frame(hardware, ETH_P_IP, packet, ip4(packet, from, to, 17, 0, 0, 0, inner, udp(inner, port, kind)));
}

static void udp6(const uint8_t *hardware, const char *from, const char *to, uint16_t port, const char *kind) {
  uint8_t inner[200], packet[300];
  int length = udp(inner, port, kind);
  send_frame(hardware, ETH_P_IPV6, packet, ip6(packet, from, to, 17, 64, inner, length, 6));
}

static void icmp6(const uint8_t *hardware, const char *from, const char *to, uint8_t type, const char *kind) {
  uint8_t inner[200] = {type}, packet[300];
  int length = 24 + sprintf((char *)inner + 24, MARK "%s", kind) + 1;
  send_frame(hardware, ETH_P_IPV6, packet, ip6(packet, from, to, 58, 255, inner, length, 2));
}

static void arp(const uint8_t *to, uint16_t operation, const char *claimed, const char *asked, const char *kind) {
  uint8_t packet[100] = {0, 1, 8, 0, 6, 4, operation >> 8, operation};
  memcpy(packet + 8, own_mac, 6);
  inet_pton(AF_INET, claimed, packet + 14);
  memcpy(packet + 18, to, 6);
  inet_pton(AF_INET, asked, packet + 24);
  sprintf((char *)packet + 28, MARK "%s", kind);
  send_frame(to, ETH_P_ARP, packet, 60);
}

static void attack(char **a) {
  const char *own = a[0], *victim = a[1], *friend = a[2], *own6 = a[3], *victim6 = a[4], *friend6 = a[5];
  uint8_t inner[400], packet[600], tagged[700];
  int length;
  const uint8_t *ways[] = {gateway_mac, victim_mac, all};
  for (int i = 0; i < 3; i++) {
    udp4(ways[i], own, victim, 7, "other-port");
    udp4(ways[i], friend, victim, 7, "friends-address");
    udp4(ways[i], victim, victim, 7, "victims-address");
    udp4(ways[i], "169.254.1.1", victim, 7, "gateways-address");
    udp4(ways[i], "127.0.0.1", victim, 7, "loopback-address");
    udp4(ways[i], "0.0.0.0", victim, 7, "no-address");
    udp6(ways[i], own6, victim6, 7, "other-port-6");
    udp6(ways[i], friend6, victim6, 7, "friends-address-6");
    udp6(ways[i], "fe80::1", victim6, 7, "gateways-address-6");
    udp4(ways[i], own, "255.255.255.255", 9, "broadcast");
    length = udp(inner, 7, "vlan");
    length = ip4(tagged + 4, friend, victim, 17, 0, 0, 0, inner, length);
    tagged[0] = 0, tagged[1] = 5, tagged[2] = 8, tagged[3] = 0;
    send_frame(ways[i], ETH_P_8021Q, tagged, 4 + length);
    tagged[1] = 0; // a priority tag: VLAN 0
    send_frame(ways[i], ETH_P_8021Q, tagged, 4 + length);
    arp(ways[i], 1, friend, victim, "arp-request");
    arp(ways[i], 2, "169.254.1.1", victim, "arp-reply");
  }
  udp4(all_hosts, own, "224.0.0.1", 9, "multicast");
  udp4(all, "0.0.0.0", "255.255.255.255", 67, "dhcp");
  udp6(all_nodes, own6, "ff02::1", 9, "multicast-6");
  icmp6(all_nodes, "fe80::1", "ff02::1", 134, "router-advertisement");
  icmp6(gateway_mac, "fe80::1", victim6, 134, "router-advertisement-to-one");
  icmp6(gateway_mac, own6, victim6, 136, "neighbour-advertisement");
  icmp6(all_nodes, own6, "ff02::1", 135, "neighbour-solicitation");
  icmp6(gateway_mac, "fe80::1", victim6, 137, "redirect-6");

  uint8_t redirect[100] = {5, 1};
  inet_pton(AF_INET, own, redirect + 4);
  length = 8 + sprintf((char *)redirect + 8, MARK "redirect") + 1;
  uint16_t checked = sum(redirect, length, 0);
  memcpy(redirect + 2, &checked, 2);
  send_frame(gateway_mac, ETH_P_IP, packet, ip4(packet, "169.254.1.1", victim, 1, 0, 0, 0, redirect, length));
  send_frame(gateway_mac, ETH_P_IP, packet, ip4(packet, own, victim, 1, 0, 0, 0, redirect, length));

  // Loose source route to the friend, on to the victim.
  uint8_t route[8] = {131, 7, 4};
  inet_pton(AF_INET, victim, route + 3);
  send_frame(gateway_mac, ETH_P_IP, packet, ip4(packet, own, friend, 17, 0, route, 8, inner, udp(inner, 7, "source-route")));
  inet_pton(AF_INET, friend, route + 3);
  send_frame(gateway_mac, ETH_P_IP, packet, ip4(packet, own, victim, 17, 0, route, 8, inner, udp(inner, 7, "source-route-2")));

  // The port is in the first fragment, the mark in the second; and a first one that is allowed, written over by another.
  memset(inner, 0, sizeof inner);
  udp(inner, 7, "fragment");
  strcpy((char *)inner + 48, MARK "second-fragment");
  inner[4] = 0, inner[5] = 100;
  send_frame(gateway_mac, ETH_P_IP, packet, ip4(packet, own, victim, 17, 0x2000, 0, 0, inner, 48));
  send_frame(gateway_mac, ETH_P_IP, packet, ip4(packet, own, victim, 17, 6, 0, 0, inner + 48, 52));
  memset(inner, 0, sizeof inner);
  udp(inner, 9, "");
  strcpy((char *)inner + 8, "as allowed, so without a mark");
  inner[4] = 0, inner[5] = 100;
  uint8_t over[100] = {0};
  udp(over, 7, "overlap");
  send_frame(gateway_mac, ETH_P_IP, packet, ip4(packet, own, victim, 17, 0x2000, 0, 0, inner, 24));
  send_frame(gateway_mac, ETH_P_IP, packet, ip4(packet, own, victim, 17, 0x2000, 0, 0, over, 24));
  send_frame(gateway_mac, ETH_P_IP, packet, ip4(packet, own, victim, 17, 3, 0, 0, inner + 24, 76));

  // From another's hardware address.
  uint8_t kept[6];
  memcpy(kept, own_mac, 6);
  const uint8_t *others[] = {gateway_mac, victim_mac};
  for (int i = 0; i < 2; i++) {
    memcpy(own_mac, others[i], 6);
    udp4(gateway_mac, own, victim, 7, "others-hardware");
    udp4(gateway_mac, friend, victim, 7, "friends-address-others-hardware");
  }
  memcpy(own_mac, kept, 6);

  // A packet within a packet.
  uint8_t within[300];
  length = ip4(within, friend, victim, 17, 0, 0, 0, inner, udp(inner, 7, "ipip"));
  send_frame(gateway_mac, ETH_P_IP, packet, ip4(packet, own, victim, 4, 0, 0, 0, within, length));
  send_frame(gateway_mac, ETH_P_IP, packet, ip4(packet, own, "169.254.1.1", 4, 0, 0, 0, within, length));
  send_frame(gateway_mac, 0x88cc, MARK "lldp", 12);
  send_frame(all, 0x9000, MARK "unknown-type", 20);

  udp4(gateway_mac, own, victim, 9, "done");
}

static int flood(const char *to) {
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  if (fd < 0) fail("socket");
  struct sockaddr_in address = {.sin_family = AF_INET};
  inet_pton(AF_INET, to, &address.sin_addr);
  for (int port = 1; port <= 30000; port++) {
    address.sin_port = htons(port);
    sendto(fd, "x", 1, 0, (void *)&address, sizeof address); // what is refused is told by the next one
  }
  return 0;
}

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  if (!strcmp(argv[1], "flood")) return flood(argv[2]);
  open_link(argv[2]);
  if (!strcmp(argv[1], "listen")) {
    printf("listening\n");
    fflush(stdout);
    for (;;) {
      uint8_t frame[2000];
      int length = recv(link_fd, frame, sizeof frame - 1, 0);
      if (length < 0) fail("recv");
      frame[length] = 0;
      uint8_t *mark = memmem(frame, length, MARK, strlen(MARK));
      if (!mark) continue;
      printf("%s\n", mark + strlen(MARK));
      fflush(stdout);
      if (!strcmp((char *)mark + strlen(MARK), "done")) return 0;
    }
  }
  if (argc != 10) return 2;
  unsigned mac[6];
  if (sscanf(argv[9], "%x:%x:%x:%x:%x:%x", mac, mac + 1, mac + 2, mac + 3, mac + 4, mac + 5) != 6) return 2;
  for (int i = 0; i < 6; i++) victim_mac[i] = mac[i];
  attack(argv + 3);
  return 0;
}
