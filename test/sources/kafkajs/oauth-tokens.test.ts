// Tokens by client credentials: asked for once, shared, and renewed before they expire.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { OAuthTokens } from '../../../src/sources/kafkajs/oauth-tokens.ts';

async function tokens(answers: readonly (object | number)[], scope?: string) {
  const asked: { authorization: string | undefined; body: string }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      const answer =
        answers[asked.push({ authorization: request.headers.authorization, body }) - 1]!;
      if (typeof answer === 'number') response.writeHead(answer).end('a page with canary-secret');
      else response.end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const clock = { nowMs: 0 };
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
  const client = { url, clientId: 'me:or', clientSecret: 'canary-secret', scope };
  return { asked, clock, url, oauth: new OAuthTokens(client, () => clock.nowMs) };
}

test('a token is asked for once, with the credentials and the scope', async () => {
  const { asked, oauth } = await tokens([{ access_token: 'first', expires_in: 100 }], 'kafka');
  expect(await Promise.all([oauth.token(), oauth.token()])).toEqual(['first', 'first']);
  expect(asked).toEqual([
    {
      authorization: `Basic ${Buffer.from('me%3Aor:canary-secret').toString('base64')}`,
      body: 'grant_type=client_credentials&scope=kafka',
    },
  ]);
});

test('it is renewed when four fifths of its life are over', async () => {
  const answers = ['first', 'second'].map((access_token) => ({ access_token, expires_in: 100 }));
  const { clock, oauth } = await tokens(answers);
  expect(await oauth.token()).toBe('first');
  clock.nowMs = 79_999;
  expect(await oauth.token()).toBe('first');
  clock.nowMs = 80_000;
  expect(await oauth.token()).toBe('second');
});

test('a refusal says so without the secret, and the next call asks again', async () => {
  const { url, oauth } = await tokens([401, {}, { access_token: 'third' }]);
  const refusal = await oauth.token().catch((error: unknown) => error as Error);
  expect(refusal).toMatchObject({ code: 'KAFKA_OAUTH_TOKEN' });
  expect(String(refusal)).toContain(
    `${url} returned no token: HTTP 401; correct KAFKA_SASL_OAUTH_CLIENT_ID`,
  );
  expect(String(refusal)).not.toContain('canary-secret');
  await expect(oauth.token()).rejects.toThrow('a response without a token');
  expect(await oauth.token()).toBe('third');
});

test('a server that is away says so', async () => {
  const oauth = new OAuthTokens({ url: 'http://127.0.0.1:1/', clientId: 'a', clientSecret: 'b' });
  await expect(oauth.token()).rejects.toThrow(/^http:\/\/127\.0\.0\.1:1\/ returned no token: /);
});
