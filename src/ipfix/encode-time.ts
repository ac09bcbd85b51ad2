// Times as NTP writes them: counts of microseconds or nanoseconds since 1970 to octets.

import { type Encode, EncodeError, show } from './encode-error.ts';
import { integer } from './encode-number.ts';

// RFC 7011 §6.1.9, §6.1.10: the NTP Timestamp of RFC 5905
//   seconds since 1900 (unsigned32), fraction of a second in 2^-32 (unsigned32)
// The value is a count of microseconds or nanoseconds since 1970. The fraction is the least one that is
// not below it, so that a decoder that cuts off and one that rounds both come back to the same count;
// of microseconds the low 11 bits, which mean nothing there, are 0. The era is implicit (§5.2): from 2036
// on seconds begin at 0 again, and readers distinguish the eras while they are less than 2^31 in.
export function ntpTimestamp(perSecond: bigint, unusedBits: bigint): Encode {
  const steps = 1n << (32n - unusedBits);
  return (value, target, at) => {
    const count = integer(value);
    const seconds = count / perSecond + ntpEpochS;
    if (count < 0n || seconds >= endS) {
      throw new EncodeError(
        `${show(value)} is not a time from 1970 to 2104, the range of NTP eras 0 and 1`,
      );
    }
    const rest = count % perSecond;
    const fraction = ((rest * steps + perSecond - 1n) / perSecond) << unusedBits;
    at = target.writeUInt32BE(Number(seconds & 0xffff_ffffn), at);
    return target.writeUInt32BE(Number(fraction), at);
  };
}

/** The seconds from 1900 to 1970. */
const ntpEpochS = 2_208_988_800n;

/** The middle of the era that begins in 2036. */
const endS = (1n << 32n) + (1n << 31n);
