// `healthcheck` as a user calls it, against the answers of a fake run.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { History } from '../../src/http/history.ts';
import { routesOf } from '../../src/http/routes.ts';
import { type HttpServer, serve } from '../../src/http/server.ts';
import { runCommand } from '../support/processes/command-line.ts';
import { viewOf, workerSnapshot } from '../support/fakes/worker-snapshots.ts';

const view = viewOf([workerSnapshot()]);
let server: HttpServer;
let url: string;
const env = { HTTP_LISTEN: '' };

beforeAll(async () => {
  server = await serve({ host: '127.0.0.1', port: 0 }, routesOf(view, new History()));
  url = `http://127.0.0.1:${server.port}`;
  env.HTTP_LISTEN = `127.0.0.1:${server.port}`;
});
afterAll(() => server.close());

describe('healthcheck', () => {
  test('ends with 0 while the run lives, and asks where HTTP_LISTEN says', async () => {
    const { code, stdout } = await runCommand(['healthcheck'], { env });
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'alive\n' });
  });

  test('asks on the loopback address where the run listens on all', async () => {
    const everywhere = { HTTP_LISTEN: `0.0.0.0:${server.port}` };
    expect((await runCommand(['healthcheck'], { env: everywhere })).code).toBe(0);
  });

  test.each(['/', '/livez', '/livez/', '/stats'])(
    'takes a URL that ends with %s as the one of the process',
    async (path) => {
      const args = ['healthcheck', '--url', url + path];
      expect(await runCommand(args, { env: {} })).toMatchObject({ code: 0, stdout: 'alive\n' });
    },
  );

  test('asks whether it is ready where the URL says so', async () => {
    const args = ['healthcheck', '--url', `${url}/readyz`];
    expect(await runCommand(args, { env: {} })).toMatchObject({ code: 0, stdout: 'ready\n' });
  });

  test('with --ready ends with 1 and the reason while it is not ready', async () => {
    expect((await runCommand(['healthcheck', '--ready'], { env })).code).toBe(0);
    view.isDraining = true;
    const { code, stdout } = await runCommand(['healthcheck', '--ready', '--url', url], {
      env: {},
    });
    view.isDraining = false;
    expect({ code, stdout }).toEqual({ code: 1, stdout: 'not ready: the process is ending\n' });
  });

  test('ends with 1 where nothing answers, and says where', async () => {
    const gone = await serve({ host: '127.0.0.1', port: 0 }, () => undefined);
    gone.close();
    const env = { HTTP_LISTEN: `127.0.0.1:${gone.port}` };
    const { code, stderr } = await runCommand(['healthcheck'], { env });
    expect(code).toBe(1);
    expect(stderr).toContain(`http://127.0.0.1:${gone.port}/livez does not answer: `);
    expect(stderr).toContain('ECONNREFUSED');
  });

  test.each([
    [['--url', 'nonsense'], {}, '--url nonsense is not an http:// URL'],
    [[], { HTTP_LISTEN: 'off' }, 'HTTP_LISTEN is off'],
    [['--timeout', 'x'], {}, '--timeout: x is not a number from 0.001 to 3600'],
  ])('refuses %j with 78', async (args, given, said) => {
    const { code, stderr } = await runCommand(['healthcheck', ...args], { env: given });
    expect(code).toBe(78);
    expect(stderr).toContain(said);
  });
});
