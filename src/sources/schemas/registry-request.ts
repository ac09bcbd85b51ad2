// One GET to a schema registry, within a time and a size, and never to another place than asked.

import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import type { Agent } from 'node:http';

/** No answer is available now: what failed, where, and the fix. Never carries credentials. */
export class RegistryUnavailableError extends Error {
  readonly code = 'SCHEMA_REGISTRY_UNAVAILABLE';
  override readonly name = 'RegistryUnavailableError';
}

export interface RequestOptions {
  readonly agent: Agent;
  readonly authorization: string | undefined;
  readonly timeoutMs: number;
  readonly octetsMax: number;
}

export interface Answer {
  readonly status: number;
  /** Parsed JSON; undefined where the body is none. */
  readonly json: unknown;
  readonly location: string | undefined;
}

// node:http and not fetch: it takes the own authorities and client certificate by its Agent, follows no
// redirect, and lets the socket go at the octet where the limit is passed.
/** Rejects with RegistryUnavailableError. */
export function getJson(url: URL, options: RequestOptions): Promise<Answer> {
  const { agent, authorization, timeoutMs, octetsMax } = options;
  const where = `${url.protocol}//${url.host}${url.pathname}`;
  return new Promise((resolve, reject) => {
    const fail = (problem: string, cause?: unknown) => {
      clearTimeout(timer);
      request.destroy();
      reject(new RegistryUnavailableError(`${where}: ${problem}`, { cause }));
    };
    const headers: Record<string, string> = {
      accept: 'application/vnd.schemaregistry.v1+json, application/json',
    };
    if (authorization !== undefined) headers['authorization'] = authorization;
    const send = url.protocol === 'https:' ? tlsRequest : plainRequest;
    const request = send(
      {
        protocol: url.protocol,
        hostname: url.hostname.replace(/^\[(.*)\]$/, '$1'),
        port: url.port,
        path: url.pathname + url.search,
        agent,
        headers,
      },
      (response) => {
        const chunks: Buffer[] = [];
        let octets = 0;
        response.on('data', (chunk: Buffer) => {
          octets += chunk.length;
          if (octets > octetsMax) fail(`its answer is longer than ${octetsMax} octets`);
          else chunks.push(chunk);
        });
        response.on('error', (error) => fail(error.message, error));
        response.on('aborted', () => fail('the connection ended within the answer'));
        response.on('end', () => {
          clearTimeout(timer);
          const { statusCode: status = 0, headers: had } = response;
          resolve({ status, json: parsed(Buffer.concat(chunks)), location: had.location });
        });
      },
    );
    // The whole of it: a server that sends an octet now and then is not an answer either.
    const timer = setTimeout(() => {
      fail(`no answer within ${timeoutMs}ms; raise SCHEMA_REGISTRY_TIMEOUT if this is too short`);
    }, timeoutMs);
    request.on('error', (error: NodeJS.ErrnoException) => {
      fail(error.message || (error.code ?? 'the connection failed'), error);
    });
    request.end();
  });
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
