/* A consumer that throws its records away: what librdkafka costs when nothing is done with them.
 *
 * librdkafka-idle BROKERS TOPIC GROUP RECORDS MAX_BYTES MAX_BYTES_PER_PARTITION MAX_WAIT_MS CHECK_CRCS QUEUE_KIB
 *
 * Prints one JSON line: CPU and wall time between the first record and the last.
 */
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#define BATCH 10000

static double cpu_seconds(void) {
	struct rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec +
	       (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static double wall_seconds(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

static void set(rd_kafka_conf_t *conf, const char *name, const char *value) {
	char problem[256];
	if (rd_kafka_conf_set(conf, name, value, problem, sizeof problem) != RD_KAFKA_CONF_OK) {
		fprintf(stderr, "%s\n", problem);
		exit(78);
	}
}

int main(int count, char **given) {
	if (count != 10) {
		fprintf(stderr, "nine arguments are needed\n");
		return 78;
	}
	long long wanted = atoll(given[4]), read = 0, octets = 0;
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	set(conf, "bootstrap.servers", given[1]);
	set(conf, "group.id", given[3]);
	set(conf, "auto.offset.reset", "earliest");
	set(conf, "auto.commit.interval.ms", "1000");
	set(conf, "fetch.max.bytes", given[5]);
	set(conf, "fetch.message.max.bytes", given[6]);
	set(conf, "fetch.wait.max.ms", given[7]);
	set(conf, "check.crcs", given[8]);
	set(conf, "queued.max.messages.kbytes", given[9]);
	char problem[256];
	rd_kafka_t *kafka = rd_kafka_new(RD_KAFKA_CONSUMER, conf, problem, sizeof problem);
	if (!kafka) {
		fprintf(stderr, "%s\n", problem);
		return 70;
	}
	rd_kafka_poll_set_consumer(kafka);
	rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new(1);
	rd_kafka_topic_partition_list_add(topics, given[2], RD_KAFKA_PARTITION_UA);
	rd_kafka_subscribe(kafka, topics);
	rd_kafka_topic_partition_list_destroy(topics);
	rd_kafka_queue_t *queue = rd_kafka_queue_get_consumer(kafka);
	static rd_kafka_message_t *messages[BATCH];
	double cpu = 0, wall = 0;
	while (read < wanted) {
		ssize_t got = rd_kafka_consume_batch_queue(queue, 1000, messages, BATCH);
		if (got > 0 && wall == 0) {
			cpu = cpu_seconds();
			wall = wall_seconds();
		}
		for (ssize_t i = 0; i < got; i += 1) {
			if (!messages[i]->err) {
				octets += messages[i]->len;
				read += 1;
			}
			rd_kafka_message_destroy(messages[i]);
		}
	}
	printf("{\"records\":%lld,\"octets\":%lld,\"cpuSeconds\":%f,\"wallSeconds\":%f,\"version\":\"%s\"}\n",
	       read, octets, cpu_seconds() - cpu, wall_seconds() - wall, rd_kafka_version_str());
	fflush(stdout);
	/* Leaving the group in order is not measured, but lets the broker forget this member. */
	rd_kafka_queue_destroy(queue);
	rd_kafka_consumer_close(kafka);
	rd_kafka_destroy(kafka);
	return 0;
}
