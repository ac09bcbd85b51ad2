// Programs without a preset whose field names alone do not say what they write, recognized by fields that only
// they have.

import { looseName } from '../element-choice.ts';
import type { ElementSpec } from '../mapping-spec.ts';

interface KnownProducer {
  /** All of these fields are there. */
  readonly marks: readonly string[];
  readonly fields: ReadonlyMap<string, ElementSpec>;
}

// Zeek's conn.log: the type "time" is written as seconds since 1970, "interval" as seconds.
const zeek: KnownProducer = {
  marks: ['id.orig_h', 'id.resp_h'],
  fields: new Map([
    ['ts', { element: 'flowStartMilliseconds', unit: 's' }],
    ['duration', { element: 'flowDurationMilliseconds', unit: 's' }],
  ]),
};

const producers: readonly KnownProducer[] = [zeek];

/** What is known of a field, if the schema of all `paths` is that of a known program. */
export function knownFields(paths: readonly string[]): (path: string) => ElementSpec | undefined {
  const loose = new Set(paths.map(looseName));
  const found = producers.find(({ marks }) => marks.every((mark) => loose.has(looseName(mark))));
  return (path) => found?.fields.get(path);
}

/** The fields by which a preset's producer, or its set of names, is recognized: all of them. */
const presetMarks: Readonly<Record<string, readonly string[]>> = {
  pmacct: ['ip_src', 'ip_dst', 'packets', 'bytes', 'ip_proto'],
  ktranslate: ['src_addr', 'dst_addr', 'l4_src_port', 'in_bytes', 'timestamp'],
  goflow2: ['src_addr', 'dst_addr', 'time_flow_start_ns', 'sampler_address'],
  akvorado: ['SrcAddr', 'DstAddr', 'TimeReceived', 'ExporterAddress', 'SamplingRate'],
  netobserv: ['SrcAddr', 'DstAddr', 'TimeFlowStartMs', 'TimeFlowEndMs'],
  ecs: ['source.ip', 'destination.ip', 'event.start'],
  'aws-vpc': ['srcaddr', 'dstaddr', 'log_status'],
};

/** The name of the preset whose producer wrote fields of these paths. */
export function presetFor(paths: readonly string[]): string | undefined {
  const loose = new Set(paths.map(looseName));
  const found = Object.entries(presetMarks).find(([, marks]) =>
    marks.every((mark) => loose.has(looseName(mark))),
  );
  return found?.[0];
}
