// Values of command line options: text in, value out, or a UsageError that says what to write.

import { isBroker, ValueError, wholeNumberFrom } from '../config/text-values.ts';
import { UsageError } from './usage-error.ts';

/** Reads the value of an option by `parse`, whose ValueError becomes a UsageError. */
export const valueOf =
  <T>(option: string, parse: (text: string) => T) =>
  (text: string): T => {
    try {
      return parse(text);
    } catch (error) {
      if (!(error instanceof ValueError)) throw error;
      throw new UsageError(`${option}: ${text} ${error.message}`);
    }
  };

export const wholeNumber = (option: string, min: number, max: number) =>
  valueOf(option, (text) => wholeNumberFrom(text, min, max));

/** With fractions. What becomes a timer needs a bound: Node.js takes more than 2^31 - 1 ms for 1. */
export const numberWithin = (option: string, min: number, max: number) =>
  valueOf(option, (text) => {
    const value = Number(text);
    if (/^\d+(\.\d+)?$/.test(text) && value >= min && value <= max) return value;
    throw new ValueError(`is not a number from ${min} to ${max}`);
  });

export const oneOf = <T extends string>(option: string, values: readonly T[]) =>
  valueOf(option, (text): T => {
    const value = values.find((known) => known === text);
    if (value !== undefined) return value;
    throw new ValueError(`is not supported; write ${values.join(' or ')}`);
  });

export const brokerList = (option: string) =>
  valueOf(option, (text): string[] => {
    const brokers = text.split(',').map((broker) => broker.trim());
    const wrong = brokers.find((broker) => !isBroker(broker));
    if (wrong === undefined) return brokers;
    throw new ValueError(`names no host:port in "${wrong}"; write e.g. localhost:9092`);
  });
