// IPFIX Messages that others have published with what they say: in the tests of other implementations, and
// there with the values that they expect. Each names its repository, path, test and commit.

import type { AbstractType } from '../../src/ipfix/information-element.ts';
import { hex } from '../support/events/hex.ts';

export interface PublishedMessage {
  readonly source: string;
  readonly octets: Buffer;
  /** Where its publisher says it. */
  readonly exportTime?: string;
  readonly sequenceNumber: number;
  readonly observationDomainId: number;
  /** By Template ID: elements and their lengths; Scope Fields have a "*". */
  readonly templates?: Readonly<Record<number, readonly string[]>>;
  readonly records?: readonly Readonly<Record<string, unknown>>[];
  readonly paddingOctets?: number;
}

/** Enterprise elements as their publishers know them. */
export const publishedElements: readonly (readonly [
  enterpriseNumber: number,
  id: number,
  name: string,
  type: AbstractType,
])[] = [
  [637, 91, 'aluInsideServiceId', 'unsigned16'],
  [637, 92, 'aluOutsideServiceId', 'unsigned16'],
  [637, 93, 'aluNatSubString', 'string'],
  [6876, 880, 'tenantProtocol', 'unsigned8'],
  [6876, 881, 'tenantSourceIPv4', 'ipv4Address'],
  [6876, 882, 'tenantDestIPv4', 'ipv4Address'],
  [6876, 886, 'tenantSourcePort', 'unsigned16'],
  [6876, 887, 'tenantDestPort', 'unsigned16'],
  [6876, 888, 'egressInterfaceAttr', 'unsigned16'],
  [6876, 889, 'vxlanExportRole', 'unsigned8'],
  [6876, 890, 'ingressInterfaceAttr', 'unsigned16'],
  [6876, 898, 'virtualObsID', 'string'],
  // IANA has a flowDirection of its own.
  [6876, 954, 'vmwareFlowDirection', 'unsigned8'],
  [55829, 105, 'destinationNodeName', 'string'],
];

/** Those of one session follow each other: a Data Set is read by the Template before it. */
export const publishedSessions: readonly (readonly PublishedMessage[])[] = [
  [
    {
      source:
        'NetGauze/NetGauze, crates/flow-pkt/src/wire/tests/ipfix.rs, test_template_packet (10278ec)',
      octets: hex`
        000a0074 583de059 00000ee4 00000000 00020064 01330017 00080004 000c0004
        00050001 00040001 00070002 000b0002 00200002 000a0004 00100004 00110004
        00120004 000e0004 00010004 00020004 00160004 00150004 000f0004 00090001
        000d0001 00060001 003c0001 00980008 00990008
      `,
      exportTime: '2016-11-29T20:08:57',
      sequenceNumber: 3812,
      observationDomainId: 0,
      templates: {
        307: [
          'sourceIPv4Address 4',
          'destinationIPv4Address 4',
          'ipClassOfService 1',
          'protocolIdentifier 1',
          'sourceTransportPort 2',
          'destinationTransportPort 2',
          'icmpTypeCodeIPv4 2',
          'ingressInterface 4',
          'bgpSourceAsNumber 4',
          'bgpDestinationAsNumber 4',
          'bgpNextHopIPv4Address 4',
          'egressInterface 4',
          'octetDeltaCount 4',
          'packetDeltaCount 4',
          'flowStartSysUpTime 4',
          'flowEndSysUpTime 4',
          'ipNextHopIPv4Address 4',
          'sourceIPv4PrefixLength 1',
          'destinationIPv4PrefixLength 1',
          'tcpControlBits 1',
          'ipVersion 1',
          'flowStartMilliseconds 8',
          'flowEndMilliseconds 8',
        ],
      },
    },
    {
      source:
        'NetGauze/NetGauze, crates/flow-pkt/src/wire/tests/ipfix.rs, test_data_packet (10278ec)',
      octets: hex`
        000a0060 583de059 00000ee4 00000000 01330050 46017301 32004701 003d0000
        00000000 0000033b 00000002 00000003 cc2a6e65 00000356 00000520 00000009
        b3f906ee b3fbaf3c cc2a6ebd 18180004 00000158 b1b138ff 00000158 b1b3e14d
      `,
      exportTime: '2016-11-29T20:08:57',
      sequenceNumber: 3812,
      observationDomainId: 0,
      records: [
        {
          sourceIPv4Address: '70.1.115.1',
          destinationIPv4Address: '50.0.71.1',
          ipClassOfService: 0,
          protocolIdentifier: 61,
          sourceTransportPort: 0,
          destinationTransportPort: 0,
          icmpTypeCodeIPv4: 0,
          ingressInterface: 827,
          bgpSourceAsNumber: 2,
          bgpDestinationAsNumber: 3,
          bgpNextHopIPv4Address: '204.42.110.101',
          egressInterface: 854,
          octetDeltaCount: 1312,
          packetDeltaCount: 9,
          flowStartSysUpTime: 0xb3f906ee,
          flowEndSysUpTime: 0xb3fbaf3c,
          ipNextHopIPv4Address: '204.42.110.189',
          sourceIPv4PrefixLength: 24,
          destinationIPv4PrefixLength: 24,
          tcpControlBits: 0,
          ipVersion: 4,
          flowStartMilliseconds: '2016-11-29T20:05:31.519',
          flowEndMilliseconds: '2016-11-29T20:08:25.677',
        },
      ],
    },
  ],
  [
    {
      source:
        'NetGauze/NetGauze, crates/flow-pkt/src/wire/tests/ipfix.rs, test_options_template_packet (10278ec)',
      octets: hex`
        000a0028 583de057 00000ecf 00000000 00030018 01340003 00010005 00010024
        00020025 00020000
      `,
      exportTime: '2016-11-29T20:08:55',
      sequenceNumber: 3791,
      observationDomainId: 0,
      templates: { 308: ['ipClassOfService* 1', 'flowActiveTimeout 2', 'flowIdleTimeout 2'] },
    },
  ],
  [
    {
      source: 'NetGauze/NetGauze, crates/flow-pkt/src/wire/tests/ipfix.rs, test_example (10278ec)',
      octets: hex`
        000a0048 63d545ac 00000df3 00080000 00030038 0200000b 00010090 00040029
        0008002a 000800a0 00080082 00040083 00100022 00040024 00020025 000200d6
        000100d7 00010000
      `,
      exportTime: '2023-01-28T15:56:28',
      sequenceNumber: 3571,
      observationDomainId: 524288,
      templates: {
        512: [
          'exportingProcessId* 4',
          'exportedMessageTotalCount 8',
          'exportedFlowRecordTotalCount 8',
          'systemInitTimeMilliseconds 8',
          'exporterIPv4Address 4',
          'exporterIPv6Address 16',
          'samplingInterval 4',
          'flowActiveTimeout 2',
          'flowIdleTimeout 2',
          'exportProtocolVersion 1',
          'exportTransportProtocol 1',
        ],
      },
    },
  ],
  [
    {
      source:
        'NetGauze/NetGauze, crates/flow-pkt/src/wire/tests/ipfix.rs, test_with_variable_string_length (10278ec)',
      octets: hex`
        000a0038 6585a8dd 0001ce06 00008220 00030028 01010007 0001012e 00040131
        00040130 00020135 00040136 00040054 005a014f ffff0000
      `,
      exportTime: '2023-12-22T15:18:53',
      sequenceNumber: 118278,
      observationDomainId: 33312,
      templates: {
        257: [
          'selectorId* 4',
          'samplingPacketInterval 4',
          'selectorAlgorithm 2',
          'samplingSize 4',
          'samplingPopulation 4',
          'samplerName 90',
          'selectorName 65535',
        ],
      },
    },
    {
      source:
        'NetGauze/NetGauze, crates/flow-pkt/src/wire/tests/ipfix.rs, test_with_variable_string_length (10278ec)',
      octets: hex`
        000a0094 6585a8dd 0001ce06 00008220 01010084 00000001 00000001 00030000
        00010000 00014e45 54464c4f 572d5341 4d504c45 522d4d41 50000000 00000000
        00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000
        00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000
        134e4554 464c4f57 2d53414d 504c4552 2d4d4150
      `,
      exportTime: '2023-12-22T15:18:53',
      sequenceNumber: 118278,
      observationDomainId: 33312,
      records: [
        {
          selectorId: 1,
          samplingPacketInterval: 1,
          selectorAlgorithm: 3,
          samplingSize: 1,
          samplingPopulation: 1,
          samplerName: 'NETFLOW-SAMPLER-MAP',
          selectorName: 'NETFLOW-SAMPLER-MAP',
        },
      ],
    },
  ],
  [
    {
      source:
        'NetGauze/NetGauze, crates/flow-pkt/src/wire/tests/ipfix.rs, test_with_nokia_pen_fields (10278ec)',
      octets: hex`
        000a005c 667435e0 00000000 00000000 0002004c 0190000e 00080004 000c0004
        00070002 000b0002 00e10004 00e30002 00940008 00040001 00260001 805b0002
        0000027d 805c0002 0000027d 805dffff 0000027d 00010004 00020004
      `,
      exportTime: '2024-06-20T14:00:00',
      sequenceNumber: 0,
      observationDomainId: 0,
      templates: {
        400: [
          'sourceIPv4Address 4',
          'destinationIPv4Address 4',
          'sourceTransportPort 2',
          'destinationTransportPort 2',
          'postNATSourceIPv4Address 4',
          'postNAPTSourceTransportPort 2',
          'flowId 8',
          'protocolIdentifier 1',
          'engineType 1',
          'aluInsideServiceId 2',
          'aluOutsideServiceId 2',
          'aluNatSubString 65535',
          'octetDeltaCount 4',
          'packetDeltaCount 4',
        ],
      },
    },
    {
      source:
        'NetGauze/NetGauze, crates/flow-pkt/src/wire/tests/ipfix.rs, test_with_nokia_pen_fields (10278ec)',
      octets: hex`
        000a0054 667435e0 00000000 00000000 01900044 0a640001 0a640097 27140001
        08080808 22b10000 0000009a 21120100 0001000f 154c534e 2d486f73 74403130
        2e31302e 31302e31 30310000 04b00000 00010000
      `,
      exportTime: '2024-06-20T14:00:00',
      sequenceNumber: 0,
      observationDomainId: 0,
      records: [
        {
          sourceIPv4Address: '10.100.0.1',
          destinationIPv4Address: '10.100.0.151',
          sourceTransportPort: 10004,
          destinationTransportPort: 1,
          postNATSourceIPv4Address: '8.8.8.8',
          postNAPTSourceTransportPort: 8881,
          flowId: 10101010,
          protocolIdentifier: 1,
          engineType: 0,
          aluInsideServiceId: 1,
          aluOutsideServiceId: 15,
          aluNatSubString: 'LSN-Host@10.10.10.101',
          octetDeltaCount: 1200,
          packetDeltaCount: 1,
        },
      ],
      paddingOctets: 2,
    },
  ],
  [
    {
      source:
        'NetGauze/NetGauze, crates/flow-pkt/src/wire/tests/ipfix.rs, test_with_vmware_pen_fields (10278ec)',
      octets: hex`
        000a0088 668bb8a0 00000000 00000000 00020078 01900012 00080004 000c0004
        00070002 000b0002 00940008 00040001 00010004 00020004 837a0002 00001adc
        83780002 00001adc 83790001 00001adc 83710004 00001adc 83720004 00001adc
        83760002 00001adc 83770002 00001adc 83700001 00001adc 83ba0001 00001adc
        8382ffff 00001adc
      `,
      exportTime: '2024-07-08T10:00:00',
      sequenceNumber: 0,
      observationDomainId: 0,
      templates: {
        400: [
          'sourceIPv4Address 4',
          'destinationIPv4Address 4',
          'sourceTransportPort 2',
          'destinationTransportPort 2',
          'flowId 8',
          'protocolIdentifier 1',
          'octetDeltaCount 4',
          'packetDeltaCount 4',
          'ingressInterfaceAttr 2',
          'egressInterfaceAttr 2',
          'vxlanExportRole 1',
          'tenantSourceIPv4 4',
          'tenantDestIPv4 4',
          'tenantSourcePort 2',
          'tenantDestPort 2',
          'tenantProtocol 1',
          'vmwareFlowDirection 1',
          'virtualObsID 65535',
        ],
      },
    },
    {
      source:
        'NetGauze/NetGauze, crates/flow-pkt/src/wire/tests/ipfix.rs, test_with_vmware_pen_fields (10278ec)',
      octets: hex`
        000a006a 667435e0 00000000 00000000 0190005a 0a640001 0a640097 27140001
        00000000 009a2112 01000004 b0000000 01000a00 0c00c0a8 8c06c0a8 8c444e37
        01bb0600 24616161 61616161 612d6262 62622d63 6363632d 64646464 2d656565
        65656565 65656565 6500
      `,
      exportTime: '2024-06-20T14:00:00',
      sequenceNumber: 0,
      observationDomainId: 0,
      records: [
        {
          sourceIPv4Address: '10.100.0.1',
          destinationIPv4Address: '10.100.0.151',
          sourceTransportPort: 10004,
          destinationTransportPort: 1,
          flowId: 10101010,
          protocolIdentifier: 1,
          octetDeltaCount: 1200,
          packetDeltaCount: 1,
          ingressInterfaceAttr: 10,
          egressInterfaceAttr: 12,
          vxlanExportRole: 0,
          tenantSourceIPv4: '192.168.140.6',
          tenantDestIPv4: '192.168.140.68',
          tenantSourcePort: 20023,
          tenantDestPort: 443,
          tenantProtocol: 6,
          vmwareFlowDirection: 0,
          virtualObsID: 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee',
        },
      ],
      paddingOctets: 1,
    },
  ],
  [
    {
      source: 'vmware/go-ipfix, pkg/collector/process_test.go, validTemplatePacket (0018845)',
      octets: hex`
        000a0028 5f28d3ec 00000000 00000001 00020018 01000003 00080004 000c0004
        8069ffff 0000da15
      `,
      sequenceNumber: 0,
      observationDomainId: 1,
      templates: {
        256: ['sourceIPv4Address 4', 'destinationIPv4Address 4', 'destinationNodeName 65535'],
      },
    },
    {
      source: 'vmware/go-ipfix, pkg/collector/process_test.go, validDataPacket (0018845)',
      octets: hex`
        000a0021 5f28d49f 00000000 00000001 01000011 01020304 05060708 0459696f
        75
      `,
      sequenceNumber: 0,
      observationDomainId: 1,
      records: [
        {
          sourceIPv4Address: '1.2.3.4',
          destinationIPv4Address: '5.6.7.8',
          destinationNodeName: 'Yiou',
        },
      ],
    },
  ],
  [
    {
      source: 'calmh/ipfix, parser_test.go, TestParseTemplateSet (0b8fc45)',
      octets: hex`
        000a008c 51ec4264 00000000 0b20bdbe 0002007c 283b0008 001c0010 800c0004
        00003c25 80030008 00003c25 80040008 00003c25 8012ffff 00003c25 8001ffff
        00003c25 801cffff 00003c25 001b0010 c2ac0008 000c0004 800c0004 00003c25
        80030008 00003c25 80040008 00003c25 8012ffff 00003c25 8001ffff 00003c25
        801cffff 00003c25 00080004
      `,
      sequenceNumber: 0,
      observationDomainId: 186695102,
      templates: {
        10299: [
          'destinationIPv6Address 16',
          '15397/12 4',
          '15397/3 8',
          '15397/4 8',
          '15397/18 65535',
          '15397/1 65535',
          '15397/28 65535',
          'sourceIPv6Address 16',
        ],
        49836: [
          'destinationIPv4Address 4',
          '15397/12 4',
          '15397/3 8',
          '15397/4 8',
          '15397/18 65535',
          '15397/1 65535',
          '15397/28 65535',
          'sourceIPv4Address 4',
        ],
      },
    },
  ],
];
