import { describe, expect, it } from 'vitest';

import { flowEventType, type FlowEvent } from '../../src/generator/flow-event.ts';
import { FlowGenerator, type FlowGeneratorOptions } from '../../src/generator/flow-generator.ts';
import { flowProfiles } from '../../src/generator/flow-profiles.ts';

const ICMP = 1;
const TCP = 6;
const ICMP6 = 58;
const deviceFields = [
  'sourceMac',
  'destinationMac',
  'nextHop',
  'flowDirection',
  'flowEndReason',
  'exporterAddress',
  'samplingRate',
] as const;

function generate(count: number, options: Partial<FlowGeneratorOptions> = {}): FlowEvent[] {
  const generator = new FlowGenerator({ seed: 1, ...options });
  return Array.from({ length: count }, () => generator.next());
}

const events = generate(20_000);

/** Each event against its rule; the first that breaks it fails the test with its values. */
function everyEvent(rule: (event: FlowEvent) => boolean): void {
  expect(events.find((event) => !rule(event))).toBeUndefined();
}

function isWithin(value: number | null, min: number, max: number): boolean {
  return value === null || (Number.isInteger(value) && value >= min && value <= max);
}

describe('FlowGenerator', () => {
  it('makes the same events for the same seed', () => {
    expect(generate(500, { seed: 42 })).toEqual(generate(500, { seed: 42 }));
  });

  it('makes other events for another seed, even for one that differs only above 32 bits', () => {
    const [first] = generate(1, { seed: 42 });
    expect(generate(1, { seed: 43 })[0]).not.toEqual(first);
    expect(generate(1, { seed: 42 + 2 ** 32 })[0]).not.toEqual(first);
  });

  it('counts flowId up by one from the first id', () => {
    expect(events.map((event) => event.flowId)).toEqual(events.map((_, i) => i + 1));
    expect(generate(3, { firstId: 7_000_000_000 }).map((event) => event.flowId)).toEqual([
      7_000_000_000, 7_000_000_001, 7_000_000_002,
    ]);
  });

  it('lets flows end one after the other from the start time on, none before it began', () => {
    const startMs = 1_800_000_000_000;
    let beforeMs = startMs;
    for (const { flowStart, flowEnd } of generate(5_000, { startMs })) {
      expect(flowEnd).toBeGreaterThanOrEqual(beforeMs);
      expect(flowEnd).toBeGreaterThanOrEqual(flowStart);
      beforeMs = flowEnd;
    }
    expect(beforeMs).toBeGreaterThan(startMs);
  });

  it('draws every profile, in about its share', () => {
    const generator = new FlowGenerator({ seed: 5 });
    const seen = new Map<string, number>();
    const draws = 50_000;
    for (let i = 0; i < draws; i++) {
      generator.next();
      seen.set(generator.profileName, (seen.get(generator.profileName) ?? 0) + 1);
    }
    const totalWeight = flowProfiles.reduce((sum, profile) => sum + profile.weight, 0);
    for (const { name, weight } of flowProfiles) {
      const share = (seen.get(name) ?? 0) / draws;
      expect(share, name).toBeCloseTo(weight / totalWeight, 1.5);
      expect(share, name).toBeGreaterThan(0);
    }
  });

  it('mixes both IP versions and keeps to one within an event', () => {
    const sizes = new Set(events.map((event) => event.sourceAddress.length));
    expect([...sizes].sort((a, b) => a - b)).toEqual([4, 16]);
    everyEvent((event) => event.destinationAddress.length === event.sourceAddress.length);
    everyEvent(({ nextHop, sourceAddress }) =>
      nextHop === null ? true : nextHop.length === sourceAddress.length,
    );
  });

  it('sets all fields of the group device or none', () => {
    everyEvent((event) => {
      const set = deviceFields.filter((field) => event[field] !== null).length;
      return set === 0 || set === deviceFields.length;
    });
    everyEvent(({ exporterAddress }) => exporterAddress === null || exporterAddress.length === 4);
  });

  it('sets the ICMP fields for ICMP and ICMPv6 alone, the TCP flags for TCP alone', () => {
    everyEvent((event) => {
      const isIcmp = event.protocol === ICMP || event.protocol === ICMP6;
      return (event.icmpTypeCode !== null) === isIcmp;
    });
    everyEvent((event) => (event.tcpFlags !== null) === (event.protocol === TCP));
    everyEvent((event) => event.protocol !== ICMP || event.sourceAddress.length === 4);
    everyEvent((event) => event.protocol !== ICMP6 || event.sourceAddress.length === 16);
  });

  it('meets all eight combinations of IP version, device and ICMP', () => {
    const shapes = new Set(
      events.map(
        (event) =>
          `${event.sourceAddress.length} ${event.samplingRate !== null} ${event.icmpTypeCode !== null}`,
      ),
    );
    expect(shapes.size).toBe(8);
  });

  it('has each of the other nullable fields both null and set', () => {
    const fields = ['ipClassOfService', 'ingressInterface', 'vlanId', 'sourceAs'] as const;
    for (const field of [...fields, 'sourcePrefixLength', 'applicationName'] as const) {
      expect(new Set(events.map((event) => event[field] === null)).size, field).toBe(2);
    }
  });

  it('keeps every value in the range of its Information Element', () => {
    everyEvent((event) => {
      const addressBits = event.sourceAddress.length * 8;
      return (
        isWithin(event.sourcePort, 0, 65_535) &&
        isWithin(event.destinationPort, 0, 65_535) &&
        isWithin(event.protocol, 1, 255) &&
        isWithin(event.packets, 1, 1e9) &&
        isWithin(event.octets, event.packets * 28, Number.MAX_SAFE_INTEGER) &&
        isWithin(event.tcpFlags, 0, 255) &&
        isWithin(event.ipClassOfService, 0, 255) &&
        isWithin(event.ingressInterface, 1, 2 ** 32 - 1) &&
        isWithin(event.egressInterface, 1, 2 ** 32 - 1) &&
        isWithin(event.vlanId, 1, 4094) &&
        isWithin(event.sourceAs, 1, 4_294_967_295) &&
        isWithin(event.destinationAs, 1, 4_294_967_295) &&
        isWithin(event.sourcePrefixLength, 1, addressBits) &&
        isWithin(event.destinationPrefixLength, 1, addressBits) &&
        isWithin(event.icmpTypeCode, 0, 65_535) &&
        isWithin(event.flowDirection, 0, 1) &&
        isWithin(event.flowEndReason, 1, 5) &&
        isWithin(event.samplingRate, 1, 2 ** 32 - 1)
      );
    });
  });

  it('reaches beyond 32 bits of octets and 16 bits of AS numbers', () => {
    expect(events.some((event) => event.octets > 2 ** 32)).toBe(true);
    expect(events.some((event) => (event.sourceAs ?? 0) > 2 ** 31)).toBe(true);
  });

  it('makes events that Avro gives back as they were', () => {
    for (const event of events.slice(0, 5_000)) {
      expect({ ...flowEventType.fromBuffer(flowEventType.toBuffer(event)) }).toEqual(event);
    }
  });
});
