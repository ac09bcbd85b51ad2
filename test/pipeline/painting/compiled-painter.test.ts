// The compiled Painter by itself: what is in its Frames is what was produced and nothing else, the
// presets' events are painted by it, and what it does where code may not be made.

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import avro from 'avsc';
import { describe, expect, test, vi } from 'vitest';
import { Random } from '../../../src/generator/random.ts';
import { CompiledPainter } from '../../../src/pipeline/painting/compiled-painter.ts';
import { compiledFields } from '../../../src/pipeline/painting/compiled/compiled-plan.ts';
import { readMappingFile, sectionFor } from '../../../src/pipeline/mapping/mapping-file.ts';
import { presetsNamed } from '../../../src/pipeline/mapping/presets/presets.ts';
import { anyCase, type AnyRecord } from '../../support/arbitrary/any-event.ts';
import { exactType } from '../../support/oracles/exact-avro.ts';
import { bindingFor, mappingFromSchema } from '../../support/events/mapping.ts';
import {
  deliveryOfDatums,
  PainterAlone,
  type SealedFrame,
  TwoPainters,
} from '../../support/events/two-painters.ts';

vi.setConfig({ testTimeout: 120_000 });

const hex = (number: number) => number.toString(16).padStart(4, '0');

/** The Data Records of a Set of fixed lengths, cut by its Template alone. */
function recordsIn({ layout, octets, records }: SealedFrame): AnyRecord[] {
  const length = layout.reduce((sum, [, one]) => sum + one, 0);
  expect(octets.length / 2 - 4).toBe(records * length);
  expect(Number.parseInt(octets.slice(4, 8), 16)).toBe(octets.length / 2);
  const text = layout.map(([id, one]) => hex(id) + hex(one)).join('');
  return Array.from({ length: records }, (_, n) => {
    const at = 8 + n * length * 2;
    return { layout: text, octets: octets.slice(at, at + length * 2) };
  });
}

const sorted = (records: readonly AnyRecord[]): string[] =>
  records.map(({ layout, octets }) => `${layout} ${octets}`).sort();

test('its Frames hold exactly what was produced: 20,000 events of many Templates, none twice, none made up', () => {
  let painted = 0;
  let left = 0;
  for (let seed = 1; seed <= 80; seed += 1) {
    const random = new Random(seed);
    const { schema, fields, event } = anyCase(random);
    const { file } = readMappingFile(JSON.stringify({ topics: { '*': { fields } } }));
    const words = { section: sectionFor(file, 'any'), presets: [] };
    const binding = bindingFor(schema, mappingFromSchema(schema, words));
    const type = exactType(schema);
    const made = Array.from({ length: 250 }, event);
    let compiled: CompiledPainter | undefined;
    if (!compiledFields(binding).includes(true)) continue;
    const alone = new PainterAlone(binding, (options) => (compiled = CompiledPainter.of(options)));
    alone.paint(
      deliveryOfDatums(
        made.map(({ value }) => type.toBuffer(value)),
        { partition: 0, firstOffset: 0 },
      ),
    );
    const { frames } = alone.outcome();
    const wanted = made.flatMap(({ record }) => (record ? [record] : []));
    expect(sorted(frames.flatMap(recordsIn)), `seed ${seed}`).toEqual(sorted(wanted));
    const events = frames.flatMap(({ claims }) => claims.map(([, count]) => count));
    expect(events.reduce((sum, count) => sum + count, 0)).toBe(wanted.length);
    painted += wanted.length;
    left += compiled!.left;
  }
  expect(painted).toBeGreaterThan(10_000);
  expect(left).toBeLessThan(painted / 4);
});

describe('events of a preset are painted by compiled code', () => {
  const record = (fields: object) => ({
    type: 'record',
    name: 'E',
    fields: Object.entries(fields).map(([name, type]) => ({ name, type: type as unknown })),
  });

  test.each([
    [
      'pmacct',
      record({
        ...{ mac_src: 'string', vlan: 'long', as_src: 'long', peer_ip_src: 'string' },
        ...{ iface_in: 'long', ip_src: 'string', ip_dst: 'string', mask_src: 'long' },
        ...{ port_src: 'long', port_dst: 'long', ip_proto: 'string', tos: 'long' },
        ...{ timestamp_start: 'string', packets: ['null', 'long'], bytes: ['null', 'long'] },
      }),
      {
        ...{ mac_src: '02:00:00:00:00:01', vlan: 7, as_src: 64_512, peer_ip_src: '198.51.100.1' },
        ...{ iface_in: 1, ip_src: '192.0.2.1', ip_dst: '192.0.2.2', mask_src: 24 },
        ...{ port_src: 443, port_dst: 50_000, ip_proto: 'tcp', tos: 8 },
        ...{ timestamp_start: '2026-01-02 03:04:05.678901', packets: 10, bytes: 1_000 },
      },
    ],
    [
      'ktranslate',
      record({
        ...{ timestamp: 'long', in_bytes: 'long', in_pkts: 'long', out_bytes: 'long' },
        ...{ out_pkts: 'long', input_port: 'long' },
        ...{ dst_addr: 'string', src_addr: 'string', l4_dst_port: 'long', protocol: 'string' },
        ...{ tcp_flags: 'long', sample_rate: 'long', src_eth_mac: 'string' },
      }),
      {
        ...{ timestamp: 1_767_323_045, in_bytes: 9, in_pkts: 1, out_bytes: 0 },
        ...{ out_pkts: 0, input_port: 3 },
        ...{ dst_addr: '192.0.2.2', src_addr: '192.0.2.1', l4_dst_port: 53, protocol: 'UDP' },
        ...{ tcp_flags: 0, sample_rate: 0, src_eth_mac: '' },
      },
    ],
    [
      'ecs',
      record({
        source: { ...record({ ip: 'string', port: ['null', 'long'] }), name: 'S' },
        destination: { ...record({ ip: 'string', port: ['null', 'long'] }), name: 'D' },
        network: ['null', { ...record({ bytes: 'long', packets: 'long' }), name: 'N' }],
      }),
      {
        source: { ip: '2001:db8::1', port: 53 },
        destination: { ip: '2001:db8::2', port: null },
        network: { bytes: 99, packets: 1 },
      },
    ],
  ])('%s', (name, schema, event) => {
    const words = { section: {}, presets: presetsNamed([name]).presets };
    const binding = bindingFor(schema, mappingFromSchema(schema, words));
    expect(binding.mapping.faults).toEqual([]);
    const datum = avro.Type.forSchema(schema as avro.Schema).toBuffer(event);
    const two = TwoPainters.of(binding)!;
    const datums = Array.from({ length: 50 }, () => datum);
    const { frames } = two.paint([deliveryOfDatums(datums, { partition: 0, firstOffset: 0 })]);
    expect(frames.reduce((sum, { records }) => sum + records, 0)).toBe(50);
    expect(two.compiled.left).toBe(0);
    const addresses = binding.mapping.fields.flatMap(({ elementName }, i) =>
      elementName.endsWith('Address') ? [compiledFields(binding)[i]] : [],
    );
    expect(addresses).not.toContain(false);
  });
});

test('an event that its elements cannot hold leaves no octet in the Frame, nor a claim', () => {
  const schema = {
    type: 'record',
    name: 'E',
    fields: [
      { name: 'sourceTransportPort', type: 'int' },
      { name: 'vlanId', type: ['null', 'int'], ipfix: { element: 'vlanId', null: 'omit' } },
    ],
  };
  const binding = bindingFor(schema);
  const type = avro.Type.forSchema(schema as avro.Schema);
  const datums = [443, 70_000, -1, 80].map((sourceTransportPort, i) =>
    type.toBuffer({ sourceTransportPort, vlanId: i === 1 ? 5 : null }),
  );
  const { said, frames } = TwoPainters.of(binding)!.paint([
    deliveryOfDatums(datums, { partition: 0, firstOffset: 7 }),
  ]);
  expect(said).toHaveLength(2);
  expect(frames).toHaveLength(1);
  expect(frames[0]).toMatchObject({ records: 2, claims: [[7, 2]] });
  expect(frames[0]!.octets.slice(8)).toBe('01bb0050');
});

test('where Node.js may not make code the program says so and ends with 78', async () => {
  const main = join(import.meta.dirname, '..', '..', '..', 'src', 'main.ts');
  const flag = '--disallow-code-generation-from-strings';
  const ended = promisify(execFile)(process.execPath, [flag, main, 'config']);
  await expect(ended).rejects.toMatchObject({
    code: 78,
    stderr: expect.stringContaining(`${flag} forbids`) as string,
  });
});
