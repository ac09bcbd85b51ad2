// What each error of a UDP socket means for the Messages that were to be sent.

import { expect, test } from 'vitest';
import { type Outcome, outcomeOf } from '../../../src/pipeline/sending/sender.ts';
import { ScriptedSession } from '../../support/fakes/scripted-session.ts';

const error = new Error('as the socket said');

// udp(7), ip(7), sendmsg(2), and icmp_err_convert of the kernel for both IP versions.
const meanings: Readonly<Record<Outcome['kind'], readonly string[]>> = {
  refused: [
    'ECONNREFUSED',
    'ECONNRESET',
    'EHOSTUNREACH',
    'ENETUNREACH',
    'EHOSTDOWN',
    'ENONET',
    'ENOPROTOOPT',
    'EPROTO',
    'EOPNOTSUPP',
    'ENOTSUP',
    'EACCES',
    'EINVAL',
    'EADDRNOTAVAIL',
  ],
  later: ['EAGAIN', 'EWOULDBLOCK', 'ENOBUFS', 'ENOMEM', 'EPERM', 'EINTR', 'ENETDOWN'],
  tooLong: ['EMSGSIZE'],
  failed: ['EBADF', 'EFAULT', 'ENOTSOCK', 'ENOTCONN', 'EDESTADDRREQ', 'EISCONN', 'EPIPE', 'EIO'],
  taken: [],
  anew: [],
};
const rows = Object.entries(meanings).flatMap(([kind, codes]) =>
  codes.map((code) => [code, kind] as const),
);

test.each(rows)('%s means: %s', (code, kind) => {
  expect(outcomeOf(code, error).kind).toBe(kind);
});

const survived = rows.filter(([, kind]) => kind === 'refused' || kind === 'later');
test.each(survived)('behind %s all that was transmitted leaves, in order', async (code) => {
  const session = await new ScriptedSession().start();
  const { sender } = session;
  const send = sender.send.bind(sender);
  let calls = 0;
  sender.send = (run) => {
    calls += 1;
    return calls === 2 ? outcomeOf(code, error) : send(run);
  };
  for (const records of [3, 2, 4]) session.transmit(records);
  await session.clock.advance(3000);
  expect(session.settledFrames).toEqual([0, 1, 2]);
  const last = session.data.slice(-3).map(({ frame, sequenceNumber }) => [frame, sequenceNumber]);
  expect(last.slice(-2)).toEqual([
    [1, 3],
    [2, 5],
  ]);
  expect(session.error).toBeUndefined();
});
