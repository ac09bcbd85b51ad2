// The HTTP server's limits, with a raw socket where a well-behaved client would not do what is tested.

import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import {
  type HttpServer,
  type Routes,
  serve,
  type ServerLimits,
  text,
} from '../../src/http/server.ts';

let server: HttpServer | undefined;
afterEach(() => {
  server?.close();
  server = undefined;
});

const routes: Routes = (path) => {
  if (path === '/fails') throw new Error('planted');
  return path === '/there' ? text(200, 'here\n') : undefined;
};

async function started(limits?: ServerLimits): Promise<HttpServer> {
  server = await serve({ host: '127.0.0.1', port: 0 }, routes, limits);
  return server;
}

async function get(path: string, init?: RequestInit): Promise<Response> {
  const { port } = server ?? (await started());
  return fetch(`http://127.0.0.1:${port}${path}`, init);
}

/** What comes back to these octets until the server closes. */
async function raw(octets: string, port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk));
  socket.on('error', () => undefined);
  socket.write(octets);
  await once(socket, 'close');
  return answer;
}

test('answers GET with what the route says, and keeps it out of caches and other sites', async () => {
  const response = await get('/there?query=is-ignored');
  expect(response.status).toBe(200);
  expect(await response.text()).toBe('here\n');
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'cross-origin-resource-policy': 'same-origin',
  });
  expect(response.headers.get('access-control-allow-origin')).toBeNull();
});

test('answers HEAD with the headers alone', async () => {
  const response = await get('/there', { method: 'HEAD' });
  expect(response.headers.get('content-length')).toBe('5');
  expect(await response.text()).toBe('');
});

test.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])('refuses %s with 405', async (method) => {
  const response = await get('/there', { method });
  expect(response.status).toBe(405);
  expect(response.headers.get('allow')).toBe('GET, HEAD');
});

test('has 404 for what is not there, and for names that every object has', async () => {
  for (const path of ['/nothing', '/constructor', '/there/', '/../there']) {
    expect((await get(path)).status).toBe(path === '/../there' ? 200 : 404);
  }
});

test('a route that fails is told as 500, and the next one is answered', async () => {
  expect((await get('/fails')).status).toBe(500);
  expect((await get('/there')).status).toBe(200);
});

describe('a peer', () => {
  test('that sends headers without end is refused with 431', async () => {
    const { port } = await started();
    const long = `GET /there HTTP/1.1\r\nhost: a\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`;
    expect(await raw(long, port)).toMatch(/^HTTP\/1\.1 431 /);
  });

  test('that never ends its headers is disconnected', async () => {
    const { port } = await started({ headersTimeoutMs: 200, requestTimeoutMs: 300 });
    expect(await raw('GET /there HTTP/1.1\r\nhost: a\r\nx:', port)).toMatch(/^HTTP\/1\.1 408 /);
  });

  test('that announces a body is answered without it, and disconnected', async () => {
    const { port } = await started();
    const answer = await raw(
      'GET /there HTTP/1.1\r\nhost: a\r\ncontent-length: 1000000\r\n\r\n',
      port,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(answer).toMatch(/connection: close/i);
  });

  test('that is no HTTP client is refused with 400', async () => {
    const { port } = await started();
    expect(await raw('\x16\x03\x01 nonsense\r\n\r\n', port)).toMatch(/^HTTP\/1\.1 400 /);
  });

  test('that opens more connections than are allowed does not keep the first ones from an answer', async () => {
    const { port } = await started();
    const kept = connect(port, '127.0.0.1');
    await once(kept, 'connect');
    const others = Array.from({ length: 100 }, () =>
      connect(port, '127.0.0.1').on('error', () => undefined),
    );
    await sleep(100);
    kept.write('GET /there HTTP/1.1\r\nhost: a\r\n\r\n');
    const [answer] = (await once(kept, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 200 /);
    for (const socket of [kept, ...others]) socket.destroy();
  });
});

describe('an address that cannot be listened on', () => {
  test('says that it is in use, and what to set', async () => {
    const { port } = await started();
    const again = serve({ host: '127.0.0.1', port }, routes);
    await expect(again).rejects.toThrow(
      `HTTP_LISTEN: 127.0.0.1:${port} is in use, by another run perhaps; give another host:port, or off`,
    );
  });

  test('says that it is none of this host', async () => {
    const elsewhere = serve({ host: '192.0.2.1', port: 0 }, routes);
    await expect(elsewhere).rejects.toThrow('192.0.2.1:0 is no address of this host');
  });
});
