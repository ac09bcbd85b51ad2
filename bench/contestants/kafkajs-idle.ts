// kafkajs with nothing done to its messages: what consuming costs by itself.
//
// kafkajs-idle.ts BROKERS TOPIC GROUP RECORDS

import { CpuSpan } from '../cpu-span.ts';
import { benchConsumer } from './kafkajs-consumer.ts';

const [brokers = '', topic = '', groupId = '', wanted = ''] = process.argv.slice(2);
const consumer = benchConsumer(brokers, groupId);
const span = new CpuSpan();
let read = 0;
await consumer.connect();
await consumer.subscribe({ topics: [topic], fromBeginning: true });
await consumer.run({
  eachBatch: ({ batch }) => {
    span.begin();
    read += batch.messages.length;
    if (read >= Number(wanted)) span.end(read);
    return Promise.resolve();
  },
});
await span.ended;
await consumer.disconnect();
