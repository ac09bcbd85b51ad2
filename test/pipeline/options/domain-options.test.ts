// Flow Keys, types of enterprise elements and sampling: what they say, how they are numbered among
// the flows' Data Records, and that none of them is there where it is not asked for.

import { describe, expect, test } from 'vitest';
import { encoderFor } from '../../../src/ipfix/abstract-type.ts';
import { Decoder } from '../../../src/ipfix/decoder.ts';
import { elementByName, type InformationElement } from '../../../src/ipfix/information-element.ts';
import { SequenceTracker } from '../../../src/ipfix/sequence-tracker.ts';
import type { FieldSpecifier, Template } from '../../../src/ipfix/template.ts';
import { type DomainOptions, domainRecords } from '../../../src/pipeline/options/domain-options.ts';
import { flowEvent, ipv6, originOf } from '../../support/events/flow-events.ts';
import { hex } from '../../support/events/hex.ts';
import { Stage } from '../../support/fakes/scripted-stage.ts';

const nothing: DomainOptions = { flowKeys: [], elementTypes: false, samplingRate: undefined };

const field = (name: string, length = 4) => ({ element: elementByName(name)!, length });
const enterprise = (
  id: number,
  name: string,
  rest: Partial<InformationElement> = {},
): FieldSpecifier => ({
  element: {
    ...elementByName('flowId')!,
    ...{ id, name, enterpriseNumber: 32473 },
    type: 'unsigned8',
    semantics: 'flags',
    ...rest,
  },
  length: 1,
});

/** All that the kernel took, decoded in order, with what an independent count says of its numbers. */
function read(stage: Stage) {
  const decoder = new Decoder();
  const tracker = new SequenceTracker();
  const messages = stage.sender.taken.map(({ octets, atMs }) => {
    const message = decoder.decode(octets);
    tracker.observe(message);
    return { ...message, atMs };
  });
  const options = messages.flatMap(({ records, atMs }) =>
    records
      .filter((record) => record.options)
      .map(({ values }) => ({ atMs, values: values.map(({ value }) => value) })),
  );
  return { messages, options, sequence: tracker.totals() };
}

describe('Flow Keys (RFC 7011 §4.4)', () => {
  test('are a bit for each field of each Template in use that is one', () => {
    const fields = ['octetDeltaCount', 'sourceIPv4Address', 'protocolIdentifier'];
    const flow: Template = { id: 300, fields: fields.map((name) => field(name)) };
    const other: Template = { id: 301, fields: [field('octetDeltaCount')] };
    const options = { ...nothing, flowKeys: ['sourceAddress', 'protocolIdentifier'] };
    const [records] = domainRecords(options, [flow, other]);
    expect(records!.rows).toEqual([[300, 0b110n]]);
    expect(records!.layout.scopeFieldCount).toBe(1);
    expect(records!.layout.fields.map(({ element }) => element.id)).toEqual([145, 173]);
  });

  test('behind the 64th field have no bit, and half of the keys is not sent for all', () => {
    const many = Array.from({ length: 70 }, () => field('octetDeltaCount'));
    const last: Template = { id: 300, fields: many.with(63, field('protocolIdentifier')) };
    const behind: Template = { id: 301, fields: many.with(64, field('protocolIdentifier')) };
    const options = { ...nothing, flowKeys: ['protocolIdentifier'] };
    const [records] = domainRecords(options, [last, behind]);
    expect(records!.rows).toEqual([[300, 2n ** 63n]]);
  });

  test('of enterprise elements are named by number, or by the name of the mapping', () => {
    const fields = [enterprise(1, 'one'), enterprise(2, 'two'), enterprise(3, 'three')];
    const options = { ...nothing, flowKeys: ['32473/1', 'three'] };
    const [records] = domainRecords(options, [{ id: 300, fields }]);
    expect(records!.rows).toEqual([[300, 0b101n]]);
  });
});

describe('types of enterprise elements (RFC 5610 §3.9)', () => {
  const types = { ...nothing, elementTypes: true };

  test("are RFC 5610's own octets for the two elements of its Appendix A", () => {
    const fields = [
      field('flowStartSeconds'),
      enterprise(14, 'initialTCPFlags'),
      enterprise(15, 'unionTCPFlags'),
      field('protocolIdentifier', 1),
    ];
    const [records] = domainRecords(types, [{ id: 256, fields }]);
    const { layout, rows } = records!;
    expect(layout.scopeFieldCount).toBe(2);
    expect(layout.fields.map(({ element }) => element.id)).toEqual([346, 303, 339, 344, 341]);
    const octets = Buffer.alloc(100);
    let at = 0;
    for (const row of rows) {
      layout.fields.forEach((one, i) => (at = encoderFor(one)!(row[i], octets, at)));
    }
    expect(octets.subarray(0, at)).toEqual(
      Buffer.concat([
        hex`00007ed9 000e 01 05 0f // enterprise number 32473; 14, unsigned8, flags, 15 octets`,
        Buffer.from('initialTCPFlags'),
        hex`00007ed9 000f 01 05 0d`,
        Buffer.from('unionTCPFlags'),
      ]),
    );
    // With the Set Header 50 octets, as the figure says.
    expect(at + 4).toBe(50);
  });

  test('are sent once for each element, in the same words, and not for reverse ones', () => {
    const reverse = { element: elementByName('reverseOctetDeltaCount')!, length: 8 };
    const one: Template = { id: 300, fields: [enterprise(1, 'one'), reverse] };
    const two: Template = { id: 301, fields: [enterprise(1, 'another name'), reverse] };
    expect(domainRecords(types, [one, two])[0]!.rows).toEqual([[32473, 1, 1, 5, 'one']]);
  });

  test('have no pair of type and semantics that RFC 5610 §3.10 calls invalid', () => {
    const semanticsOf = (type: string, semantics: string) =>
      domainRecords(types, [
        { id: 300, fields: [enterprise(1, 'one', { type, semantics } as InformationElement)] },
      ])[0]!.rows[0]![3];
    expect(semanticsOf('unsigned64', 'flags')).toBe(5);
    expect(semanticsOf('signed32', 'flags')).toBe(0);
    expect(semanticsOf('signed32', 'identifier')).toBe(4);
    expect(semanticsOf('float64', 'identifier')).toBe(0);
    expect(semanticsOf('float64', 'deltaCounter')).toBe(3);
    for (const type of ['string', 'octetArray', 'boolean', 'ipv4Address', 'dateTimeSeconds']) {
      expect(semanticsOf(type, 'identifier')).toBe(0);
    }
  });

  test("have IANA's numbers of the data types", () => {
    const numberOf = (type: string) =>
      domainRecords(types, [
        { id: 300, fields: [enterprise(1, 'one', { type } as InformationElement)] },
      ])[0]!.rows[0]![2];
    const numbers = {
      ...{ octetArray: 0, unsigned8: 1, unsigned64: 4, signed8: 5, signed64: 8, float32: 9 },
      ...{ float64: 10, boolean: 11, macAddress: 12, string: 13, dateTimeSeconds: 14 },
      ...{ dateTimeNanoseconds: 17, ipv4Address: 18, ipv6Address: 19, basicList: 20 },
      ...{ subTemplateMultiList: 22, unsigned256: 23 },
    };
    for (const [type, number] of Object.entries(numbers)) expect(numberOf(type)).toBe(number);
  });
});

test('sampling is one packet taken and the others passed over, by systematic counting', () => {
  const [records] = domainRecords({ ...nothing, samplingRate: 1000 }, []);
  const { layout, rows } = records!;
  expect(layout.fields.map(({ element }) => element.id)).toEqual([302, 304, 305, 306]);
  expect(rows).toEqual([[1, 1, 1, 999]]);
});

describe('in a session', () => {
  test('nothing of it is sent where it is not asked for', async () => {
    const stage = await new Stage().start();
    stage.deliver([flowEvent()], originOf());
    await stage.clock.advance(130_000);
    const { messages, options } = read(stage);
    expect(options).toEqual([]);
    expect(messages.flatMap(({ templates }) => templates.filter((t) => t.options))).toEqual([]);
    stage.stop();
  });

  test('its Templates are sent twice before first use and with the others; it counts', async () => {
    const domainOptions = { ...nothing, flowKeys: ['sourceAddress'], samplingRate: 100 };
    const stage = await new Stage({
      domainOptions,
      optionsRefreshIntervalMs: 10_000,
      templateRefreshIntervalMs: 15_000,
    }).start();
    for (let i = 0; i < 35; i += 1) {
      const source = i % 2 === 0 ? Buffer.from([192, 0, 2, 1]) : ipv6(1);
      stage.deliver([flowEvent({ sourceAddress: source, destinationAddress: source })], originOf());
      await stage.clock.advance(1000);
    }
    const { messages, options, sequence } = read(stage);
    const told = messages.filter(({ templates }) => templates.some((t) => t.options));
    // Each alone in its Message: two Options Templates, twice, then with each refresh.
    expect(told.map(({ atMs }) => atMs)).toEqual([0, 0, 0, 0, 15_000, 15_000, 30_000, 30_000]);
    for (const { templates } of told) expect(templates).toHaveLength(1);
    const { length: flows } = stage.data;
    const sampling = options.filter(({ values }) => values.length === 4);
    expect(sampling.map(({ atMs }) => atMs)).toEqual([0, 10_000, 20_000, 30_000]);
    expect(options.filter(({ values }) => values.length === 2).length).toBeGreaterThanOrEqual(8);
    expect(messages.every(({ unknownSets }) => unknownSets.length === 0)).toBe(true);
    expect(sequence).toMatchObject({ gaps: 0, repeatedMessages: 0, missingRecords: 0 });
    expect(flows).toBeGreaterThan(35);
    // Flow Records and those of Options Templates are told apart.
    const { counts } = stage.worker.sink;
    expect(counts).toMatchObject({ records: 35, optionsRecords: options.length });
    stage.stop();
  });

  test('refused ones go again with their numbers, and do not pile up meanwhile', async () => {
    const domainOptions = { ...nothing, samplingRate: 100 };
    const stage = await new Stage({ domainOptions, optionsRefreshIntervalMs: 1000 }).start();
    stage.sender.refuse();
    const refusing = () =>
      stage.sender.script.push(...Array.from({ length: 200 }, () => 'refused' as const));
    refusing();
    await stage.clock.advance(60_000);
    stage.sender.script.length = 0;
    await stage.clock.advance(7_000);
    const { options, sequence } = read(stage);
    expect(sequence).toMatchObject({ gaps: 0, missingRecords: 0 });
    // One before, the same once more, and those of the last seconds: none of the minute between.
    expect(options.length).toBeGreaterThanOrEqual(2);
    expect(options.length).toBeLessThanOrEqual(12);
    stage.stop();
  });

  test('they hold up no event: all is settled and nothing is left at the end', async () => {
    const domainOptions = { ...nothing, samplingRate: 100 };
    const stage = await new Stage({ domainOptions }).start();
    stage.deliver([flowEvent(), flowEvent({ flowId: 2 })], originOf());
    stage.deliveries.complete();
    await stage.clock.advance(1000);
    expect(stage.isCompleted).toBe(true);
    expect(stage.worker.ledger.account).toMatchObject({ consumed: 2, exported: 2, inFlight: 0 });
    expect(stage.clock.timers).toBe(0);
  });
});
