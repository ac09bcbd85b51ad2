// The registry client over real HTTP: what it finds, what it remembers, and every way to get no answer.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseSchema } from '../../../src/avro/schema.ts';
import { RegistryUnavailableError } from '../../../src/sources/schemas/registry-request.ts';
import {
  SchemaRegistry,
  type SchemaRegistryOptions,
} from '../../../src/sources/schemas/schema-registry.ts';
import {
  type FakeRegistry,
  type FakeSchema,
  type RegistryFault,
  startFakeRegistry,
} from '../../support/fakes/fake-registry.ts';

let fake: FakeRegistry;
let registry: SchemaRegistry;
let nowMs = 0;

const registryAt = (options: Partial<SchemaRegistryOptions> = {}): SchemaRegistry =>
  new SchemaRegistry({
    urls: [fake.url],
    timeoutMs: 400,
    unknownTtlMs: 10_000,
    unknownRetriesMs: [1, 1, 1],
    nowMs: () => nowMs,
    ...options,
  });

beforeEach(async () => {
  fake = await startFakeRegistry();
  registry = registryAt();
  nowMs = 0;
});
afterEach(async () => {
  registry.close();
  await fake.close();
});

const flow = {
  type: 'record',
  name: 'Flow',
  fields: [{ name: 'bytes', type: 'long', ipfix: 'octetDeltaCount' }],
};

describe('an id', () => {
  test('gives the schema with its foreign attributes, the same object each time', async () => {
    fake.schemas.set(7, { schema: flow });
    expect(registry.known(7)).toBeUndefined();
    const schema = await registry.fetch(7);
    expect(schema).toEqual({ name: 'schema id 7', json: flow });
    expect(registry.known(7)).toBe(schema);
    expect(await registry.fetch(7)).toBe(schema);
    expect(fake.requests).toEqual(['/schemas/ids/7']);
  });

  test('is asked for once, however many wait for it', async () => {
    fake.schemas.set(7, { schema: flow });
    const all = await Promise.all(Array.from({ length: 100 }, () => registry.fetch(7)));
    expect(new Set(all).size).toBe(1);
    expect(fake.requests).toHaveLength(1);
  });

  test('that is not known is asked for a few times, then not until its time is up', async () => {
    const answer = await registry.fetch(9);
    expect(answer).toEqual({
      unknown: true,
      problem:
        'schema id 9 is not in the schema registry; register it, or correct SCHEMA_REGISTRY_URL',
    });
    expect(fake.requests).toHaveLength(4);
    nowMs = 9_999;
    expect(registry.known(9)).toBe(answer);
    await registry.fetch(9);
    expect(fake.requests).toHaveLength(4);
    nowMs = 10_000;
    expect(registry.known(9)).toBeUndefined();
    fake.schemas.set(9, { schema: flow });
    expect(await registry.fetch(9)).toMatchObject({ name: 'schema id 9' });
  });

  test('that a producer registers a moment later is found', async () => {
    registry = registryAt({ unknownRetriesMs: [1, 200] });
    const fetched = registry.fetch(9);
    await new Promise((resolve) => setTimeout(resolve, 50));
    fake.schemas.set(9, { schema: flow });
    expect(await fetched).toMatchObject({ name: 'schema id 9' });
  });

  test.each([
    [{ schema: 'syntax = "proto3";', schemaType: 'PROTOBUF' }, 'schema id 9 is PROTOBUF, not Avro'],
    [{ schema: '{"type": "object"}', schemaType: 'JSON' }, 'schema id 9 is JSON, not Avro'],
    [{ schema: '{"type":' }, 'schema id 9: its text in the registry is not JSON'],
  ])('of something else than Avro is unknown for good: %j', async (schema, problem) => {
    fake.schemas.set(9, schema);
    expect(await registry.fetch(9)).toMatchObject({ unknown: true, problem });
    expect(fake.requests).toHaveLength(1);
  });
});

describe('references', () => {
  const address = { type: 'fixed', name: 'Address', namespace: 'net', size: 4 };
  const endpoint = {
    type: 'record',
    name: 'net.Endpoint',
    fields: [
      { name: 'ip', type: 'Address' },
      { name: 'port', type: 'int' },
    ],
  };

  test('are put where their names are first used, with their own references', async () => {
    const toAddress = [{ name: 'net.Address', subject: 'addr/ess', version: 3 }];
    fake.subjects.set('addr/ess/3', { schema: address });
    fake.subjects.set('endpoint/1', { schema: endpoint, references: toAddress });
    fake.schemas.set(1, {
      schema: {
        type: 'record',
        name: 'Flow',
        fields: [
          { name: 'source', type: ['null', 'net.Endpoint'] },
          { name: 'destination', type: 'net.Endpoint' },
          { name: 'hops', type: { type: 'array', items: 'net.Address' } },
        ],
      },
      references: [{ name: 'net.Endpoint', subject: 'endpoint', version: 1 }, ...toAddress],
    });
    const schema = await registry.fetch(1);
    const root = parseSchema((schema as { json: unknown }).json);
    expect(root).toMatchObject({
      fields: [
        { type: { members: [{ kind: 'null' }, { name: 'net.Endpoint' }] } },
        { type: { name: 'net.Endpoint', fields: [{ type: { size: 4 } }, {}] } },
        { type: { items: { name: 'net.Address' } } },
      ],
    });
    expect(fake.requests.filter((path) => path.includes('addr%2Fess'))).toHaveLength(1);
  });

  const port = { type: 'record', name: 'Port', fields: [{ name: 'number', type: 'int' }] };
  const host = {
    type: 'record',
    name: 'Host',
    namespace: 'com.acme',
    fields: [
      { name: 'ip', type: 'string' },
      { name: 'port', type: port },
    ],
  };
  const flowOf = (...fields: readonly (readonly [name: string, type: unknown])[]) => ({
    schema: {
      type: 'record',
      name: 'Flow',
      namespace: 'com.acme',
      fields: fields.map(([name, type]) => ({ name, type })),
    },
    references: [{ name: 'com.acme.Host', subject: 'host', version: 1 }],
  });

  async function rootOf(schema: FakeSchema, referred: unknown = host) {
    fake.subjects.set('host/1', { schema: referred });
    fake.schemas.set(1, schema);
    return parseSchema(((await registry.fetch(1)) as { json: unknown }).json);
  }

  test('define the types inside them as well, before and after their own name is used', async () => {
    const number = { kind: 'record', name: 'com.acme.Port', fields: [{ name: 'number' }] };
    const before = await rootOf(flowOf(['dport', 'Port'], ['src', 'Host'], ['x', 'Port']));
    expect(before).toMatchObject({
      fields: [{ type: number }, { type: { fields: [{}, { type: number }] } }, { type: number }],
    });
  });

  test('may be used for a type inside them alone', async () => {
    const root = await rootOf(flowOf(['dport', ['null', 'com.acme.Port']]));
    expect(root).toMatchObject({
      fields: [{ type: { members: [{}, { name: 'com.acme.Port' }] } }],
    });
  });

  test('whose types hold each other are read', async () => {
    const link = {
      name: 'next',
      type: ['null', { ...host, name: 'Next', fields: [{ name: 'back', type: 'Host' }] }],
    };
    const ring = { ...host, fields: [...host.fields, link] };
    const root = await rootOf(flowOf(['next', 'Next'], ['host', 'Host']), ring);
    expect(root).toMatchObject({
      fields: [{ type: { name: 'com.acme.Next' } }, { type: { name: 'com.acme.Host' } }],
    });
  });

  test('to an array bring the types in it', async () => {
    const root = await rootOf(flowOf(['hosts', { type: 'array', items: 'Host' }]), {
      type: 'array',
      items: host,
    });
    expect(root).toMatchObject({ fields: [{ type: { items: { name: 'com.acme.Host' } } }] });
  });

  test('that define a type as the schema does are one with it; otherwise they are refused', async () => {
    const own = { ...port, namespace: 'com.acme', doc: 'the same' };
    const same = await rootOf(flowOf(['src', 'Host'], ['dport', own]));
    expect(same).toMatchObject({ fields: [{}, { type: { name: 'com.acme.Port' } }] });
    registry.close();
    registry = registryAt();
    const other = { ...own, fields: [{ name: 'number', type: 'long' }] };
    await expect(rootOf(flowOf(['src', 'Host'], ['dport', other]))).rejects.toThrow(
      'at dport: a second type "com.acme.Port", which differs from the first',
    );
  });

  test('to a version that was deleted softly are found', async () => {
    fake.subjects.set('host/1', { schema: host, deleted: true });
    fake.schemas.set(1, flowOf(['src', 'Host']));
    const { json } = (await registry.fetch(1)) as { json: unknown };
    expect(parseSchema(json)).toMatchObject({ fields: [{ type: { name: 'com.acme.Host' } }] });
  });
});

describe('no answer', () => {
  const cases: readonly [name: string, fault: RegistryFault, problem: RegExp][] = [
    ['500', { status: 500, body: '{"error_code":50001}' }, /it answers 500$/],
    ['429', { status: 429 }, /it answers 429$/],
    [
      '401',
      { status: 401 },
      /it answers 401; check SCHEMA_REGISTRY_USERNAME, _PASSWORD and _TOKEN$/,
    ],
    ['403', { status: 403 }, /it answers 403; check SCHEMA_REGISTRY_USERNAME/],
    [
      'a 404 of another server',
      { status: 404, body: 'Not Found' },
      /404 without the error code of a reg/,
    ],
    [
      'a redirect',
      { status: 302, location: 'http://a:b@192.0.2.1/x' },
      /redirects to http:\/\/192/,
    ],
    [
      'no end of waiting',
      'hang',
      /no answer within 400ms; raise SCHEMA_REGISTRY_TIMEOUT if this is too short$/,
    ],
    ['an octet now and then', 'drip', /no answer within 400ms/],
    ['a connection reset', 'reset', /ECONNRESET|socket hang up/],
    ['an answer cut short', 'cut', /ended within the answer|aborted|ECONNRESET/],
    ['garbage', 'garbage', /its answer is not a schema; correct SCHEMA_REGISTRY_URL$/],
    ['JSON that is no schema', { status: 200, body: '[1]' }, /its answer is not a schema/],
    ['100 MB', 'huge', /its answer is longer than 1048576 octets$/],
  ];

  test.each(cases)('%s: it is unavailable, and says why', async (_, fault, problem) => {
    fake.faults.set('*', fault);
    const error: unknown = await registry.fetch(7).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RegistryUnavailableError);
    expect(error).toMatchObject({ code: 'SCHEMA_REGISTRY_UNAVAILABLE' });
    expect((error as Error).message).toMatch(problem);
    // Nothing of it is remembered: the next question may be answered.
    fake.faults.clear();
    fake.schemas.set(7, { schema: flow });
    expect(registry.known(7)).toBeUndefined();
    expect(await registry.fetch(7)).toMatchObject({ json: flow });
  });

  test('of 100 MB is let go long before its end', async () => {
    fake.faults.set('*', 'huge');
    await expect(registry.fetch(7)).rejects.toThrow('longer than');
    expect(fake.sentOctets()).toBeLessThan(20 * 1024 * 1024);
  });

  test('to a redirect is the end: nobody else is asked', async () => {
    const other = await startFakeRegistry();
    fake.faults.set('*', { status: 301, location: `${other.url}/schemas/ids/7` });
    await expect(registry.fetch(7)).rejects.toThrow('is not followed');
    expect(other.requests).toEqual([]);
    await other.close();
  });

  test('of one registry, and the next is asked; the one that answered is asked first then', async () => {
    const gone = await startFakeRegistry();
    await gone.close();
    fake.schemas.set(7, { schema: flow }).set(8, { schema: flow });
    registry = registryAt({ urls: [gone.url, `${fake.url}/`] });
    expect(await registry.fetch(7)).toMatchObject({ json: flow });
    expect(await registry.fetch(8)).toMatchObject({ json: flow });
    expect(fake.requests).toEqual(['/schemas/ids/7', '/schemas/ids/8']);
    await fake.close();
    await expect(registry.fetch(9)).rejects.toThrow(/ECONNREFUSED.*; .*ECONNREFUSED/);
  });
});

describe('credentials', () => {
  test('are sent as basic or bearer, those of the URL first', async () => {
    fake.schemas.set(1, { schema: flow });
    const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`;
    await registryAt({ username: 'u', password: 'p:w' }).fetch(1);
    await registryAt({ token: 't0ken' }).fetch(1);
    const url = fake.url.replace('//', '//us%40er:pass@');
    await registryAt({ urls: [url], username: 'u', password: 'p' }).fetch(1);
    expect(fake.authorizations).toEqual([basic('u:p:w'), 'Bearer t0ken', basic('us@er:pass')]);
  });

  test('are in no message', async () => {
    fake.faults.set('*', { status: 401 });
    const urls = [fake.url.replace('//', '//canary-user:canary-password@')];
    const error: unknown = await registryAt({ urls, token: 'canary-token' })
      .fetch(1)
      .catch((thrown: unknown) => thrown);
    expect(String(error)).toContain('401');
    expect(JSON.stringify([String(error), (error as Error).stack])).not.toContain('canary');
  });
});

test('the newest schema of a subject is found, and none is said', async () => {
  fake.subjects.set('flows value/latest', { schema: flow });
  expect(await registry.latest('flows value')).toEqual({ name: 'subject flows value', json: flow });
  await expect(registry.latest('none')).rejects.toThrow(
    'subject none is not in the schema registry',
  );
});
