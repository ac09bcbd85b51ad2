// Runs in a network of its own that drops every ICMP message: the collector goes away for a while under
// load and is started anew. Standard output is a FilteredIcmpReport as JSON. Argument: the file of flow
// events.

import { setTimeout as sleep } from 'node:timers/promises';
import { Decoder, type DecodedMessage } from '../../src/ipfix/decoder.ts';
import { Recorder } from '../support/fakes/recorder.ts';
import { startStage } from '../support/processes/stage-process.ts';

export interface FilteredIcmpReport {
  readonly code: number | null;
  readonly account: Readonly<Record<string, number>>;
  readonly sent: Readonly<Record<string, number>>;
  readonly ratePerSecond: number;
  /** From the end of the first collector to the beginning of the second. */
  readonly awayMs: number;
  /** Different flowIds of all that arrived, with the Templates of both collectors known. */
  readonly arrived: number;
  readonly repeated: number;
  /** Numbers that no Message had: between the two collectors, and elsewhere. */
  readonly missingBetween: number;
  readonly missingElsewhere: number;
  /** Records that the second collector got before a Template that it can read them by. */
  readonly beforeTemplates: number;
  /** Data Sets that it could not read after it had heard Templates. */
  readonly unknownAfterTemplates: number;
}

const ratePerSecond = 5_000;

const first = await Recorder.listen();
const { host, port } = first;
const stage = await startStage({
  INPUT_FILE: process.argv[2] ?? '',
  COLLECTORS: first.collector,
  EXPORT_RATE_LIMIT: String(ratePerSecond),
  TEMPLATE_REFRESH_INTERVAL: '1s',
});
await first.untilRecords(ratePerSecond / 2);
await first.close();
const fromMs = performance.now();
await sleep(1_000);
const second = await Recorder.listen({ host, port });
const awayMs = Math.round(performance.now() - fromMs);
const { code } = await stage.exited;
await second.close();

const decoder = new Decoder();
const [one, two] = [first, second].map(({ datagrams }) =>
  datagrams.map(({ octets }) => decoder.decode(octets)),
) as [DecodedMessage[], DecodedMessage[]];
const flowIds = [...one, ...two].flatMap(({ records }) =>
  records.map(({ values }) =>
    Number(values.find(({ element }) => element.name === 'flowId')!.value),
  ),
);
const asAnew = second.messages();
const told = asAnew.findIndex(({ templates }) => templates.length > 0);
const ended = stage.lines().find(({ msg }) => msg === 'ended');
const numbered = [...one, ...two];
const report: FilteredIcmpReport = {
  ...{ code, ratePerSecond, awayMs, arrived: new Set(flowIds).size },
  account: ended?.['account'] as Record<string, number>,
  sent: ended?.['sent'] as Record<string, number>,
  repeated: flowIds.length - new Set(flowIds).size,
  missingBetween: missingNumbers(numbered.slice(one.length - 1, one.length + 1)),
  missingElsewhere: missingNumbers(one) + missingNumbers(two),
  beforeTemplates: two.slice(0, told).reduce((sum, { records }) => sum + records.length, 0),
  unknownAfterTemplates: asAnew
    .slice(told)
    .reduce((sum, { unknownSets }) => sum + unknownSets.length, 0),
};
process.stdout.write(JSON.stringify(report));

/** Between the first of these Messages and the last. */
function missingNumbers(messages: readonly DecodedMessage[]): number {
  let missing = 0;
  messages.forEach(({ sequenceNumber, records }, i) => {
    const next = messages[i + 1];
    if (next) missing += next.sequenceNumber - (sequenceNumber + records.length);
  });
  return missing;
}
