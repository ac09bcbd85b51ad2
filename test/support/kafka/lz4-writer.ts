// LZ4 frames, written plainly: matches of the nearest earlier place, blocks that are linked.

const blockOctets = 1024;

export function lz4Frame(octets: Buffer): Buffer {
  // Version 1, linked blocks, blocks of at most 64 KiB; the header's checksum is left open.
  const parts: Buffer[] = [Buffer.from('04224d18' + '40' + '40' + '00', 'hex')];
  for (let at = 0; at < octets.length; at += blockOctets) {
    const end = Math.min(at + blockOctets, octets.length);
    const packed = block(octets, at, end);
    const isShorter = packed.length < end - at;
    const size = Buffer.alloc(4);
    size.writeUInt32LE(isShorter ? packed.length : (0x80000000 | (end - at)) >>> 0);
    parts.push(size, isShorter ? packed : octets.subarray(at, end));
  }
  return Buffer.concat([...parts, Buffer.alloc(4)]);
}

function block(octets: Buffer, start: number, end: number): Buffer {
  const out: number[] = [];
  let literalsFrom = start;
  let at = start;
  // A block ends with at least five literals.
  while (at < end - 5) {
    const found = at === 0 ? -1 : octets.lastIndexOf(octets.subarray(at, at + 4), at - 1);
    if (found < 0 || at - found > 65_535 || at + 4 > end - 5) {
      at += 1;
      continue;
    }
    let length = 4;
    while (at + length < end - 5 && octets[found + length] === octets[at + length]) length += 1;
    sequence(out, octets.subarray(literalsFrom, at), length);
    out.push((at - found) & 0xff, (at - found) >> 8);
    more(out, length - 4);
    at += length;
    literalsFrom = at;
  }
  sequence(out, octets.subarray(literalsFrom, end), 4);
  return Buffer.from(out);
}

function sequence(out: number[], literals: Buffer, matchLength: number): void {
  out.push((Math.min(literals.length, 15) << 4) | Math.min(matchLength - 4, 15));
  more(out, literals.length);
  out.push(...literals);
}

function more(out: number[], length: number): void {
  if (length < 15) return;
  let left = length - 15;
  for (; left >= 255; left -= 255) out.push(255);
  out.push(left);
}
