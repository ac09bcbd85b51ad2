// The account is checked, not just kept: without any one of the Ledger's counts it does not balance.

import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { elementByName } from '../../src/ipfix/information-element.ts';
import { Frame } from '../../src/pipeline/frame.ts';
import { isBalanced, Ledger } from '../../src/pipeline/ledger.ts';
import { deliveryOf, originOf } from '../support/flow-events.ts';

const text = readFileSync(
  fileURLToPath(new URL('../../src/pipeline/ledger.ts', import.meta.url)),
  'utf8',
);
const count =
  /^ *this\.account\.(consumed|exported|deadLettered|discarded|returned|inFlight) [+-]= .*;$/gm;
const counts = [...text.matchAll(count)].map((match) => ({
  line: text.slice(0, match.index).split('\n').length,
  statement: match[0].trim(),
  counter: match[1]!,
  without: text.slice(0, match.index) + text.slice(match.index + match[0].length),
}));

/** The Ledger of another source text. */
async function ledgerFrom(source: string): Promise<Ledger> {
  const script = Buffer.from(stripTypeScriptTypes(source)).toString('base64');
  const url = `data:text/javascript;base64,${script}`;
  const module = (await import(/* @vite-ignore */ url)) as { Ledger: typeof Ledger };
  return new module.Ledger({ framesMax: 9 });
}

const template = { id: 256, fields: [{ element: elementByName('flowId')!, length: 8 }] };

/** Every occasion at which an event is counted; the steps after which the account did not balance. */
function unbalancedSteps(ledger: Ledger): string[] {
  const unbalanced: string[] = [];
  const after = (step: string) => {
    if (!isBalanced(ledger.account)) unbalanced.push(step);
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
  const letter = { progress, offset: 1, events: 2, octets: 100 };
  ledger.hold(letter);
  ledger.deadLetter(letter);
  after('dead-lettered');
  const frame = new Frame(64, template);
  frame.open(template, 0);
  ledger.opened(frame);
  for (const offset of [3, 4]) frame.claim(progress, offset, 1);
  ledger.settle(frame);
  after('settled');
  ledger.giveBack(progress, 1);
  after('given back');
  ledger.drop(lost);
  after('dropped');
  ledger.drop(kept);
  after('dropped, half done');
  return unbalanced;
}

test('the account balances after each occasion', async () => {
  expect(unbalancedSteps(new Ledger({ framesMax: 9 }))).toEqual([]);
  expect(unbalancedSteps(await ledgerFrom(text))).toEqual([]);
});

test('each counter has counts of its own', () => {
  const found: Record<string, number> = {};
  for (const { counter } of counts) found[counter] = (found[counter] ?? 0) + 1;
  expect(found).toEqual({
    ...{ consumed: 2, exported: 1, deadLettered: 1, discarded: 1, returned: 2, inFlight: 7 },
  });
});

describe('without a count the account does not balance', () => {
  test.each(counts)('line $line: $statement', async ({ without }) => {
    expect(unbalancedSteps(await ledgerFrom(without))).not.toEqual([]);
  });
});
