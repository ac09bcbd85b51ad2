// How a Kafka message's value holds its datums, and which schema they were written with. A setting
// for each topic, never guessed: 0x00 begins a Confluent frame, an Apicurio frame and many a bare datum.

export const framingForms = [
  'confluent',
  'apicurio8',
  'single-object',
  'bare',
  'bare-many',
  'ocf',
] as const;

export type FramingForm = (typeof framingForms)[number];

export interface Framing {
  readonly form: FramingForm;
  /** The value is base64 text, with the frame inside. */
  readonly base64: boolean;
}

/** `confluent`, or `confluent+base64`. Undefined where the text is not a framing. */
export function framingFromText(text: string): Framing | undefined {
  const [word, encoding, ...more] = text.split('+');
  const form = framingForms.find((known) => known === word);
  if (form === undefined || more.length > 0) return undefined;
  if (encoding !== undefined && encoding !== 'base64') return undefined;
  return { form, base64: encoding === 'base64' };
}

export const framingText = ({ form, base64 }: Framing): string =>
  base64 ? `${form}+base64` : form;
