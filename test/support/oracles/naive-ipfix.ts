// The oracle for whatever RFC 7011 and RFC 6313 can say: octets laid end to end, slow and obvious. It
// knows the RFCs by heart and nothing of src/.

export function bigEndian(value: bigint | number, octets: number): Buffer {
  const wrapped = BigInt.asUintN(8 * octets, BigInt(value));
  return Buffer.from(wrapped.toString(16).padStart(2 * octets, '0'), 'hex');
}

/** A value that brings its own length, in one octet where it may and does, or in three. */
export function withLength(octets: Buffer, form: 'shortest' | 'long'): Buffer {
  return form === 'shortest' && octets.length < 255
    ? Buffer.concat([bigEndian(octets.length, 1), octets])
    : Buffer.concat([bigEndian(255, 1), bigEndian(octets.length, 2), octets]);
}

export function ieee754(value: number, octets: 4 | 8): Buffer {
  const array = octets === 4 ? new Float32Array([value]) : new Float64Array([value]);
  return Buffer.from(array.buffer).reverse();
}

/** Seconds since 1900 mod 2^32, and the least fraction (in steps of 2^32) that is not below the rest. */
export function ntp(count: bigint, perSecond: bigint, step: bigint): Buffer {
  const seconds = count / perSecond + 2_208_988_800n;
  let fraction = ((count % perSecond) << 32n) / perSecond;
  while ((fraction * perSecond) >> 32n < count % perSecond || fraction % step !== 0n)
    fraction += 1n;
  return Buffer.concat([bigEndian(seconds, 4), bigEndian(fraction, 4)]);
}

export function specifier(enterpriseNumber: number, id: number, length: number): Buffer {
  return enterpriseNumber === 0
    ? Buffer.concat([bigEndian(id, 2), bigEndian(length, 2)])
    : Buffer.concat([
        bigEndian(0x8000 + id, 2),
        bigEndian(length, 2),
        bigEndian(enterpriseNumber, 4),
      ]);
}

export function naiveSet(id: number, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  return Buffer.concat([bigEndian(id, 2), bigEndian(4 + body.length, 2), body]);
}

export function templateRecord(id: number, specifiers: readonly Buffer[]): Buffer {
  return Buffer.concat([bigEndian(id, 2), bigEndian(specifiers.length, 2), ...specifiers]);
}

export interface NaiveHeader {
  readonly exportTimeS: number;
  readonly sequenceNumber: number;
  readonly observationDomainId: number;
}

export function naiveMessage(header: NaiveHeader, sets: readonly Buffer[]): Buffer {
  const body = Buffer.concat(sets);
  return Buffer.concat([
    bigEndian(10, 2),
    bigEndian(16 + body.length, 2),
    bigEndian(header.exportTimeS, 4),
    bigEndian(header.sequenceNumber, 4),
    bigEndian(header.observationDomainId, 4),
    body,
  ]);
}
