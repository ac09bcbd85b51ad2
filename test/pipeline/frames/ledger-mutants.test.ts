// The account is checked, not just kept: without any one of the Ledger's counts it does not balance.

import { describe, expect, test } from 'vitest';
import { elementByName } from '../../../src/ipfix/information-element.ts';
import { Frame } from '../../../src/pipeline/frames/frame.ts';
import { roomAlone } from '../../../src/pipeline/frames/frame-room.ts';
import { isBalanced, Ledger } from '../../../src/pipeline/frames/ledger.ts';
import { counterMutants, moduleOf } from '../../support/oracles/counter-mutants.ts';
import { deliveryOf, originOf } from '../../support/events/flow-events.ts';

const file = 'pipeline/frames/ledger.ts';
const counts = counterMutants(file, /^ *this\.account\.([a-zA-Z]+)(?:\[\w+\])? [+-]?= .*;$/gm);

/** The Ledger of another source text. */
async function ledgerFrom(source: string): Promise<Ledger> {
  const module = await moduleOf<{ Ledger: typeof Ledger }>(file, source);
  return new module.Ledger({ framesMax: 9 });
}

const template = { id: 256, fields: [{ element: elementByName('flowId')!, length: 8 }] };

/**
 * Every occasion at which an event is counted; the steps after which the account did not balance, or the
 * reasons did not add up to what was discarded, or what Kafka removed was not counted.
 */
function wrongSteps(ledger: Ledger): string[] {
  const wrong: string[] = [];
  let removed = 0;
  const after = (step: string) => {
    const { account } = ledger;
    const reasons = Object.values(account.discardedByReason).reduce((sum, one) => sum + one, 0);
    const isRight =
      isBalanced(account) && reasons === account.discarded && account.removed === removed;
    if (!isRight) wrong.push(step);
  };
  const [kept, lost] = [originOf(0), originOf(1)];
  ledger.track(deliveryOf(new Array<null>(6).fill(null), kept));
  ledger.track(deliveryOf([null, null], lost));
  after('tracked');
  const progress = ledger.progressOf(kept);
  ledger.found(progress, 2);
  after('found more');
  ledger.discard(progress, 'tombstone');
  after('discarded');
  const letter = { progress, offset: 1, events: 2, reason: 'BAD_EVENT', octets: 100 };
  ledger.hold(letter);
  ledger.deadLetter(letter);
  after('dead-lettered');
  const frame = new Frame(roomAlone(64), template);
  frame.open(template, 0);
  ledger.opened(frame);
  for (const offset of [3, 4]) frame.claim(progress, offset, 1);
  ledger.settle(frame);
  after('settled');
  ledger.giveBack(progress, 1);
  after('given back');
  ledger.removed(7);
  removed = 7;
  after('removed by Kafka');
  ledger.drop(lost);
  after('dropped');
  ledger.drop(kept);
  after('dropped, half done');
  return wrong;
}

test('the account balances after each occasion', () => {
  expect(wrongSteps(new Ledger({ framesMax: 9 }))).toEqual([]);
});

test('each counter has counts of its own', () => {
  const found: Record<string, number> = {};
  for (const { counter } of counts) found[counter] = (found[counter] ?? 0) + 1;
  expect(found).toEqual({
    ...{ consumed: 2, exported: 1, deadLettered: 1, discarded: 1, returned: 2, inFlight: 7 },
    ...{ removed: 1, discardedByReason: 1 },
  });
});

describe('without a count the account is wrong', () => {
  test.each(counts)('line $line: $statement', async ({ without }) => {
    expect(wrongSteps(await ledgerFrom(without))).not.toEqual([]);
  });
});
