// An HTTP server for a few small answers to GET, with limits that a curious or hostile peer cannot
// use against the process. It knows nothing of what the answers say.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { hostname } from 'node:os';
import { ConfigError } from '../config/config.ts';
import { endpointText } from '../endpoint.ts';
import type { Listen } from '../config/text-values.ts';
import { allowedHost } from './allowed-host.ts';
import { Connections } from './connections.ts';

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a path answers with; undefined where there is nothing. */
export type Routes = (path: string) => Promise<Answer> | Answer | undefined;

export interface HttpServer {
  readonly host: string;
  readonly port: number;
  close(): void;
}

interface ServerLimits {
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
  /** How long an answer may wait for its reader. */
  readonly answerTimeoutMs: number;
  /** A Prometheus, a probe, some browsers: each keeps one or a few. */
  readonly connectionsMax: number;
}

const usualLimits: ServerLimits = {
  headersTimeoutMs: 5_000,
  requestTimeoutMs: 10_000,
  answerTimeoutMs: 10_000,
  connectionsMax: 64,
};
const headerOctetsMax = 8_192;
const headersMax = 64;
const keepAliveMs = 65_000;

const everywhere = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
};
const noPage = "default-src 'none'; frame-ancestors 'none'";

export interface ServerOptions {
  /** Names beside addresses, `localhost` and the one that is listened on; `*` is any. */
  readonly allowedHosts?: readonly string[] | undefined;
  readonly limits?: Partial<ServerLimits>;
}

/** Resolves when it listens. Rejects with ConfigError where it cannot. */
export function serve(
  { host, port }: Listen,
  routes: Routes,
  { allowedHosts = [], limits = {} }: ServerOptions = {},
): Promise<HttpServer> {
  const { headersTimeoutMs, requestTimeoutMs, answerTimeoutMs, connectionsMax } = {
    ...usualLimits,
    ...limits,
  };
  const isAllowed = allowedHost([host, hostname(), ...allowedHosts]);
  const connections = new Connections(connectionsMax);
  const server = createServer(
    {
      maxHeaderSize: headerOctetsMax,
      headersTimeout: headersTimeoutMs,
      requestTimeout: requestTimeoutMs,
      connectionsCheckingInterval: Math.min(1_000, headersTimeoutMs),
      keepAliveTimeout: keepAliveMs,
    },
    (request, response) => {
      connections.answering(request.socket, response);
      const isOurs = isAllowed(request.headers.host);
      void answer(request, response, isOurs ? routes : () => misdirected);
    },
  );
  server.maxHeadersCount = headersMax;
  server.timeout = answerTimeoutMs;
  server.on('connection', (socket: Socket) => connections.add(socket));
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const problem = `${endpointText({ host, port })} ${listenProblem(error)}`;
      reject(new ConfigError([{ where: 'HTTP_LISTEN', problem }]));
    });
    server.listen(port, host, () => resolve(served(server)));
  });
}

function served(server: Server): HttpServer {
  const { address, port } = server.address() as AddressInfo;
  // Out of file descriptors, say: the next connection is tried again.
  server.on('error', () => undefined);
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { host: address, port, close };
}

function listenProblem({ code, message }: NodeJS.ErrnoException): string {
  const elsewhere = 'give another host:port, or off';
  if (code === 'EADDRINUSE')
    return `is in use, perhaps by another process of kafka2ipfix; ${elsewhere}`;
  if (code === 'EADDRNOTAVAIL') return `is not an address of this host; ${elsewhere}`;
  if (code === 'EACCES') return `is not permitted for this user; ${elsewhere}`;
  return `cannot be used (${message}); ${elsewhere}`;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  routes: Routes,
): Promise<void> {
  const { status, type, body, headers } = await answerTo(request, routes);
  const octets = Buffer.from(body);
  response.writeHead(status, {
    ...everywhere,
    'content-security-policy': noPage,
    'content-type': type,
    'content-length': octets.length,
    // Whatever body came is not read.
    ...(hasBody(request) && { connection: 'close' }),
    ...headers,
  });
  response.end(request.method === 'HEAD' ? undefined : octets);
}

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

async function answerTo({ method, url = '' }: IncomingMessage, routes: Routes): Promise<Answer> {
  if (method !== 'GET' && method !== 'HEAD') {
    return text(405, 'only GET and HEAD are supported\n', { allow: 'GET, HEAD' });
  }
  const [path = ''] = url.split('?');
  try {
    return (await routes(path)) ?? text(404, 'not found; see /\n');
  } catch (error) {
    return text(500, `the answer failed: ${(error as Error).message}\n`);
  }
}

/** RFC 9110 §15.5.20. */
const misdirected: Answer = {
  status: 421,
  type: 'text/plain; charset=utf-8',
  body: 'this host name is not allowed; use an IP address, or add the name to HTTP_ALLOWED_HOSTS\n',
};

export const text = (
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Answer => ({ status, type: 'text/plain; charset=utf-8', body, headers });

export const json = (status: number, value: unknown): Answer => ({
  status,
  type: 'application/json; charset=utf-8',
  body: `${JSON.stringify(value)}\n`,
});
