/* Fills a topic with the values of a file, over and over, in RecordBatches of a chosen size.
 *
 * produce BROKERS TOPIC PARTITIONS RECORDS BATCH_RECORDS CODEC FILE
 *
 * FILE holds values, each behind its length in two octets, big-endian. Record i is value i mod their
 * number; runs of BATCH_RECORDS go to one partition after the other. Prints how many were delivered.
 */
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static long long delivered, failed;

static void on_delivery(rd_kafka_t *kafka, const rd_kafka_message_t *message, void *opaque) {
	(void)kafka;
	(void)opaque;
	if (message->err) failed += 1;
	else delivered += 1;
}

static void set(rd_kafka_conf_t *conf, const char *name, const char *value) {
	char problem[256];
	if (rd_kafka_conf_set(conf, name, value, problem, sizeof problem) != RD_KAFKA_CONF_OK) {
		fprintf(stderr, "%s\n", problem);
		exit(78);
	}
}

int main(int count, char **given) {
	if (count != 8) {
		fprintf(stderr, "seven arguments are needed\n");
		return 78;
	}
	int partitions = atoi(given[3]);
	long long records = atoll(given[4]), batch = atoll(given[5]);
	FILE *file = fopen(given[7], "rb");
	if (!file) {
		perror(given[7]);
		return 78;
	}
	fseek(file, 0, SEEK_END);
	long size = ftell(file);
	rewind(file);
	unsigned char *octets = malloc(size);
	if (!octets || fread(octets, 1, size, file) != (size_t)size) return 70;
	fclose(file);

	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	set(conf, "bootstrap.servers", given[1]);
	set(conf, "batch.num.messages", given[5]);
	set(conf, "batch.size", "900000");
	set(conf, "linger.ms", batch == 1 ? "0" : "200");
	set(conf, "compression.codec", given[6]);
	set(conf, "queue.buffering.max.messages", "200000");
	set(conf, "max.in.flight", "1");
	rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
	char problem[256];
	rd_kafka_t *kafka = rd_kafka_new(RD_KAFKA_PRODUCER, conf, problem, sizeof problem);
	if (!kafka) {
		fprintf(stderr, "%s\n", problem);
		return 70;
	}
	rd_kafka_topic_t *topic = rd_kafka_topic_new(kafka, given[2], NULL);
	long at = 0;
	for (long long i = 0; i < records; i += 1) {
		if (at >= size) at = 0;
		int length = octets[at] << 8 | octets[at + 1];
		int partition = (i / batch) % partitions;
		while (rd_kafka_produce(topic, partition, RD_KAFKA_MSG_F_COPY, octets + at + 2, length, NULL, 0, NULL) == -1)
			rd_kafka_poll(kafka, 10);
		if (i % 1000 == 0) rd_kafka_poll(kafka, 0);
		at += 2 + length;
	}
	rd_kafka_flush(kafka, 120000);
	printf("{\"delivered\":%lld,\"failed\":%lld}\n", delivered, failed);
	return failed == 0 && delivered == records ? 0 : 70;
}
