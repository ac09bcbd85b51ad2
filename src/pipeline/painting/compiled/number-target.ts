// What an element makes of a number: which ones it can hold, and the code that writes one. The bounds
// are those of src/ipfix/encode-number.ts and encode-time.ts, or narrower: what lies between is left
// to the by-value Painter.

import type { FieldSpecifier } from '../../../ipfix/template.ts';
import { isTcpControlBits } from '../../../ipfix/abstract-type.ts';
import { bail } from './field-code.ts';

export interface NumberTarget {
  readonly kind: 'whole' | 'float' | 'boolean';
  /** Code: leaves the function where t cannot be written. */
  readonly check: string;
  /** Code: writes the variable at `o`, moves `o` on. */
  readonly write: (variable: string) => string;
}

/** Undefined where the element is not a number, or one that is not compiled. */
export function numberTarget({ element, length }: FieldSpecifier): NumberTarget | undefined {
  switch (element.type) {
    case 'unsigned8':
    case 'unsigned16':
    case 'unsigned32':
    case 'unsigned64':
      if (isTcpControlBits(element) && length === 1) return whole(0, 0xffff, 1);
      return inRange(element.range, 0, 2 ** (8 * length) - 1, length);
    case 'signed8':
    case 'signed16':
    case 'signed32':
    case 'signed64':
      return inRange(element.range, -(2 ** (8 * length - 1)), 2 ** (8 * length - 1) - 1, length);
    case 'dateTimeSeconds':
      return whole(0, 2 ** 32 - 1, 4);
    case 'dateTimeMilliseconds':
      return whole(0, Number.MAX_SAFE_INTEGER, 8);
    case 'dateTimeMicroseconds':
      return ntpMicroseconds;
    case 'float32':
      return float(4);
    case 'float64':
      return length === 4 || length === 8 ? float(length) : undefined;
    case 'boolean':
      return { kind: 'boolean', check: '', write: (v) => `out[o] = ${v}; o += 1;` };
    default:
      return undefined;
  }
}

function inRange(range: string, low: number, high: number, length: number): NumberTarget {
  const bounds = /^(\w+)-(\w+)$/.exec(range);
  const [least, most] = bounds ? [Number(bounds[1]), Number(bounds[2])] : [low, high];
  // A bound that is not a number bounds nothing.
  return whole(
    Number.isNaN(least) ? low : Math.max(low, least),
    Number.isNaN(most) ? high : Math.min(high, most),
    length,
  );
}

function whole(low: number, high: number, length: number): NumberTarget {
  const least = Math.max(low, Number.MIN_SAFE_INTEGER);
  const most = Math.min(high, Number.MAX_SAFE_INTEGER);
  // NaN passes no comparison.
  const check = `if (!(t >= ${least} && t <= ${most})) ${bail}`;
  return { kind: 'whole', check, write: (v) => writeWhole(v, length) };
}

// RFC 7011 §6.1.1, §6.1.2: most significant octet first, two's complement
function writeWhole(v: string, length: number): string {
  const upper = `Math.floor(${v} / 4294967296)`;
  switch (length) {
    case 1:
      return `out[o] = ${v}; o += 1;`;
    case 2:
      return `view.setUint16(o, ${v}); o += 2;`;
    case 4:
      return `view.setUint32(o, ${v}); o += 4;`;
    case 8:
      return `view.setUint32(o, ${upper}); view.setUint32(o + 4, ${v}); o += 8;`;
    default: {
      const octets = Array.from({ length }, (_, k) => {
        const shift = 8 * (length - 1 - k);
        return shift >= 32
          ? `out[o + ${k}] = ${upper} >> ${shift - 32};`
          : `out[o + ${k}] = ${v} >> ${shift};`;
      });
      return `${octets.join(' ')} o += ${length};`;
    }
  }
}

function float(length: 4 | 8): NumberTarget {
  // The bits of a NaN are nobody's promise.
  const isFinite =
    length === 4 ? '&& (Math.abs(t) === Infinity || Math.abs(Math.fround(t)) < Infinity)' : '';
  return {
    kind: 'float',
    check: `if (!(t === t ${isFinite})) ${bail}`,
    write: (v) => `view.setFloat${8 * length}(o, ${v}); o += ${length};`,
  };
}

// RFC 7011 §6.1.9: seconds since 1900, then the least fraction of 2^21 parts that is not below the rest
const ntpMicroseconds: NumberTarget = {
  kind: 'whole',
  check: `if (!(t >= 0 && t < ${(2 ** 32 + 2 ** 31 - 2_208_988_800) * 1e6})) ${bail}`,
  write: (v) => `t = Math.floor(${v} / 1000000);
    view.setUint32(o, t + 2208988800);
    view.setUint32(o + 4, Math.floor(((${v} - t * 1000000) * 2097152 + 999999) / 1000000) * 2048);
    o += 8;`,
};
