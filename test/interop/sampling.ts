// One flow whose event says that one packet of 1,000 was metered, sent by the stage as it comes: which
// rate each program shows, and by how much it multiplied the counters.

import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import avro from 'avsc';
import { type FlowEvent, flowEventSchema } from '../../src/generator/flow-event.ts';
import { FlowGenerator } from '../../src/generator/flow-generator.ts';
import { startStage } from '../support/processes/stage-process.ts';
import {
  installed,
  type LiveCollector,
  liveCollectors,
  readDatagramsWithTshark,
  streamReaders,
} from './collectors.ts';
import { iana } from './element-case.ts';
import { nfacctdTexts, startNfacctd } from './nfacctd.ts';
import { type Shown, shownIn } from './element-reader.ts';
import { Relay } from './relay.ts';

export const sentRate = 1000;
const sent = { octets: 1500, packets: 1 };

export interface AppliedRate {
  readonly name: string;
  /** The rate it shows beside the flow, "none" where it shows none. */
  readonly shown: string;
  /** Octets shown ÷ octets sent. */
  readonly applied: string;
}

/** nfacctd, told to multiply by the rates it hears of. */
const scalingNfacctd = {
  name: 'nfacctd, `nfacctd_renormalize: true`',
  tools: ['nfacctd'],
  async start(): Promise<LiveCollector> {
    const nfacctd = await startNfacctd({ settings: { nfacctd_renormalize: 'true' } });
    return {
      port: nfacctd.port,
      remove: () => nfacctd.remove(),
      async stop() {
        const { flows, faults } = await nfacctd.stop();
        return { flows: flows.map((flow) => shownIn(nfacctdTexts, flow)), faults };
      },
    };
  },
};

export async function appliedRates(): Promise<AppliedRate[]> {
  const folder = mkdtempSync(join(tmpdir(), 'kafka2ipfix-sampling-'));
  const relay = await Relay.listen();
  const live = new Map<string, LiveCollector>();
  try {
    const starting = [...installed(liveCollectors), ...installed([scalingNfacctd])];
    const started = await Promise.all(starting.map((program) => program.start()));
    starting.forEach(({ name }, i) => live.set(name, started[i]!));
    relay.to(...started.map(({ port }) => port));
    const INPUT_FILE = join(folder, 'flow.avro');
    await writeEvent(INPUT_FILE);
    const stage = await startStage({ INPUT_FILE, COLLECTORS: relay.collector, PATH_MTU: '1500' });
    await stage.exited;
    const rates: AppliedRate[] = [];
    if (installed([{ tools: ['tshark'] }]).length > 0) {
      const { records } = await readDatagramsWithTshark(relay.datagrams);
      const [record] = records;
      rates.push(
        rateOf('tshark', record?.get('cflow.sampling_interval'), record?.get('cflow.octets')),
      );
    }
    const stopped = await Promise.all([...live.values()].map((one) => one.stop()));
    [...live.keys()].forEach((name, i) => rates.push(rateOfShown(name, stopped[i]!.flows[0])));
    for (const { name, read } of installed(streamReaders)) {
      rates.push(rateOfShown(name, (await read(relay.datagrams)).flows[0]));
    }
    return rates;
  } finally {
    for (const one of live.values()) one.remove();
    relay.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function rateOfShown(name: string, flow: Shown | undefined): AppliedRate {
  const textOf = (element: string) =>
    flow?.({ element: iana(element), length: 0, value: undefined }, 0);
  return rateOf(name, textOf('samplingInterval'), textOf('octetDeltaCount'));
}

function rateOf(name: string, rate: string | undefined, octets: string | undefined): AppliedRate {
  const applied = octets === undefined ? 'no flow' : String(Number(octets) / sent.octets);
  return { name, shown: rate ?? 'none', applied };
}

async function writeEvent(path: string): Promise<void> {
  const generator = new FlowGenerator({ seed: 1 });
  let event: FlowEvent;
  do event = generator.next();
  while (event.samplingRate === null || event.protocol !== 6);
  const encoder = avro.createFileEncoder(path, JSON.parse(flowEventSchema) as avro.Schema);
  encoder.end({ ...event, ...sent, samplingRate: sentRate });
  await once(encoder, 'close');
}

export function ratesTable(rates: readonly AppliedRate[]): string {
  const rows = rates.map(({ name, shown, applied }) => `| ${name} | ${shown} | ${applied} |`);
  return [
    '| collector | rate it shows | counters multiplied by |',
    '| --- | --- | --- |',
    ...rows,
  ].join('\n');
}
