// Values of command line options: text in, value out, or a UsageError that says what to write.

import { UsageError } from './usage-error.ts';

export function wholeNumber(option: string, min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new UsageError(`${option}: ${text} is not a whole number from ${min} to ${max}`);
  };
}

/** With fractions. What becomes a timer needs a bound: Node.js takes more than 2^31 - 1 ms for 1. */
export function numberWithin(option: string, min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+(\.\d+)?$/.test(text) && value >= min && value <= max) return value;
    throw new UsageError(`${option}: ${text} is not a number from ${min} to ${max}`);
  };
}

export function oneOf<T extends string>(option: string, values: readonly T[]): (text: string) => T {
  return (text) => {
    const value = values.find((known) => known === text);
    if (value !== undefined) return value;
    throw new UsageError(`${option}: ${text} is not known; write ${values.join(' or ')}`);
  };
}

export function brokerList(option: string): (text: string) => string[] {
  return (text) => {
    const brokers = text.split(',').map((broker) => broker.trim());
    const wrong = brokers.find((broker) => !/^\S+:\d{1,5}$/.test(broker));
    if (wrong === undefined) return brokers;
    throw new UsageError(`${option}: '${wrong}' is no host:port; write e.g. localhost:9092`);
  };
}
