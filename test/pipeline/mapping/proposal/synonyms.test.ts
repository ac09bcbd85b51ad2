// What names of fields seem to mean.

import { expect, test } from 'vitest';
import { meaningOf } from '../../../../src/pipeline/mapping/proposal/synonyms.ts';

test.each([
  ['src_ip', 'sourceAddress'],
  ['srcaddr', 'sourceAddress'],
  ['IPV4_DST_ADDR', 'destinationIPv4Address'],
  ['destination.port', 'destinationTransportPort'],
  ['src_endpoint.autonomous_system.number', 'bgpSourceAsNumber'],
  ['after.in_iface', 'ingressInterface'],
  ['IP.destination', 'destinationAddress'],
  ['natSourcePort', 'postNAPTSourceTransportPort'],
  ['tcpflags', 'tcpControlBits'],
  ['l4.ICMPv4.type', 'icmpType'],
  ['flow_start_ms', 'flowStartMilliseconds'],
])('%s means %s', (path, element) => {
  const meaning = meaningOf(path);
  expect([meaning?.element, meaning?.doubt]).toEqual([element, undefined]);
});

test.each([
  'pkt_srcaddr',
  'bytes_per_sec',
  'bytes_constructor',
  'sip_call_id',
  'FLOW_SAMPLER_ID',
  'before.src_ip',
  'note',
])('%s, which says more or something else, has no known meaning', (path) => {
  expect(meaningOf(path)).toBeUndefined();
});

test.each([
  ['bytes_total', 'octetTotalCount', /since the start of the flow\?/],
  ['bytes_in', 'octetDeltaCount', /which direction/],
  ['flags', 'tcpControlBits', /or others\?/],
])('%s may mean %s, with the reason for the doubt', (path, element, doubt) => {
  const meaning = meaningOf(path);
  expect(meaning?.element).toBe(element);
  expect(meaning?.doubt).toMatch(doubt);
});

test('the unit of a time is read from its name', () => {
  const unitsOf = ['start_ms', 'time_flow_end_ns', 'begin_us', 'startSeconds', 'start'];
  expect(unitsOf.map((path) => meaningOf(path)?.unit)).toEqual(['ms', 'ns', 'us', 's', undefined]);
});

test('the more exact of two names ranks higher', () => {
  const rankOf = (path: string) => meaningOf(path)!.rank;
  expect(rankOf('source.ip')).toBeGreaterThan(rankOf('source.address'));
  expect(rankOf('src_ip')).toBeGreaterThan(rankOf('client_ip'));
  expect(rankOf('protocol_num')).toBeGreaterThan(rankOf('protocol_name'));
});
