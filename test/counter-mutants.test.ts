// Every counter beside the account that a run shows has increments of its own, and each of them is
// checked: without it, what is shown after the same acts is something else.

import pino from 'pino';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { elementByName } from '../src/ipfix/information-element.ts';
import { counterMutants, moduleOf, sourcePath } from './support/oracles/counter-mutants.ts';
import { steadyContact } from './support/fakes/broker-contact.ts';
import { startFakeRegistry } from './support/fakes/fake-registry.ts';
import { flowEvent, originOf } from './support/events/flow-events.ts';

interface Counters {
  readonly file: string;
  readonly pattern: RegExp;
  /** What the counters are found to be, by the names that `pattern` gives them. */
  readonly counters: readonly string[];
  /** What is shown after acts that move all of them; imports anew what it uses. */
  readonly shown: () => Promise<unknown>;
}

const log = pino({ level: 'silent' });

/** Two Messages, one of them sent again and one cut, an Options Record, a stall and a refusal. */
async function sinkSeen(): Promise<unknown> {
  const { ScriptedSession, known } = await import('./support/fakes/scripted-session.ts');
  const session = await new ScriptedSession().start();
  session.sender.script.push('later', 'taken');
  session.transmit(3);
  await session.clock.advance(20);
  session.sender.refuse();
  await session.clock.advance(3_000);
  session.sender.script.push('tooLong');
  session.sender.octetsMax = 20 + 8 * 10;
  session.transmit(12);
  const scope = { element: elementByName('observationDomainId')!, length: 4 };
  const options = { id: 301, fields: [scope, known.fields[0]!], scopeFieldCount: 1 };
  session.transmit(1, options);
  await session.clock.advance(5_000);
  session.sender.refuse('EHOSTUNREACH');
  await session.clock.advance(10);
  return structuredClone(session.sink.seen);
}

async function receivedOctets(): Promise<unknown> {
  const { Stage } = await import('./support/fakes/scripted-stage.ts');
  const stage = await new Stage().start();
  stage.deliver([flowEvent(), null, flowEvent()], originOf());
  const shown = stage.worker.snapshot.receivedOctets;
  stage.stop();
  return shown;
}

async function commitsTried(): Promise<unknown> {
  // The seam into kafkajs is put in place once in a process.
  vi.doMock(sourcePath('sources/kafkajs/kafkajs-membership.ts'), () => ({
    generationEnded: () => false,
  }));
  const { Committer } = await import('../src/sources/kafka/committer.ts');
  const { Assignment } = await import('../src/sources/kafka/assignment.ts');
  const assignment = new Assignment();
  const commit = vi
    .fn<() => Promise<never[]>>()
    .mockRejectedValueOnce(new Error('no answer'))
    .mockResolvedValue([]);
  const membership = {
    ...{ generation: 1, memberId: 'a', isLeader: true, commit, seek: () => undefined },
    ...{ pause: () => undefined, resume: () => undefined, begin: () => undefined },
    committed: () => Promise.resolve([]),
    layout: () => Promise.resolve([]),
    offsetsAt: () => Promise.resolve(new Map()),
    assignment: [{ topic: 'flows', partitions: [0] }],
  };
  assignment.take(membership, () => undefined);
  const intake = {
    ...{ track: () => undefined, room: () => undefined, nextOffset: () => undefined },
    retire: () => undefined,
    ...{ drop: () => undefined, removed: () => undefined, drain: () => Promise.resolve() },
    committable: () => [{ origin: [...assignment.all()][0]!, offset: 7 }],
  };
  const committer = new Committer({ intake, assignment, contact: steadyContact, log });
  committer.membership = membership;
  await committer.commit({ last: true });
  return committer.counts;
}

async function registryRequests(): Promise<unknown> {
  const { SchemaRegistry } = await import('../src/sources/schemas/schema-registry.ts');
  const fake = await startFakeRegistry();
  const registry = new SchemaRegistry({
    ...{ urls: [fake.url], timeoutMs: 10_000, unknownTtlMs: 10_000, unknownRetriesMs: [] },
  });
  fake.schemas.set(7, { schema: { type: 'record', name: 'Flow', fields: [] } });
  await registry.fetch(7);
  await registry.fetch(8);
  await fake.close();
  await registry.fetch(9).catch(() => undefined);
  registry.close();
  return registry.requests;
}

async function pausesSeen(): Promise<unknown> {
  const { Pauses } = await import('../src/pauses.ts');
  const pauses = new Pauses();
  pauses.begin(100);
  pauses.begin(120);
  pauses.end(180);
  return pauses.seen(500);
}

async function heldBack(): Promise<unknown> {
  const { LimitedLog } = await import('../src/log/limited-log.ts');
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  const limited = new LimitedLog(pino({ base: null, timestamp: false }, { write }));
  for (let i = 0; i < 3; i += 1) limited.event('BAD_EVENT', 'bad', {});
  limited.close();
  return lines;
}

async function domainConflicts(): Promise<unknown> {
  const { SharedDomains } = await import('../src/stage/shared-domains.ts');
  const domains = new SharedDomains(7, log);
  domains.check([domains.userData, domains.userData]);
  return domains.conflicts;
}

const all: readonly Counters[] = [
  {
    file: 'pipeline/sending/session.ts',
    pattern:
      /this\.(?:counts\.)?((?:messages|octets|templateMessages|refusals)|errors\[code\]) \+?= .*;$/gm,
    counters: ['messages', 'octets', 'templateMessages', 'errors[code]', 'refusals'],
    shown: sinkSeen,
  },
  {
    file: 'pipeline/sending/sink.ts',
    pattern: /this\.counts\.([a-zA-Z]+) \+= .*;$/gm,
    counters: ['resentMessages', 'records', 'optionsRecords', 'splitMessages'],
    shown: sinkSeen,
  },
  {
    file: 'pipeline/templates/active-templates.ts',
    pattern: /entry\.(records) \+= .*;$/gm,
    counters: ['records'],
    shown: sinkSeen,
  },
  {
    file: 'pipeline/sending/histogram.ts',
    pattern: /this\.#(counts|sum)(?:\[bucket\]!)? \+= .*;$/gm,
    counters: ['counts', 'sum'],
    shown: sinkSeen,
  },
  {
    file: 'pipeline/sending/recovery.ts',
    pattern: /this\.refusals\.(begin|end)\(.*;$/gm,
    counters: ['begin', 'end'],
    shown: sinkSeen,
  },
  {
    file: 'pipeline/worker.ts',
    pattern: /this\.#(receivedOctets) \+= .*;$/gm,
    counters: ['receivedOctets'],
    shown: receivedOctets,
  },
  {
    file: 'pauses.ts',
    pattern: /this\.#(\w+) [+-]= .*;$/gm,
    counters: ['count', 'waiting', 'ms', 'waiting', 'ms'],
    shown: pausesSeen,
  },
  {
    file: 'sources/kafka/committer.ts',
    pattern: /this\.counts\.([a-zA-Z]+) \+= .*;$/gm,
    counters: ['failed', 'succeeded'],
    shown: commitsTried,
  },
  {
    file: 'sources/schemas/schema-registry.ts',
    pattern: /this\.(requests(?:\.\w+)?)(?:\[.*\])? \+= .*;$/gm,
    counters: ['requests', 'requests.unavailable'],
    shown: registryRequests,
  },
  {
    file: 'log/limited-log.ts',
    pattern: /known\.(heldBack) \+= .*;$/gm,
    counters: ['heldBack'],
    shown: heldBack,
  },
  {
    file: 'stage/shared-domains.ts',
    pattern: /this\.(conflicts) \+= .*;$/gm,
    counters: ['conflicts'],
    shown: domainConflicts,
  },
];

// What is imported in a test is of its own, so that one module in it can be another one.
beforeEach(() => {
  vi.resetModules();
});

describe.each(all)('of $file', ({ file, pattern, counters, shown }) => {
  const mutants = counterMutants(file, pattern);
  afterEach(() => {
    vi.doUnmock(sourcePath(file));
  });

  test('each counter is found, and what is shown after the same acts is the same', async () => {
    expect(mutants.map(({ counter }) => counter)).toEqual(counters);
    const before = await shown();
    vi.resetModules();
    expect(await shown()).toEqual(before);
  });

  test.each(mutants)('line $line is missed: $statement', async ({ without }) => {
    const whole = await shown();
    vi.resetModules();
    const mutant = await moduleOf<object>(file, without);
    vi.doMock(sourcePath(file), () => mutant);
    expect(await shown()).not.toEqual(whole);
  });
});
