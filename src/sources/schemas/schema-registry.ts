// A client of schema registries that speak the Confluent REST API, as far as a consumer needs it: the
// schema of an id. Each id is asked for once at a time, and remembered.

import { Agent as PlainAgent } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import type { WriterSchema } from '../delivery.ts';
import { type Answer, getJson, RegistryUnavailableError } from './registry-request.ts';
import { SchemaReferences } from './schema-references.ts';
import {
  isUnknown,
  type SchemaAnswer,
  type SchemasById,
  type UnknownSchema,
} from './schema-store.ts';

export interface SchemaRegistryOptions {
  readonly urls: readonly string[];
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly token?: string | undefined;
  readonly tls?: {
    readonly ca?: string | undefined;
    readonly cert?: string | undefined;
    readonly key?: string | undefined;
  };
  readonly timeoutMs: number;
  /** For how long an id that is not known is not asked for again. */
  readonly unknownTtlMs: number;
  /** Waits between the first questions for an unknown id: a producer may be about to register it. */
  readonly unknownRetriesMs?: readonly number[];
  readonly octetsMax?: number;
  readonly nowMs?: () => number;
}

/** A schema of 1 MiB is far beyond any that people write. */
const answerOctetsMax = 1_048_576;
const unknownRetriesMs = [200, 400, 800];
const referencesMax = 100;

interface Base {
  readonly url: URL;
  readonly authorization: string | undefined;
}

export class SchemaRegistry implements SchemasById {
  readonly #options: SchemaRegistryOptions;
  readonly #agents: { readonly 'http:': PlainAgent; readonly 'https:': TlsAgent };
  readonly #bases: readonly Base[];
  /** Requests, by what came of them. */
  readonly requests = { answered: 0, unknown: 0, unavailable: 0 };
  /** The one that answered last is asked first. */
  #first = 0;
  readonly #schemas = new Map<number, WriterSchema>();
  readonly #unknown = new Map<number, { answer: UnknownSchema; untilMs: number }>();
  readonly #asking = new Map<number, Promise<SchemaAnswer>>();

  constructor(options: SchemaRegistryOptions) {
    this.#options = options;
    const { ca, cert, key } = options.tls ?? {};
    this.#agents = {
      'http:': new PlainAgent(),
      'https:': new TlsAgent({ ca, cert, key }),
    };
    this.#bases = options.urls.map((text) => baseOf(text, options));
  }

  known(id: number): SchemaAnswer | undefined {
    const schema = this.#schemas.get(id);
    if (schema) return schema;
    const unknown = this.#unknown.get(id);
    return unknown && this.#nowMs() < unknown.untilMs ? unknown.answer : undefined;
  }

  fetch(id: number): Promise<SchemaAnswer> {
    const known = this.known(id);
    if (known) return Promise.resolve(known);
    let asking = this.#asking.get(id);
    if (!asking) {
      asking = this.#ask(id).finally(() => this.#asking.delete(id));
      this.#asking.set(id, asking);
    }
    return asking;
  }

  /** The newest schema of a subject. Rejects with RegistryUnavailableError. */
  async latest(subject: string): Promise<WriterSchema> {
    const name = `subject ${subject}`;
    const path = `/subjects/${encodeURIComponent(subject)}/versions/latest`;
    const found = await this.#get(path, (answer) => this.#schemaIn(answer, name));
    if (!isUnknown(found)) return found;
    throw new RegistryUnavailableError(found.problem);
  }

  close(): void {
    this.#agents['http:'].destroy();
    this.#agents['https:'].destroy();
  }

  #nowMs(): number {
    return this.#options.nowMs?.() ?? performance.now();
  }

  async #ask(id: number): Promise<SchemaAnswer> {
    const retries = [...(this.#options.unknownRetriesMs ?? unknownRetriesMs)];
    for (;;) {
      const name = `schema id ${id}`;
      const answer = await this.#get(`/schemas/ids/${id}`, (got) => this.#schemaIn(got, name));
      if (!isUnknown(answer)) {
        this.#schemas.set(id, answer);
        this.#unknown.delete(id);
        return answer;
      }
      const waitMs = 'definite' in answer ? undefined : retries.shift();
      if (waitMs === undefined) {
        this.#unknown.set(id, { answer, untilMs: this.#nowMs() + this.#options.unknownTtlMs });
        return answer;
      }
      await delay(waitMs);
    }
  }

  /** Asks one registry after the other; rejects with what all of them had to say. */
  async #get<T>(path: string, read: (answer: Answer) => T | Promise<T>): Promise<T> {
    const { timeoutMs, octetsMax = answerOctetsMax } = this.#options;
    const failures: Error[] = [];
    for (let i = 0; i < this.#bases.length; i += 1) {
      const number = (this.#first + i) % this.#bases.length;
      const { url: base, authorization } = this.#bases[number]!;
      const url = new URL(base.pathname.replace(/\/$/, '') + path, base);
      const agent = this.#agents[url.protocol as 'http:' | 'https:'];
      try {
        const answer = await getJson(url, { agent, authorization, timeoutMs, octetsMax });
        const found = await read(answer);
        this.requests[isUnknownAnswer(found) ? 'unknown' : 'answered'] += 1;
        this.#first = number;
        return found;
      } catch (error) {
        if (!(error instanceof RegistryUnavailableError)) throw error;
        this.requests.unavailable += 1;
        failures.push(error);
      }
    }
    const problems = failures.map(({ message }) => message).join('; ');
    throw new RegistryUnavailableError(`no schema registry answers: ${problems}`, {
      cause: failures[0],
    });
  }

  async #schemaIn(answer: Answer, name: string): Promise<WriterSchema | UnknownSchema> {
    const found = schemaText(answer, name);
    if ('unknown' in found) return found;
    const { text, references } = found;
    const json = jsonOf(text);
    if (json === undefined) return definitely(`${name}: its text in the registry is not JSON`);
    if (references.length === 0) return { name, json };
    const inlined = new SchemaReferences();
    await this.#referred(references, inlined, { left: referencesMax });
    return { name, json: inlined.within(json) };
  }

  // Depth first: what a reference refers to is defined before it. As in Confluent's client the first
  // reference of a name stands for all of that name.
  async #referred(
    references: readonly Reference[],
    inlined: SchemaReferences,
    budget: { left: number },
  ): Promise<void> {
    for (const reference of references) {
      if (!inlined.begin(reference)) continue;
      const { subject, version } = reference;
      budget.left -= 1;
      if (budget.left < 0)
        throw new RegistryUnavailableError(`more than ${referencesMax} references`);
      const name = `subject ${subject} version ${version}`;
      // As Confluent's client asks: a version that was deleted softly is still what others refer to.
      const path = `/subjects/${encodeURIComponent(subject)}/versions/${version}?deleted=true`;
      const found = await this.#get(path, (answer) => schemaText(answer, name));
      if ('unknown' in found) throw new RegistryUnavailableError(found.problem);
      await this.#referred(found.references, inlined, budget);
      inlined.add(jsonOf(found.text));
    }
  }
}

const isUnknownAnswer = (found: unknown): boolean =>
  typeof found === 'object' && found !== null && 'unknown' in found;

interface Reference {
  readonly name?: unknown;
  readonly subject: string;
  readonly version: number;
}

/** Another question would bring the same: the id is there, and is not an Avro schema. */
interface DefinitelyUnknown extends UnknownSchema {
  readonly definite: true;
}

const definitely = (problem: string): DefinitelyUnknown => ({
  unknown: true,
  definite: true,
  problem,
});

// The Confluent REST API's error codes: 40401 subject, 40402 version, 40403 schema not found.
const notFound: ReadonlySet<unknown> = new Set([40401, 40402, 40403]);

function schemaText(
  { status, json, location }: Answer,
  name: string,
): { text: string; references: readonly Reference[] } | UnknownSchema {
  const body = (typeof json === 'object' && json !== null ? json : {}) as Record<string, unknown>;
  if (status === 404 && notFound.has(body['error_code'])) {
    const problem = `${name} is not in the schema registry; register it, or correct SCHEMA_REGISTRY_URL`;
    return { unknown: true, problem };
  }
  if (status !== 200) throw new RegistryUnavailableError(statusProblem(status, location));
  const { schema, schemaType = 'AVRO', references = [] } = body;
  if (typeof schema !== 'string') {
    throw new RegistryUnavailableError('its answer is not a schema; correct SCHEMA_REGISTRY_URL');
  }
  if (schemaType !== 'AVRO') return definitely(`${name} is ${String(schemaType)}, not Avro`);
  return { text: schema, references: Array.isArray(references) ? (references as Reference[]) : [] };
}

function statusProblem(status: number, location: string | undefined): string {
  if (status === 401 || status === 403) {
    return `it answers ${status}; check SCHEMA_REGISTRY_USERNAME, _PASSWORD and _TOKEN`;
  }
  if (status >= 300 && status < 400) {
    const to = location === undefined ? '' : ` to ${location.replace(/\/\/[^/@]*@/, '//')}`;
    return `it redirects${to}, which is not followed; correct SCHEMA_REGISTRY_URL`;
  }
  if (status === 404)
    return 'it answers 404 without the error code of a registry; correct SCHEMA_REGISTRY_URL';
  return `it answers ${status}`;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function baseOf(text: string, options: SchemaRegistryOptions): Base {
  const url = new URL(text);
  const username = decodeURIComponent(url.username) || options.username;
  const password = decodeURIComponent(url.password) || options.password;
  url.username = '';
  url.password = '';
  const { token } = options;
  if (username !== undefined) {
    const pair = Buffer.from(`${username}:${password ?? ''}`).toString('base64');
    return { url, authorization: `Basic ${pair}` };
  }
  return { url, authorization: token === undefined ? undefined : `Bearer ${token}` };
}
