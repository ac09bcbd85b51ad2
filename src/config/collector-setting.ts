// COLLECTORS as it is written → where Messages go, or what to write instead.

import { isIP, isIPv4 } from 'node:net';

export interface UdpCollector {
  /** A name or an address; an IPv6 address without brackets, its zone behind "%". */
  readonly host: string;
  readonly port: number;
}

export interface FileCollector {
  /** The path that the names of all files are made of. */
  readonly file: string;
}

export type Collector = UdpCollector | FileCollector;

/** What is wrong, and what to write instead; it goes on behind the setting's name. */
export interface CollectorProblem {
  readonly problem: string;
}

/** The port of IPFIX over UDP (RFC 7011 §10.3.4). */
const defaultPort = 4739;

export function collectorFrom(text: string): Collector | CollectorProblem {
  if (/^file:/i.test(text)) return fileFrom(text.slice('file:'.length));
  const [, scheme = '', rest = ''] = /^([a-z][a-z\d+.-]*):\/\/(.*)$/i.exec(text) ?? [];
  if (scheme === '') return fault('is not a collector; write it as ipfix://host:4739 or file:path');
  if (scheme.toLowerCase() !== 'ipfix') return fault(schemeProblem(scheme.toLowerCase()));
  // What stands before the "@" may be a password: it is not repeated.
  if (rest.includes('@')) {
    return fault('has a user before "@", which IPFIX does not know; write ipfix://host:4739');
  }
  const authority = rest.replace(/\/$/, '');
  if (/[/?#]/.test(authority)) {
    return fault('has a path behind the host, which IPFIX does not know; write ipfix://host:4739');
  }
  return udpFrom(authority);
}

function fileFrom(path: string): Collector | CollectorProblem {
  const file = path.replace(/^\/\/(?=\/)/, '');
  return /[^/]$/.test(file) && !file.startsWith('//')
    ? { file }
    : fault('names no file; write it as file:/var/flows/flows.ipfix');
}

function schemeProblem(scheme: string): string {
  if (scheme === 'udp')
    return 'has the scheme udp: IPFIX goes by UDP anyway; write ipfix://host:4739';
  if (/^(netflow|nfv?|sflow|jflow|cflow)/.test(scheme)) {
    return `asks for ${scheme}, which is not sent: only IPFIX is; write ipfix://host:4739 for a collector that reads it`;
  }
  if (/^(ipfix[+-])?(tcp|sctp|dtls|tls|udp|ipfixs)$/.test(scheme)) {
    return `asks for ${scheme}: only UDP is supported, which ipfix://host:4739 stands for`;
  }
  return `has the unknown scheme ${scheme}; write ipfix://host:4739, or file:path`;
}

function udpFrom(authority: string): Collector | CollectorProblem {
  // Where the address ends and the port begins, nobody can know without brackets.
  if (!authority.includes(']') && authority.split(':').length > 2) {
    return fault('has an IPv6 address without brackets; write it as ipfix://[2001:db8::1]:4739');
  }
  const [, bracketed, plain, portText] =
    /^(?:\[([^\]]*)\]|([^[\]:]*))(?::(.*))?$/.exec(authority) ?? [];
  const written = bracketed ?? plain;
  if (written === undefined) {
    return fault('has brackets in the wrong place; write it as ipfix://[2001:db8::1]:4739');
  }
  if (written === '') return fault('names no host; write it as ipfix://host:4739');
  const port = portFrom(portText);
  if (typeof port !== 'number') return port;
  const host = bracketed === undefined ? plainHost(written) : ipv6Host(written);
  return typeof host === 'string' ? { host, port } : host;
}

function portFrom(text: string | undefined): number | CollectorProblem {
  if (text === undefined) return defaultPort;
  if (text === '') return fault('has no port behind ":"; write it as ipfix://host:4739');
  if (!/^\d+$/.test(text)) return fault('has a port that is not a number; write 1 to 65535');
  const port = Number(text);
  return port >= 1 && port <= 65_535 ? port : fault('has a port out of range; 1 to 65535');
}

function plainHost(host: string): string | CollectorProblem {
  if (/[\s%]/.test(host))
    return fault('has a host with a blank or "%" in it; write ipfix://host:4739');
  if (isIPv4(host)) return ipv4Problem(host) ?? host;
  // The system would take "10.1" for 10.0.0.1, and "010" for 8.
  if (/^(0x[\da-f]*|\d+)(\.(0x[\da-f]*|\d+))*\.?$/i.test(host)) {
    return fault(`has "${host}", which is not an IPv4 address; write four numbers from 0 to 255`);
  }
  return host;
}

function ipv6Host(text: string): string | CollectorProblem {
  // RFC 6874: "%25" stands before a zone; people write "%" alone.
  const [address = '', zone] = text.replace('%25', '%').split('%');
  if (isIP(address) !== 6) {
    return fault(
      isIPv4(address)
        ? `has an IPv4 address in brackets; write it as ipfix://${address}:4739`
        : `has "${address}" in brackets, which is not an IPv6 address; write it as ipfix://[2001:db8::1]:4739`,
    );
  }
  const canonical = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const mapped = /^::ffff:([\da-f]+):([\da-f]+)$/.exec(canonical);
  if (mapped) return mappedHost(Number(`0x${mapped[1]}`), Number(`0x${mapped[2]}`));
  if (canonical === '::')
    return fault('has ::, which is no host; write ipfix://[::1]:4739 for this one');
  if (canonical.startsWith('ff')) return fault(multicastProblem(address));
  const isLinkLocal = /^fe[89ab]/.test(canonical);
  if (zone === undefined) {
    return isLinkLocal
      ? fault(
          `has ${address}, which each link has its own of: name the interface, as in ipfix://[${address}%25eth0]:4739`,
        )
      : address;
  }
  if (!/^[\w.:@-]+$/.test(zone)) {
    return fault(
      `has the zone "${zone}", which is not an interface; write it as ipfix://[${address}%25eth0]:4739`,
    );
  }
  return isLinkLocal
    ? `${address}%${zone}`
    : fault(
        `has a zone behind ${address}, which is not of one link alone; write ipfix://[${address}]:4739`,
      );
}

// RFC 4291 §2.5.5.2: IPv4 by another name. Its packets have IPv4's headers.
function mappedHost(high: number, low: number): string | CollectorProblem {
  const host = [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.');
  return ipv4Problem(host) ?? host;
}

function ipv4Problem(host: string): CollectorProblem | undefined {
  const first = Number(host.split('.')[0]);
  if (first === 0)
    return fault(`has ${host}, which is no host; write ipfix://127.0.0.1:4739 for this one`);
  if (host === '255.255.255.255') return fault(broadcastProblem(host));
  if (first >= 224 && first < 240) return fault(multicastProblem(host));
  if (first >= 240)
    return fault(`has ${host}, which is reserved; write the collector's own address`);
  return undefined;
}

const multicastProblem = (address: string): string =>
  `has the multicast address ${address}: nobody can refuse there, so that a loss is never seen; write the address of one collector`;

export const broadcastProblem = (address: string): string =>
  `has the broadcast address ${address}: nobody can refuse there, so that a loss is never seen; write the address of one collector`;

const fault = (problem: string): CollectorProblem => ({ problem });
