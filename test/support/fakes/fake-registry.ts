// A schema registry over real HTTP, for the answers that a real one gives only when it is ill.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

export type RegistryFault =
  | { readonly status: number; readonly body?: string; readonly location?: string }
  | 'hang'
  | 'reset'
  | 'cut'
  | 'garbage'
  | 'huge'
  | 'drip';

export interface FakeSchema {
  readonly schema: unknown;
  readonly schemaType?: string;
  readonly references?: readonly { name: string; subject: string; version: number }[];
  /** Softly: a version is answered only to those who ask for deleted ones too. */
  readonly deleted?: true;
}

export interface FakeRegistry {
  readonly url: string;
  /** By id; may be changed at any time. */
  readonly schemas: Map<number, FakeSchema>;
  /** By `subject/version`; `latest` is a version. */
  readonly subjects: Map<string, FakeSchema>;
  /** For one path, or for all where the path is "*". */
  readonly faults: Map<string, RegistryFault>;
  /** Every request, as its path. */
  readonly requests: string[];
  /** What was sent to prove who asks. */
  readonly authorizations: (string | undefined)[];
  /** Octets of the huge answer that were taken. */
  readonly sentOctets: () => number;
  close(): Promise<void>;
}

const hugeOctets = 100 * 1024 * 1024;

export async function startFakeRegistry(tls?: ServerOptions): Promise<FakeRegistry> {
  const schemas = new Map<number, FakeSchema>();
  const subjects = new Map<string, FakeSchema>();
  const faults = new Map<string, RegistryFault>();
  const requests: string[] = [];
  const authorizations: (string | undefined)[] = [];
  const sockets = new Set<Socket>();
  let sentOctets = 0;

  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const path = request.url ?? '';
    requests.push(path);
    authorizations.push(request.headers.authorization);
    const fault = faults.get(path) ?? faults.get('*');
    if (fault !== undefined) misbehave(fault, request, response);
    else json(response, ...found(path));
  };

  const found = (path: string): [status: number, body: unknown] => {
    const id = /^\/schemas\/ids\/(\d+)$/.exec(path)?.[1];
    const version = /^\/subjects\/([^/]+)\/versions\/(\w+)(\?deleted=true)?$/.exec(path);
    const schema =
      id === undefined
        ? subjects.get(`${decodeURIComponent(version?.[1] ?? '')}/${version?.[2] ?? ''}`)
        : schemas.get(Number(id));
    const isHidden = schema?.deleted === true && version !== null && version[3] === undefined;
    if (!schema || isHidden)
      return [404, { error_code: id === undefined ? 40401 : 40403, message: 'no' }];
    const text = typeof schema.schema === 'string' ? schema.schema : JSON.stringify(schema.schema);
    return [200, { ...schema, schema: text }];
  };

  const misbehave = (fault: RegistryFault, request: IncomingMessage, response: ServerResponse) => {
    if (fault === 'hang') return;
    if (fault === 'reset') request.socket.resetAndDestroy();
    else if (fault === 'garbage') response.end('<html>not here</html>');
    else if (fault === 'cut') {
      response.writeHead(200, { 'content-length': 1000 });
      response.write('{"schema":');
      setTimeout(() => request.socket.destroy(), 20);
    } else if (fault === 'drip') {
      response.writeHead(200);
      const timer = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(timer));
    } else if (fault === 'huge') huge(response);
    else {
      const { status, body = '', location } = fault;
      response.writeHead(status, location === undefined ? {} : { location }).end(body);
    }
  };

  const huge = (response: ServerResponse): void => {
    const chunk = Buffer.alloc(65_536, 0x20);
    const more = (): void => {
      while (sentOctets < hugeOctets && !response.destroyed) {
        sentOctets += chunk.length;
        if (!response.write(chunk)) {
          response.once('drain', more);
          return;
        }
      }
      response.end();
    };
    more();
  };

  const server = tls ? createTlsServer(tls, answer) : createServer(answer);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    ...{ schemas, subjects, faults, requests, authorizations },
    sentOctets: () => sentOctets,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/vnd.schemaregistry.v1+json' });
  response.end(JSON.stringify(body));
}
