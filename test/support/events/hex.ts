// Commented hexadecimal: hex`00 0a  // Version` is one Buffer of the octets, without the comments.

export function hex(strings: TemplateStringsArray, ...values: readonly string[]): Buffer {
  const text = String.raw({ raw: strings }, ...values);
  const digits = text.replace(/\/\/[^\n]*/g, '').replace(/\s+/g, '');
  if (digits.length % 2 !== 0 || /[^0-9a-fA-F]/.test(digits)) {
    throw new Error(`not hexadecimal octets: ${digits}`);
  }
  return Buffer.from(digits, 'hex');
}
