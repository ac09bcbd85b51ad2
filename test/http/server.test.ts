// The HTTP server's limits, with a raw socket where a well-behaved client would not do what is tested.

import { once } from 'node:events';
import { connect } from 'node:net';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import {
  type HttpServer,
  type Routes,
  serve,
  type ServerOptions,
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

async function started(options?: ServerOptions): Promise<HttpServer> {
  server = await serve({ host: '127.0.0.1', port: 0 }, routes, options);
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

test('a route that fails is answered with 500, and the next one is answered', async () => {
  expect((await get('/fails')).status).toBe(500);
  expect((await get('/there')).status).toBe(200);
});

describe('a peer', () => {
  test('that sends headers without end is refused with 431', async () => {
    const { port } = await started();
    const long = `GET /there HTTP/1.1\r\nhost: localhost\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`;
    expect(await raw(long, port)).toMatch(/^HTTP\/1\.1 431 /);
  });

  test('that never ends its headers is disconnected', async () => {
    const { port } = await started({ limits: { headersTimeoutMs: 200, requestTimeoutMs: 300 } });
    expect(await raw('GET /there HTTP/1.1\r\nhost: localhost\r\nx:', port)).toMatch(
      /^HTTP\/1\.1 408 /,
    );
  });

  test('that announces a body is answered without it, and disconnected', async () => {
    const { port } = await started();
    const answer = await raw(
      'GET /there HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000000\r\n\r\n',
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
    const request = 'GET /there HTTP/1.1\r\nhost: localhost\r\n\r\n';
    const kept = connect(port, '127.0.0.1');
    kept.write(request);
    await once(kept, 'data');
    const others = Array.from({ length: 100 }, () =>
      connect(port, '127.0.0.1').on('error', () => undefined),
    );
    await sleep(100);
    kept.write(request);
    const [answer] = (await once(kept, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 200 /);
    for (const socket of [kept, ...others]) socket.destroy();
  });
});

describe('slow peers do not keep a probe out', () => {
  const limits = { connectionsMax: 16, headersTimeoutMs: 60_000, requestTimeoutMs: 60_000 };
  const large: Routes = () => text(200, 'x'.repeat(16 * 2 ** 20));

  /** Connections that have sent this, and read nothing. */
  async function slow(count: number, port: number, sent: string): Promise<() => void> {
    const sockets = Array.from({ length: count }, () => connect(port, '127.0.0.1'));
    for (const socket of sockets) {
      socket.on('error', () => undefined);
      socket.write(sent);
    }
    await sleep(100);
    return () => {
      for (const socket of sockets) socket.destroy();
    };
  }

  test.each([
    ['that send no headers', ''],
    ['that never end their headers', 'GET /there HTTP/1.1\r\nhost: localhost\r\nx:'],
    [
      'that were answered, and keep their connection',
      'GET /there HTTP/1.0\r\nconnection: keep-alive\r\n\r\n',
    ],
    [
      'that never end their body',
      'GET /there HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n\r\n',
    ],
  ])('%s', async (_, sent) => {
    const { port } = await started({ limits });
    const end = await slow(64, port, sent);
    for (let probe = 0; probe < 20; probe += 1) {
      const response = await fetch(`http://127.0.0.1:${port}/there`, {
        headers: { connection: 'close' },
        signal: AbortSignal.timeout(5_000),
      });
      expect(response.status).toBe(200);
    }
    end();
  });

  test('that do not read their answer, which is given up after a while', async () => {
    server = await serve({ host: '127.0.0.1', port: 0 }, large, {
      limits: { ...limits, answerTimeoutMs: 500 },
    });
    const { port } = server;
    const sockets = Array.from({ length: 16 }, () => connect(port, '127.0.0.1'));
    const closed = sockets.map((socket) => {
      socket.on('error', () => undefined);
      socket.pause();
      socket.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n');
      return once(socket, 'close');
    });
    await sleep(100);
    const probe = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(5_000) });
    expect((await probe.text()).length).toBe(16 * 2 ** 20);
    await sleep(2_000);
    for (const socket of sockets) socket.resume();
    await Promise.all(closed);
  });

  test('that come all the time', async () => {
    const { port } = await started({ limits });
    const sockets: { destroy(): void }[] = [];
    const coming = setInterval(() => {
      sockets.push(connect(port, '127.0.0.1').on('error', () => undefined));
    }, 2);
    for (let probe = 0; probe < 20; probe += 1) {
      const response = await fetch(`http://127.0.0.1:${port}/there`, {
        headers: { connection: 'close' },
        signal: AbortSignal.timeout(5_000),
      });
      expect(response.status).toBe(200);
    }
    clearInterval(coming);
    for (const socket of sockets) socket.destroy();
  });
});

describe('the Host header', () => {
  const statusFor = async (host: string, options?: ServerOptions): Promise<number> => {
    const { port } = server ?? (await started(options));
    const answer = await raw(
      `GET /there HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`,
      port,
    );
    return Number(/^HTTP\/1\.1 (\d+) /.exec(answer)?.[1]);
  };

  test.each([
    ...['127.0.0.1', '127.0.0.1:9464', '10.42.0.17:9464', '[::1]:9464', '[fd00::17]'],
    ...['localhost', 'LOCALHOST:80', 'localhost.', 'stage.localhost:1', hostname()],
  ])('%s is answered: no foreign page can have it', async (host) => {
    expect(await statusFor(host)).toBe(200);
  });

  test.each([
    ...[
      'evil.example',
      'evil.example:9464',
      'evil',
      '127.0.0.1.evil.example',
      'localhost.evil.example',
    ],
    ...[
      '127.0.0.1:9464.evil.example',
      'notlocalhost',
      '127.0.0.1@evil.example',
      '2130706433',
      '127.1',
    ],
    ...['[::1].evil.example', '*', 'allowed.example.evil'],
  ])('%s gets 421, and nothing of what is served', async (host) => {
    const options = { allowedHosts: ['allowed.example'] };
    expect(await statusFor(host, options)).toBe(421);
  });

  test('may be a name that is allowed, whatever its port and its letters', async () => {
    const options = { allowedHosts: ['flows.example.org'] };
    for (const host of ['flows.example.org', 'FLOWS.example.org:9464', 'flows.example.org.']) {
      expect(await statusFor(host, options)).toBe(200);
    }
  });

  test('may be any where all are allowed', async () => {
    expect(await statusFor('evil.example', { allowedHosts: ['*'] })).toBe(200);
  });

  test('need not be there in HTTP/1.0', async () => {
    const { port } = await started();
    expect(await raw('GET /there HTTP/1.0\r\n\r\n', port)).toMatch(/^HTTP\/1\.1 200 /);
  });
});

describe('an address that cannot be listened on', () => {
  test('says that it is in use, and what to set', async () => {
    const { port } = await started();
    const again = serve({ host: '127.0.0.1', port }, routes);
    await expect(again).rejects.toThrow(
      `HTTP_LISTEN: 127.0.0.1:${port} is in use, perhaps by another process of kafka2ipfix; give another host:port, or off`,
    );
  });

  test('says that the address is not one of this host', async () => {
    const elsewhere = serve({ host: '192.0.2.1', port: 0 }, routes);
    await expect(elsewhere).rejects.toThrow('192.0.2.1:0 is not an address of this host');
  });
});
