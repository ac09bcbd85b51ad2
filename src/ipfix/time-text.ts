// The dateTime types as RFC 7373 §4.8 writes them: UTC, without a zone, and with exactly as many
// decimals as the type is precise.
//   2026-08-01T12:00:00    2026-08-01T12:00:00.123    ….123456    ….123456789

/** The last millisecond that a year of four digits can name. */
const lastMillisecond = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** Unix time minus NTP time at the two epochs in reach: 1900, and 2036 where its counter wraps. */
const ntpEpoch = Date.UTC(1900, 0, 1) / 1000;
const ntpSecondEpoch = ntpEpoch + 2 ** 32;

export function unixSecondsText(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 19);
}

/** undefined past the year 9999, which the notation cannot write. */
export function unixMillisecondsText(milliseconds: number | bigint): string | undefined {
  if (milliseconds > lastMillisecond) return undefined;
  return new Date(Number(milliseconds)).toISOString().slice(0, 23);
}

// RFC 7011 §6.1.9, §6.1.10, RFC 5905 §6
//   dateTime => seconds fraction
//   seconds  => unsigned32, since 1900; the era is implicit (§5.2): values below 2^31 are of the
//               era that begins in 2036
//   fraction => unsigned32, in units of 2^-32 s
// The nearest decimal is exact whether the exporter cut its fraction off or rounded it, since one
// unit (of 2^-21 s for microseconds) is less than half of what the last decimal stands for.
export function ntpText(seconds: number, fraction: number, decimals: 6 | 9): string {
  const unit = 10n ** BigInt(decimals);
  const units = (BigInt(fraction >>> 0) * unit + 0x8000_0000n) >> 32n;
  const epoch = seconds >= 0x8000_0000 ? ntpEpoch : ntpSecondEpoch;
  const carry = units === unit ? 1 : 0;
  const decimal = String(carry === 1 ? 0n : units).padStart(decimals, '0');
  return `${unixSecondsText(epoch + seconds + carry)}.${decimal}`;
}
