// A contact with brokers that are always there.

import type { Contact } from '../../../src/sources/kafka/broker-contact.ts';

export const steadyContact: Contact = {
  away: undefined,
  isDisturbed: false,
  silentMs: 0,
  answered: () => undefined,
  ended: () => undefined,
  watch: () => undefined,
  close: () => undefined,
};
