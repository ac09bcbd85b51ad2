// TLS to the registry: an authority of one's own, a client certificate, and neither.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import {
  SchemaRegistry,
  type SchemaRegistryOptions,
} from '../../../src/sources/schemas/schema-registry.ts';
import { startFakeRegistry } from '../../support/fakes/fake-registry.ts';

const folder = mkdtempSync(join(tmpdir(), 'kafka2ipfix-tls-'));
afterAll(() => rmSync(folder, { recursive: true }));

const openssl = (...words: readonly string[]) =>
  execFileSync('openssl', words, { cwd: folder, stdio: 'ignore' });
const pem = (name: string) => readFileSync(join(folder, name), 'utf8');

function authority(name: string): void {
  const subject = ['-subj', `/CN=${name}`];
  openssl(
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2'],
    ...subject,
    ...['-keyout', `${name}.key`, '-out', `${name}.pem`],
  );
}

function certificate(name: string, by: string): void {
  const request = ['-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`];
  openssl(...['req', '-newkey', 'rsa:2048', '-nodes'], ...request);
  writeFileSync(join(folder, 'names'), 'subjectAltName=IP:127.0.0.1');
  const signed = ['-CA', `${by}.pem`, '-CAkey', `${by}.key`, '-CAcreateserial', '-days', '2'];
  openssl(
    ...['x509', '-req', '-in', `${name}.csr`, '-out', `${name}.pem`, '-extfile', 'names'],
    ...signed,
  );
}

authority('ca');
authority('stranger');
certificate('server', 'ca');
certificate('client', 'ca');

async function fetched(tls: SchemaRegistryOptions['tls']): Promise<unknown> {
  const served = { key: pem('server.key'), cert: pem('server.pem'), ca: pem('ca.pem') };
  const fake = await startFakeRegistry({ ...served, requestCert: true, rejectUnauthorized: true });
  fake.schemas.set(1, { schema: 'string', schemaType: 'AVRO' }).set(2, { schema: '"string"' });
  const registry = new SchemaRegistry({
    urls: [fake.url],
    timeoutMs: 2_000,
    unknownTtlMs: 0,
    ...(tls ? { tls } : {}),
  });
  try {
    return await registry.fetch(2);
  } catch (error) {
    return (error as Error).message;
  } finally {
    registry.close();
    await fake.close();
  }
}

const client = () => ({ cert: pem('client.pem'), key: pem('client.key') });

test('a registry is trusted by its authority, and trusts by the client certificate', async () => {
  expect(await fetched({ ca: pem('ca.pem'), ...client() })).toMatchObject({ json: 'string' });
});

test('a registry of another authority is not trusted', async () => {
  expect(await fetched({ ca: pem('stranger.pem'), ...client() })).toMatch(/certificate/);
  expect(await fetched(undefined)).toMatch(/certificate/);
});

test('a client without a certificate is refused', async () => {
  expect(await fetched({ ca: pem('ca.pem') })).toMatch(/alert|certificate|ECONNRESET|hang up/);
});
