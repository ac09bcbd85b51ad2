// IPv4, IPv6 and MAC addresses out of text, as the octets of that text. Nothing is allocated: compiled code
// calls this for every event.

const dot = 0x2e;
const colon = 0x3a;

/** Reads the text of `octets` octets from `at` on. The length of what is then in `into`; 0: no such address. */
export type AddressReader = (bytes: Buffer, at: number, octets: number, into: Buffer) => number;

/** Writes 4 octets or 16 into `into` and returns how many; 0 where the text is not an IP address. */
export function addressFromOctets(bytes: Buffer, at: number, octets: number, into: Buffer): number {
  const end = at + octets;
  for (let i = at; i < end; i += 1) {
    if (bytes[i] === colon) return ipv6(bytes, at, end, into) ? 16 : 0;
    if (bytes[i] === dot) break;
  }
  return ipv4(bytes, at, end, into, 0) ? 4 : 0;
}

// Dotted quad: four numbers without leading zeros, which some read as octal.
function ipv4(bytes: Buffer, from: number, end: number, into: Buffer, put: number): boolean {
  let part = 0;
  let value = -1;
  for (let i = from; i < end; i += 1) {
    const code = bytes[i]!;
    if (code === dot) {
      if (value < 0 || part === 3) return false;
      into[put + part] = value;
      part += 1;
      value = -1;
      continue;
    }
    const digit = code - 0x30;
    if (digit < 0 || digit > 9 || value === 0) return false;
    value = value < 0 ? digit : value * 10 + digit;
    if (value > 255) return false;
  }
  if (value < 0 || part !== 3) return false;
  into[put + 3] = value;
  return true;
}

// RFC 4291 §2.2: groups of 1 to 4 hexadecimal digits; "::" once for groups of zeros; the last two groups
// may be a dotted quad.
function ipv6(bytes: Buffer, from: number, end: number, into: Buffer): boolean {
  let length = 0;
  let gapAt = -1;
  let i = from;
  if (bytes[i] === colon) {
    if (end - i < 2 || bytes[i + 1] !== colon) return false;
    gapAt = 0;
    i += 2;
  }
  while (i < end) {
    const start = i;
    let group = 0;
    let digit = hexDigit(bytes[i]!);
    while (digit >= 0) {
      if (i - start === 4) return false;
      group = group * 16 + digit;
      i += 1;
      digit = i < end ? hexDigit(bytes[i]!) : -1;
    }
    if (i < end && bytes[i] === dot) {
      if (length > 12 || !ipv4(bytes, start, end, into, length)) return false;
      length += 4;
      break;
    }
    if (i === start || length === 16) return false;
    into[length] = group >> 8;
    into[length + 1] = group;
    length += 2;
    if (i === end) break;
    if (bytes[i] !== colon) return false;
    i += 1;
    if (i === end) return false;
    if (bytes[i] === colon) {
      if (gapAt >= 0) return false;
      gapAt = length;
      i += 1;
    }
  }
  return gapAt < 0 ? length === 16 : length < 16 && spread(into, gapAt, length);
}

/** Moves what stands behind "::" to the end. */
function spread(into: Buffer, gapAt: number, length: number): boolean {
  const shift = 16 - length;
  for (let i = length - 1; i >= gapAt; i -= 1) into[i + shift] = into[i]!;
  for (let i = gapAt; i < gapAt + shift; i += 1) into[i] = 0;
  return true;
}

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

const groupings: ReadonlyMap<number, readonly [digits: number, separators: readonly number[]]> =
  new Map([
    [12, [12, []]],
    [14, [4, [dot]]],
    [17, [2, [colon, 0x2d]]],
  ]);

/** `aa:bb:cc:dd:ee:ff`, `aa-bb-…`, `aabb.ccdd.eeff` or 12 digits → 6; 0 where it is none of these. */
export function macFromOctets(bytes: Buffer, at: number, octets: number, into: Buffer): number {
  const grouping = groupings.get(octets);
  if (!grouping) return 0;
  const [digits, separators] = grouping;
  const separator = bytes[at + digits]!;
  if (octets > 12 && !separators.includes(separator)) return 0;
  let nibbles = 0;
  for (let i = 0; i < octets; i += 1) {
    const code = bytes[at + i]!;
    if (i % (digits + 1) === digits) {
      if (code !== separator) return 0;
      continue;
    }
    const digit = hexDigit(code);
    if (digit < 0) return 0;
    const put = nibbles >> 1;
    into[put] = (nibbles & 1) === 0 ? digit : (into[put]! << 4) | digit;
    nibbles += 1;
  }
  return 6;
}

// RFC 4291 §2.5.5.2: ::ffff:0:0/96 is an IPv4 address in the form of an IPv6 one.
export function isMapped(bytes: Uint8Array, at: number): boolean {
  if (bytes[at + 10] !== 0xff || bytes[at + 11] !== 0xff) return false;
  for (let i = at; i < at + 10; i += 1) if (bytes[i] !== 0) return false;
  return true;
}

/** 1 for the octets of an IPv4 address, 2 for those of an IPv6 one, 0 for what is neither. */
export function addressVersion(value: unknown): 0 | 1 | 2 {
  if (!(value instanceof Uint8Array)) return 0;
  return value.length === 4 ? 1 : value.length === 16 ? 2 : 0;
}
