// Addresses as text: dotted quads, RFC 5952 for IPv6, colons and lower case for MAC addresses.

export function ipv4Text(octets: DataView, at: number): string {
  const word = octets.getUint32(at);
  return `${word >>> 24}.${(word >>> 16) & 255}.${(word >>> 8) & 255}.${word & 255}`;
}

export function macText(octets: DataView, at: number): string {
  const parts: string[] = [];
  for (let i = 0; i < 6; i++)
    parts.push(
      octets
        .getUint8(at + i)
        .toString(16)
        .padStart(2, '0'),
    );
  return parts.join(':');
}

// RFC 5952 §4, §5
//   lower case, no leading zeros in a group; the longest run of two or more zero groups becomes
//   "::", the first of them when two are as long; ::ffff:0:0/96 ends in a dotted quad.
export function ipv6Text(octets: DataView, at: number): string {
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push(octets.getUint16(at + i));
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    return `::ffff:${ipv4Text(octets, at + 12)}`;
  }
  const [start, length] = longestZeroRun(groups);
  if (length < 2) return hexGroups(groups);
  return `${hexGroups(groups.slice(0, start))}::${hexGroups(groups.slice(start + length))}`;
}

function hexGroups(groups: readonly number[]): string {
  return groups.map((group) => group.toString(16)).join(':');
}

function longestZeroRun(groups: readonly number[]): [start: number, length: number] {
  let best: [number, number] = [0, 0];
  for (let start = 0; start < groups.length; start++) {
    let end = start;
    while (groups[end] === 0) end++;
    if (end - start > best[1]) best = [start, end - start];
  }
  return best;
}
