// Which Host headers are answered. A web page of a foreign name can have that name point at this host
// (DNS rebinding) and then read what is served; it cannot do so with an address, nor with our names.

import { isIP } from 'node:net';

/** `names` are answered beside addresses and localhost; `*` is any. */
export function allowedHost(names: readonly string[]): (header: string | undefined) => boolean {
  const known = new Set(names.map((name) => canonical(name)));
  // HTTP/1.0 has no Host header, and no browser speaks it.
  if (known.has('*')) return () => true;
  return (header) => {
    if (header === undefined) return true;
    const host = canonical(withoutPort(header));
    return isAddress(host) || isLocal(host) || known.has(host);
  };
}

// RFC 9110 §7.2: Host = uri-host [ ":" port ]
const withoutPort = (header: string): string => header.trim().replace(/:\d*$/, '');

/** Names are the same in capitals, and with the root's dot. */
const canonical = (host: string): string => host.toLowerCase().replace(/\.$/, '');

const isAddress = (host: string): boolean =>
  isIP(host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host) !== 0;

/** RFC 6761 §6.3: these never leave the host. */
const isLocal = (host: string): boolean => host === 'localhost' || host.endsWith('.localhost');
