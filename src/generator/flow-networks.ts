// The networks of the demo's small world: each has an IPv4 and an IPv6 prefix and, where it is
// routed on the Internet, an AS. Prefixes from RFC 1918, 2544, 3849, 5737 and 6598; AS numbers
// reserved for documentation (RFC 5398) or private use (RFC 6996), 32-bit ones among them.

interface Prefix {
  readonly octets: Buffer;
  readonly length: number;
}

export interface Network {
  readonly v4: Prefix;
  readonly v6: Prefix;
  readonly as: number | null;
}

const subscribers = network('100.64.0.0/10', '2001:db8:1000::/36', 64496);
const offices = network('10.16.0.0/14', '2001:db8:2000::/44', null);
const servers = network('10.128.0.0/16', '2001:db8:3000::/48', null);
const cloud = network('172.31.0.0/16', '2001:db8:4000::/48', null);
const hosting = network('192.0.2.0/24', '2001:db8:5000::/48', 64500);
const content = network('203.0.113.0/24', '2001:db8:6000::/48', 65551);
const videoCache = network('198.51.100.0/24', '2001:db8:7000::/40', 4_200_000_017);
const elsewhere = network('198.18.0.0/15', '2001:db8:8000::/36', 4_294_967_294);

export const networks = {
  subscribers,
  offices,
  servers,
  cloud,
  hosting,
  content,
  videoCache,
  elsewhere,
};

/** The nth host of a prefix, counted around its end. */
export function hostAddress(prefix: Prefix, host: number): Buffer {
  const address = Buffer.from(prefix.octets);
  if (address.length === 4) {
    // Neither the network's own address nor its broadcast address.
    const hosts = 2 ** (32 - prefix.length) - 2;
    address.writeUInt32BE(address.readUInt32BE(0) + 1 + (host % hosts), 0);
    return address;
  }
  // Of 256 subnets one; an interface identifier that does not give away how hosts are counted.
  address.writeUInt8(host & 0xff, 7);
  address.writeUInt32BE(Math.imul(host + 1, 0x9e3779b1) >>> 0, 8);
  address.writeUInt32BE(Math.imul(host + 1, 0x85ebca6b) >>> 0, 12);
  return address;
}

function network(v4: string, v6: string, as: number | null): Network {
  return { v4: prefix4(v4), v6: prefix6(v6), as };
}

function prefix4(text: string): Prefix {
  const [address = '', length = ''] = text.split('/');
  return { octets: Buffer.from(address.split('.').map(Number)), length: Number(length) };
}

/** Prefixes written as a few whole groups and "::". */
function prefix6(text: string): Prefix {
  const [address = '', length = ''] = text.split('/');
  const octets = Buffer.alloc(16);
  const groups = address.replace(/::$/, '').split(':');
  for (const [at, group] of groups.entries())
    octets.writeUInt16BE(Number.parseInt(group, 16), at * 2);
  return { octets, length: Number(length) };
}
