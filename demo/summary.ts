// How the demo went: the figures as a table, and what is not as it should be, each with a word on
// what to look at.

import Table from 'cli-table3';
import type { CollectorFigures } from './collector.ts';
import { endingText, type Ending } from './process.ts';
import { figure } from '../src/progress.ts';

export interface DemoOutcome {
  readonly events: number;
  readonly received: number;
  readonly lost: number;
  readonly duplicated: number;
  /** Records of events that the demo did not make. */
  readonly foreign: number;
  readonly seconds: number;
  readonly recordsPerSecondMax: number;
  readonly collector: CollectorFigures;
  /** `none`: a file has no offsets. `unknown`: Kafka did not say. */
  readonly lag: number | 'none' | 'unknown';
  readonly stage: Ending;
}

/** Empty where every event came exactly once, was committed, and the stage ended well. */
export function faultsOf(outcome: DemoOutcome): string[] {
  const { collector, duplicated, foreign, lag, lost, stage } = outcome;
  const faults: string[] = [];
  if (stage.code !== 0) {
    faults.push(`the stage: ${endingText(stage)}, not 0; the last lines of its log say why`);
  }
  if (lost > 0) faults.push(`${several(lost, 'event')} lost: ${whereLost(collector)}`);
  if (duplicated > 0) {
    faults.push(
      `${several(duplicated, 'record')} were repeated: something was sent or read twice; ` +
        `look for refusals and rebalances in the stage's log`,
    );
  }
  if (foreign > 0) {
    faults.push(
      `${several(foreign, 'record')} of unknown events: does another program send to this port?`,
    );
  }
  if (collector.sequenceGaps > 0 && lost === 0) {
    faults.push(
      `${several(collector.sequenceGaps, 'gap')} in the Sequence Numbers, though every event ` +
        `arrived: they do not count as in RFC 7011, or Messages were reordered`,
    );
  }
  if (lag === 'unknown') faults.push('the lag of the group is unknown: Kafka does not answer');
  if (typeof lag === 'number' && lag > 0) {
    faults.push(
      `${several(lag, 'event')} not committed: look for refusals and commits in the stage's log`,
    );
  }
  return faults;
}

function whereLost(collector: CollectorFigures): string {
  const { kernelDrops, malformedMessages, missingRecords, unknownSets } = collector;
  if (kernelDrops !== 'unknown' && kernelDrops > 0) {
    return (
      `the collector's socket had no room for ${several(kernelDrops, 'datagram')}; ` +
      `this machine is busy, or net.core.rmem_max is low`
    );
  }
  if (malformedMessages > 0 || unknownSets > 0) {
    return 'the collector could not read everything: `kafka2ipfix collect` reports what';
  }
  if (missingRecords > 0) {
    return 'sent according to the Sequence Numbers, but not received: check firewall rules on loopback';
  }
  return "not sent according to the Sequence Numbers: the stage's log shows how far it read";
}

export function summaryTable(outcome: DemoOutcome): string {
  const { collector, lag, seconds } = outcome;
  const rate = outcome.received / Math.max(seconds, 0.001);
  const table = new Table({
    colAligns: ['left', 'right', 'left'],
    style: { head: [], border: [] },
    // No lines between the rows: it is to be read at one glance.
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
  });
  const row = (what: string, value: number | string, remark = ''): void => {
    table.push([what, typeof value === 'number' ? figure(value) : value, remark]);
  };
  row('Events produced', outcome.events);
  row('Records received', outcome.received);
  row('Lost', outcome.lost, 'by flowId');
  row('Duplicated', outcome.duplicated, 'by flowId');
  if (outcome.foreign > 0) row('Foreign', outcome.foreign, 'no flowId of ours');
  row('Messages', collector.messages);
  row('Octets', collector.octets, 'IPFIX, without IP and UDP headers');
  row('Sequence gaps', collector.sequenceGaps);
  row('Kernel drops', collector.kernelDrops, "at the collector's socket");
  row('Lag', lag === 'none' ? 'not applicable' : lag, lag === 'none' ? 'a file' : 'of the group');
  row('Seconds', seconds.toFixed(1), 'from the first record to the last');
  row(
    'Events/s',
    // Within a second it is the last timers that count, not the rate.
    seconds < 1 ? '-' : Number(rate.toPrecision(3)),
    `EXPORT_RATE_LIMIT=${outcome.recordsPerSecondMax}`,
  );
  return table.toString();
}

function several(count: number, what: string): string {
  return `${figure(count)} ${what}${count === 1 ? '' : 's'}`;
}
