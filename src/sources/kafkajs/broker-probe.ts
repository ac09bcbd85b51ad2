// Whether a broker can be connected to at all, found out in a moment: for a look that can also be left
// out. It says nothing of TLS, of secrets, or of what answers there.

import { connect } from 'node:net';

/** True as soon as one of them takes a connection; false when none did in time. */
export async function isAnyReachable(
  brokers: readonly string[],
  timeoutMs: number,
): Promise<boolean> {
  try {
    await Promise.any(brokers.map((broker) => reach(broker, timeoutMs)));
    return true;
  } catch {
    return false;
  }
}

function reach(broker: string, timeoutMs: number): Promise<void> {
  const at = broker.lastIndexOf(':');
  const host = broker.slice(0, at).replace(/^\[(.*)\]$/, '$1');
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: Number(broker.slice(at + 1)), timeout: timeoutMs });
    const fail = (error: Error) => {
      socket.destroy();
      reject(error);
    };
    socket.once('error', fail);
    socket.once('timeout', () => fail(new Error(`${broker} does not answer`)));
    socket.once('connect', () => {
      socket.destroy();
      resolve();
    });
  });
}
