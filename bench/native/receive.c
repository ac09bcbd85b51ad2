/* A reader of IPFIX over UDP that shares nothing with the encoder it reads: it counts Data Records,
 * adds up one field of them, and follows the Sequence Numbers.
 *
 * receive RECORDS ELEMENT
 *
 * Prints its port, then "first" at the first Data Record, then one JSON line when RECORDS have come or
 * nothing came for ten seconds after the first. Templates with variable lengths are understood too.
 *
 * It looks a thousand times a second: on loopback it is the sender who pays for waking it, which no sender
 * does whose collector is another machine.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define FIELDS 128
#define BURST 64
#define OCTETS 65536

struct template {
	int fields;
	int fixed; /* octets of a record, 0 where they vary */
	uint16_t length[FIELDS];
	int summed; /* index of ELEMENT, or -1 */
};

static struct template *templates[65536];
static uint32_t expected[65536];
static uint8_t known[65536];
static long long records, messages, gaps, unknown_sets;
static uint64_t sum;
static int element;

static unsigned u16(const unsigned char *at) { return at[0] << 8 | at[1]; }
static uint32_t u32(const unsigned char *at) { return (uint32_t)u16(at) << 16 | u16(at + 2); }

static void read_templates(const unsigned char *at, const unsigned char *end) {
	while (at + 4 <= end && u16(at) >= 256) {
		struct template *made = calloc(1, sizeof *made);
		unsigned id = u16(at);
		made->fields = u16(at + 2);
		made->summed = -1;
		if (made->fields > FIELDS) exit(70);
		int varies = 0;
		at += 4;
		for (int i = 0; i < made->fields; i += 1) {
			unsigned of = u16(at), length = u16(at + 2);
			at += of & 0x8000 ? 8 : 4;
			made->length[i] = length;
			if (length == 65535) varies = 1;
			if (!varies) made->fixed += length;
			if (of == (unsigned)element) made->summed = i;
		}
		if (varies) made->fixed = 0;
		free(templates[id]);
		templates[id] = made;
	}
}

static const unsigned char *read_record(const struct template *by, const unsigned char *at) {
	for (int i = 0; i < by->fields; i += 1) {
		unsigned length = by->length[i];
		if (length == 65535) {
			length = *at++;
			if (length == 255) {
				length = u16(at);
				at += 2;
			}
		}
		uint64_t value = 0;
		if (i == by->summed)
			for (unsigned j = 0; j < length; j += 1) value = value << 8 | at[j];
		sum += value;
		at += length;
	}
	return at;
}

static void read_message(const unsigned char *at, int length) {
	if (length < 16 || u16(at) != 10 || (int)u16(at + 2) != length) exit(65);
	const unsigned char *end = at + length;
	unsigned domain = u32(at + 12) & 0xffff;
	uint32_t sequence = u32(at + 8);
	if (known[domain] && expected[domain] != sequence) gaps += 1;
	long long before = records;
	messages += 1;
	for (at += 16; at + 4 <= end;) {
		unsigned id = u16(at), set = u16(at + 2);
		const unsigned char *set_end = at + set;
		if (set < 4 || set_end > end) exit(65);
		if (id == 2) read_templates(at + 4, set_end);
		else if (id >= 256 && templates[id]) {
			for (const unsigned char *record = at + 4; record < set_end; records += 1)
				record = read_record(templates[id], record);
		} else if (id >= 256) unknown_sets += 1;
		at = set_end;
	}
	known[domain] = 1;
	expected[domain] = sequence + (uint32_t)(records - before);
}

int main(int count, char **given) {
	if (count != 3) return 78;
	long long wanted = atoll(given[1]);
	element = atoi(given[2]);
	int descriptor = socket(AF_INET, SOCK_DGRAM, 0), buffer = 256 << 20;
	/* Forced where that is allowed: what the receiver loses is not the sender's fault. */
	int is_large = setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer) == 0;
	if (!is_large)
		setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof address;
	if (bind(descriptor, (struct sockaddr *)&address, size) != 0) return 70;
	getsockname(descriptor, (struct sockaddr *)&address, &size);
	printf("%d\n", ntohs(address.sin_port));
	fflush(stdout);
	static unsigned char octets[BURST][OCTETS];
	static struct iovec parts[BURST];
	static struct mmsghdr burst[BURST];
	for (int i = 0; i < BURST; i += 1) {
		parts[i] = (struct iovec){octets[i], OCTETS};
		burst[i].msg_hdr.msg_iov = &parts[i];
		burst[i].msg_hdr.msg_iovlen = 1;
	}
	const struct timespec between = {.tv_nsec = 1000000};
	int begun = 0;
	while (records < wanted) {
		struct pollfd waits = {descriptor, POLLIN, 0};
		if (poll(&waits, 1, begun ? 10000 : 120000) == 0) break;
		int got = recvmmsg(descriptor, burst, BURST, MSG_DONTWAIT, NULL);
		for (int i = 0; i < got; i += 1) read_message(octets[i], burst[i].msg_len);
		if (!begun && records > 0) {
			begun = 1;
			printf("first\n");
			fflush(stdout);
		}
		/* A small buffer cannot wait. */
		if (is_large && got < BURST) nanosleep(&between, NULL);
	}
	printf("{\"records\":%lld,\"messages\":%lld,\"gaps\":%lld,\"unknownSets\":%lld,\"sum\":\"%llu\"}\n",
	       records, messages, gaps, unknown_sets, (unsigned long long)sum);
	return 0;
}
