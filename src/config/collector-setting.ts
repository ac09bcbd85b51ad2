// COLLECTORS as it is written → where Messages go, or what to write instead.

import { isIP, isIPv4 } from 'node:net';
import { ValueError } from './text-values.ts';

interface UdpCollector {
  /** A name or an address; an IPv6 address without brackets, its zone behind "%". */
  readonly host: string;
  readonly port: number;
}

interface FileCollector {
  /** The path that the names of all files are made of. */
  readonly file: string;
}

export type Collector = UdpCollector | FileCollector;

/** The port of IPFIX over UDP (RFC 7011 §10.3.4). */
const defaultPort = 4739;

/** Throws ValueError. */
export function collectorFrom(text: string): Collector {
  if (/^file:/i.test(text)) return fileFrom(text.slice('file:'.length));
  const [, scheme = '', rest = ''] = /^([a-z][a-z\d+.-]*):\/\/(.*)$/i.exec(text) ?? [];
  if (scheme === '')
    throw new ValueError('is not a collector; write it as ipfix://host:4739 or file:path');
  if (scheme.toLowerCase() !== 'ipfix') throw new ValueError(schemeProblem(scheme.toLowerCase()));
  // What stands before the "@" may be a password: it is not repeated.
  if (rest.includes('@')) {
    throw new ValueError(
      'has a user before "@", which IPFIX does not support; write ipfix://host:4739',
    );
  }
  const authority = rest.replace(/\/$/, '');
  if (/[/?#]/.test(authority)) {
    throw new ValueError(
      'has a path after the host, which IPFIX does not support; write ipfix://host:4739',
    );
  }
  return udpFrom(authority);
}

function fileFrom(path: string): Collector {
  const file = path.replace(/^\/\/(?=\/)/, '');
  if (/[^/]$/.test(file) && !file.startsWith('//')) return { file };
  throw new ValueError('does not name a file; write it as file:/var/flows/flows.ipfix');
}

function schemeProblem(scheme: string): string {
  if (scheme === 'udp')
    return 'has the scheme udp: IPFIX is always sent by UDP; write ipfix://host:4739';
  if (/^(netflow|nfv?|sflow|jflow|cflow)/.test(scheme)) {
    return `asks for ${scheme}, which is not supported: only IPFIX is sent; write ipfix://host:4739 for a collector that reads IPFIX`;
  }
  if (/^(ipfix[+-])?(tcp|sctp|dtls|tls|udp|ipfixs)$/.test(scheme)) {
    return `asks for ${scheme}: only UDP is supported; write ipfix://host:4739`;
  }
  return `has the unknown scheme ${scheme}; write ipfix://host:4739, or file:path`;
}

function udpFrom(authority: string): Collector {
  // Where the address ends and the port begins, nobody can know without brackets.
  if (!authority.includes(']') && authority.split(':').length > 2) {
    throw new ValueError(
      'has an IPv6 address without brackets; write it as ipfix://[2001:db8::1]:4739',
    );
  }
  const [, bracketed, plain, portText] =
    /^(?:\[([^\]]*)\]|([^[\]:]*))(?::(.*))?$/.exec(authority) ?? [];
  const written = bracketed ?? plain;
  if (written === undefined) {
    throw new ValueError('has brackets in the wrong place; write it as ipfix://[2001:db8::1]:4739');
  }
  if (written === '') throw new ValueError('does not name a host; write it as ipfix://host:4739');
  const port = portFrom(portText);
  return { host: bracketed === undefined ? plainHost(written) : ipv6Host(written), port };
}

function portFrom(text: string | undefined): number {
  if (text === undefined) return defaultPort;
  if (text === '') throw new ValueError('has no port after ":"; write it as ipfix://host:4739');
  if (!/^\d+$/.test(text))
    throw new ValueError('has a port that is not a number; write 1 to 65535');
  const port = Number(text);
  if (port >= 1 && port <= 65_535) return port;
  throw new ValueError('has a port out of range; 1 to 65535');
}

function plainHost(host: string): string {
  if (/[\s%]/.test(host))
    throw new ValueError('has a host with a blank or "%"; write ipfix://host:4739');
  if (isIPv4(host)) return ipv4Host(host);
  // The system would take "10.1" for 10.0.0.1, and "010" for 8.
  if (/^(0x[\da-f]*|\d+)(\.(0x[\da-f]*|\d+))*\.?$/i.test(host)) {
    throw new ValueError(
      `has "${host}", which is not an IPv4 address; write four numbers from 0 to 255`,
    );
  }
  return host;
}

function ipv6Host(text: string): string {
  // RFC 6874: "%25" stands before a zone; people write "%" alone.
  const [address = '', zone] = text.replace('%25', '%').split('%');
  if (isIP(address) !== 6) {
    throw new ValueError(
      isIPv4(address)
        ? `has an IPv4 address in brackets; write it as ipfix://${address}:4739`
        : `has "${address}" in brackets, which is not an IPv6 address; write it as ipfix://[2001:db8::1]:4739`,
    );
  }
  const canonical = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const mapped = /^::ffff:([\da-f]+):([\da-f]+)$/.exec(canonical);
  if (mapped) return mappedHost(Number(`0x${mapped[1]}`), Number(`0x${mapped[2]}`));
  if (canonical === '::')
    throw new ValueError(
      'has ::, which is not the address of a host; write ipfix://[::1]:4739 for this host',
    );
  if (canonical.startsWith('ff')) throw new ValueError(multicastProblem(address));
  const isLinkLocal = /^fe[89ab]/.test(canonical);
  if (zone === undefined) {
    if (!isLinkLocal) return address;
    throw new ValueError(
      `has ${address}, which is different on each link: name the interface, as in ipfix://[${address}%25eth0]:4739`,
    );
  }
  if (!/^[\w.:@-]+$/.test(zone)) {
    throw new ValueError(
      `has the zone "${zone}", which is not an interface; write it as ipfix://[${address}%25eth0]:4739`,
    );
  }
  if (isLinkLocal) return `${address}%${zone}`;
  throw new ValueError(
    `has a zone after ${address}, which is not a link-local address; write ipfix://[${address}]:4739`,
  );
}

// RFC 4291 §2.5.5.2: IPv4 by another name. Its packets have IPv4's headers.
const mappedHost = (high: number, low: number): string =>
  ipv4Host([high >> 8, high & 0xff, low >> 8, low & 0xff].join('.'));

function ipv4Host(host: string): string {
  const first = Number(host.split('.')[0]);
  if (first === 0)
    throw new ValueError(
      `has ${host}, which is not the address of a host; write ipfix://127.0.0.1:4739 for this host`,
    );
  if (host === '255.255.255.255') throw new ValueError(broadcastProblem(host));
  if (first >= 224 && first < 240) throw new ValueError(multicastProblem(host));
  if (first >= 240)
    throw new ValueError(`has ${host}, which is reserved; write the collector's own address`);
  return host;
}

const multicastProblem = (address: string): string =>
  `has the multicast address ${address}: no refusal is possible there, so that losses are never detected; write the address of one collector`;

export const broadcastProblem = (address: string): string =>
  `has the broadcast address ${address}: no refusal is possible there, so that losses are never detected; write the address of one collector`;
