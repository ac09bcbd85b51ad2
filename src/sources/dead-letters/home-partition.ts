// To which partition a message goes that comes from another one: to the same as long as that has a leader,
// so that what was in order stays so.

import type { ICustomPartitioner } from 'kafkajs';
import { headerPrefix } from '../dead-letter.ts';

export const homePartitioner: ICustomPartitioner =
  () =>
  ({ partitionMetadata, message: { partition, headers = {} } }) => {
    const all = partitionMetadata.toSorted((a, b) => a.partitionId - b.partitionId);
    const topic = partition === undefined ? String(headers[`${headerPrefix}topic`]) : '';
    const from = partition ?? Number(headers[`${headerPrefix}partition`]);
    const home = (from + hashOf(topic)) % all.length;
    // One without a leader takes nothing: the next one that has a leader stands in for it.
    const inTurn = [...all.slice(home), ...all.slice(0, home)];
    return (inTurn.find(({ leader }) => leader >= 0) ?? inTurn[0]!).partitionId;
  };

/** Several topics into one: their partitions of one number need not meet. */
function hashOf(text: string): number {
  let hash = 0;
  for (const octet of Buffer.from(text)) hash = (hash * 31 + octet) % 65_521;
  return hash;
}
