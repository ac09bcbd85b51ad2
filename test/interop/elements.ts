// The Information Elements that are read by others: every abstract type, every unit of time, sizes
// reduced and variable, enterprise and reverse elements, lists.

import { basicListField } from '../../src/ipfix/basic-list.ts';
import { plainField } from '../../src/ipfix/field-encoder.ts';
import {
  subTemplateListField,
  subTemplateMultiListField,
} from '../../src/ipfix/sub-template-list.ts';
import {
  type ElementCase,
  enterprise,
  iana,
  inOctets,
  ipv6,
  list,
  text,
  usual,
} from './element-case.ts';

const ms = 1_700_000_000_123;
const times = [
  usual('flowStartSeconds', 1_700_000_000),
  usual('flowEndSeconds', 1_700_000_001),
  usual('flowStartMilliseconds', ms),
  usual('flowEndMilliseconds', ms + 1000),
  usual('flowStartMicroseconds', 1_700_000_000_123_456n),
  usual('flowEndMicroseconds', 1_700_000_001_123_457n),
  usual('flowStartNanoseconds', 1_700_000_000_123_456_789n),
  usual('flowEndNanoseconds', 1_700_000_001_123_456_788n),
];

const counters = [
  usual('octetDeltaCount', 123_456_789_012_345),
  ...[1, 2, 3, 4, 5, 6, 7].map((octets) =>
    inOctets(octets, 'octetDeltaCount', 0x12_34_56_78_9a_bcn % 256n ** BigInt(octets)),
  ),
  usual('packetDeltaCount', 1_234_567_890_123),
  inOctets(4, 'packetDeltaCount', 123_456_789),
  usual('octetTotalCount', 98_765_432_109),
  usual('packetTotalCount', 987_654_321),
  usual('postOctetDeltaCount', 11_223_344),
];

const addresses = [
  usual('sourceIPv4Address', Buffer.from([192, 0, 2, 33])),
  usual('destinationIPv4Address', Buffer.from([198, 51, 100, 44])),
  usual('ipNextHopIPv4Address', Buffer.from([192, 0, 2, 1])),
  usual('bgpNextHopIPv4Address', Buffer.from([192, 0, 2, 2])),
  usual('postNATSourceIPv4Address', Buffer.from([203, 0, 113, 5])),
  usual('exporterIPv4Address', Buffer.from([203, 0, 113, 6])),
  usual('originalExporterIPv4Address', Buffer.from([203, 0, 113, 7])),
  usual('sourceIPv6Address', Buffer.from('20010db8000000010000000000c0ffee', 'hex'), ipv6),
  usual('destinationIPv6Address', Buffer.from('20010db8000200000000000000000001', 'hex'), ipv6),
  usual('ipNextHopIPv6Address', Buffer.from('20010db8000300000000000000000002', 'hex'), ipv6),
  usual('bgpNextHopIPv6Address', Buffer.from('20010db8000400000000000000000003', 'hex'), ipv6),
  usual('sourceMacAddress', Buffer.from('020000aabb01', 'hex')),
  usual('destinationMacAddress', Buffer.from('020000aabb02', 'hex')),
];

const numbers = [
  usual('flowId', 77_000_000_001),
  usual('protocolIdentifier', 47),
  usual('ipClassOfService', 184),
  usual('tcpControlBits', 0x1b, { protocol: 6 }),
  { ...inOctets(1, 'tcpControlBits', 0x12), protocol: 6 },
  usual('sourceTransportPort', 50_123),
  usual('destinationTransportPort', 8443),
  usual('ingressInterface', 70_001),
  inOctets(2, 'ingressInterface', 701),
  usual('egressInterface', 70_002),
  usual('bgpSourceAsNumber', 4_200_000_001),
  inOctets(2, 'bgpSourceAsNumber', 64_500),
  usual('bgpDestinationAsNumber', 4_200_000_002),
  usual('sourceIPv4PrefixLength', 24),
  usual('destinationIPv4PrefixLength', 19),
  usual('sourceIPv6PrefixLength', 48, ipv6),
  usual('destinationIPv6PrefixLength', 64, ipv6),
  usual('flowLabelIPv6', 0x12345, ipv6),
  usual('icmpTypeCodeIPv4', 0x0303, { protocol: 1 }),
  usual('icmpTypeCodeIPv6', 0x0104, { protocol: 58, ...ipv6 }),
  usual('vlanId', 1234),
  usual('postVlanId', 2345),
  usual('flowDirection', 1),
  usual('flowEndReason', 3),
  usual('minimumTTL', 57),
  usual('forwardingStatus', 64),
  inOctets(1, 'forwardingStatus', 66),
  usual('samplingInterval', 1000),
  usual('ingressVRFID', 4711),
  usual('mibObjectValueInteger', -123_456),
  usual('samplingProbability', 0.015625),
  usual('dataRecordsReliability', true),
  { ...usual('dataRecordsReliability', false), name: 'dataRecordsReliability, false' },
  usual('ipv6ExtensionHeadersFull', 2n ** 200n + 5n, ipv6),
];

const variable = [
  ...[0, 5, 254, 255, 1000].map(text),
  usual('interfaceName', 'Grüße-0/1'),
  inOctets(16, 'interfaceDescription', 'to the north'),
  inOctets(4, 'applicationId', Buffer.from('03000050', 'hex')),
  inOctets(3, 'mplsTopLabelStackSection', Buffer.from('123450', 'hex')),
  usual('ipHeaderPacketSection', Buffer.from('450000281234', 'hex')),
];

const enterprises = [
  usual(enterprise(1, 'unsigned32'), 123_456),
  usual(enterprise(2, 'signed8'), -5),
  usual(enterprise(3, 'signed64'), -5_000_000_000n),
  usual(enterprise(4, 'float32'), 0.75),
  usual(enterprise(5, 'string'), 'of its own'),
  usual(enterprise(6, 'octetArray'), Buffer.from('c0ffee', 'hex')),
  usual('reverseOctetDeltaCount', 555_666_777),
  usual('reversePacketDeltaCount', 555_666),
  usual('reverseFlowStartMilliseconds', ms + 10),
];

const fieldOf = (name: string) => plainField(usual(name, undefined).field)!;

/** Template IDs far from those of the records themselves. */
const sides = { id: 60_001, fields: [fieldOf('sourceIPv4Address'), fieldOf('ingressInterface')] };
const names = { id: 60_002, fields: [fieldOf('interfaceName')] };
const subTemplates = [sides, names].map(({ id, fields }) => {
  return { id, fields: fields.map(({ field }) => field) };
});
const sideRecords = [
  [Buffer.from([192, 0, 2, 77]), 70_001],
  [Buffer.from([192, 0, 2, 78]), 70_002],
];

const lists: readonly ElementCase[] = [
  list(
    'ingressInterface',
    basicListField(iana('basicList'), fieldOf('ingressInterface'), { semantic: 'ordered' }),
    [70_001, 70_002, 70_003],
  ),
  list('interfaceName', basicListField(iana('basicList'), fieldOf('interfaceName')), ['a', 'bc']),
  list(
    'bgpCommunity',
    basicListField(iana('bgpSourceCommunityList'), fieldOf('bgpCommunity')),
    [4_259_840_001],
  ),
  {
    ...list('two records', subTemplateListField(iana('subTemplateList'), sides), sideRecords),
    subTemplates: subTemplates.slice(0, 1),
  },
  {
    ...list(
      'two Templates',
      subTemplateMultiListField(iana('subTemplateMultiList'), [sides, names]),
      [
        { templateId: sides.id, records: sideRecords },
        { templateId: names.id, records: [['to the north']] },
      ],
    ),
    subTemplates,
  },
];

export const elementCases: readonly ElementCase[] = [
  ...times,
  ...counters,
  ...addresses,
  ...numbers,
  ...variable,
  ...enterprises,
  ...lists,
];
