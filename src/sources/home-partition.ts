// To which partition a message goes that comes from another one: always to the same, so that what was
// in order stays so.

import type { ICustomPartitioner } from 'kafkajs';
import { headerPrefix } from './dead-letter.ts';

export const homePartitioner: ICustomPartitioner =
  () =>
  ({ partitionMetadata, message: { partition, headers = {} } }) => {
    const ids = partitionMetadata.map(({ partitionId }) => partitionId).sort((a, b) => a - b);
    const topic = partition === undefined ? String(headers[`${headerPrefix}topic`]) : '';
    const from = partition ?? Number(headers[`${headerPrefix}partition`]);
    return ids[(from + hashOf(topic)) % ids.length]!;
  };

/** Several topics into one: their partitions of one number need not meet. */
function hashOf(text: string): number {
  let hash = 0;
  for (const octet of Buffer.from(text)) hash = (hash * 31 + octet) % 65_521;
  return hash;
}
