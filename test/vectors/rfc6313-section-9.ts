// RFC 6313 §9, "Structured Data Encoding Examples", typed octet by octet from its figures. What a figure
// leaves open (TimeValue1 to 5, the line cards A, B and C) is chosen here, and the comment says so.

import { hex } from '../support/events/hex.ts';

/** Figure 11 */
export const multicastTemplateSet = hex`
  0002 0018  // Set ID 2, Length 24
  0100 0004  // Template ID 256, Field Count 4
  000a 0004  // ingressInterface
  0008 0004  // sourceIPv4Address
  000c 0004  // destinationIPv4Address
  0123 ffff  // basicList, variable length
`;

/** Figure 12: semantic allOf. Figure 14 is the same with semantic exactlyOneOf. */
export const multicastDataSet = hex`
  0100 0024       // Set ID 256, Length 36
  00000009        // ingressInterface 9
  c00002c9        // 192.0.2.201
  e9fc0001        // 233.252.0.1
  ff 0011 03      // 255, List Length 17, semantic allOf
  000e 0004       // egressInterface, 4 octets
  00000001        // 1
  00000004        // 4
  00000008        // 8
`;

/** Figure 13: names of interfaces instead, each with its own length. */
export const namesDataSet = hex`
  0100 002c            // Set ID 256, Length 44
  00000009             // ingressInterface 9
  c00002c9             // 192.0.2.201
  e9fc0001             // 233.252.0.1
  ff 0019 03           // 255, List Length 25, semantic allOf
  0052 ffff            // interfaceName, variable length
  05 4645302f30        // "FE0/0"
  07 464531302f3130    // "FE10/10"
  05 4645322f32        // "FE2/2"
`;

/** Figure 14 */
export const loadBalancedDataSet = hex`
  0100 0024       // Set ID 256, Length 36
  00000009        // ingressInterface 9
  c00002c9        // 192.0.2.201
  e9fc0001        // 233.252.0.1
  ff 0011 01      // 255, List Length 17, semantic exactlyOneOf
  000e 0004       // egressInterface, 4 octets
  00000001 00000004 00000008
`;

/** Figure 15 */
export const metricsTemplateSet = hex`
  0002 0010  // Set ID 2, Length 16
  0101 0002  // Template ID 257, Field Count 2
  0144 0008  // observationTimeMicroseconds
  0146 0004  // digestHashValue
`;

/** Figure 16 */
export const delayTemplateSet = hex`
  0002 0020  // Set ID 2, Length 32
  0102 0006  // Template ID 258, Field Count 6
  0008 0004  // sourceIPv4Address
  000c 0004  // destinationIPv4Address
  0007 0002  // sourceTransportPort
  000b 0002  // destinationTransportPort
  0004 0001  // protocolIdentifier
  0124 ffff  // subTemplateList, variable length
`;

/** Figure 17; the times are chosen: halves of a second from 2011-07-01T00:00:00 on. */
export const delayDataSet = hex`
  0102 0053                   // Set ID 258, Length 83
  c0000201 c0000269           // 192.0.2.1, 192.0.2.105
  0401 0050 06                // ports 1025 and 80, protocol 6
  ff 003f 03                  // 255, list length 63, semantic allOf
  0101                        // Template ID 257
  d1b78c80 00000000 91230613  // TimeValue1, digestHashValue1
  d1b78c80 80000000 91230650
  d1b78c81 00000000 91230725
  d1b78c81 80000000 91230844
  d1b78c82 00000000 91230978
`;

/** Figure 18 */
export const filteringTemplateSet = hex`
  0002 0010  // Set ID 2, Length 16
  0103 0002  // Template ID 259, Field Count 2
  012e 0004  // selectorId
  0130 0001  // selectorAlgorithm, reduced to 1 octet
`;

/** Figure 19 */
export const samplingTemplateSet = hex`
  0002 0018  // Set ID 2, Length 24
  0104 0004  // Template ID 260, Field Count 4
  012e 0004  // selectorId
  0130 0001  // selectorAlgorithm, reduced to 1 octet
  0131 0001  // samplingPacketInterval, reduced to 1 octet
  0132 0001  // samplingPacketSpace, reduced to 1 octet
`;

/** Figure 20 */
export const selectedFlowTemplateSet = hex`
  0002 0028  // Set ID 2, Length 40
  0105 0008  // Template ID 261, Field Count 8
  001b 0010  // sourceIPv6Address
  001c 0010  // destinationIPv6Address
  0007 0002  // sourceTransportPort
  000b 0002  // destinationTransportPort
  0004 0001  // protocolIdentifier
  0055 0004  // octetTotalCount
  0056 0004  // packetTotalCount
  0125 ffff  // subTemplateMultiList, variable length
`;

/** Figure 21 */
export const selectedFlowDataSet = hex`
  0105 0049                          // Set ID 261, Length 73
  20010db8000000000000000000000001   // 2001:DB8::1
  20010db8000000000000000000000002   // 2001:DB8::2
  0401 0050 06                       // ports 1025 and 80, protocol 6
  0001a5e0 00000078                  // 108000 octets, 120 packets
  ff 0015 03                         // 255, Attributes List Length 21, semantic allOf
  0103 0009                          // Template ID 259, Length 9
  00000064 05                        // selectorId 100, Property Match Filtering
  0104 000b                          // Template ID 260, Length 11
  0000000f 01 01 63                  // selectorId 15, Count-Based Sampling, 1 of 1 + 99
`;

/** Figure 23 */
export const sequenceOptionsTemplateSet = hex`
  0003 001a  // Set ID 3, Length 26
  0106 0004  // Template ID 262, Field Count 4
  0001       // Scope Field Count 1
  012d 0004  // selectionSequenceId, a Scope Field
  0125 ffff  // subTemplateMultiList, variable length
  012e 0004  // selectorId
  012e 0004  // selectorId
`;

/** Figures 24, 25, 26. Their "exporterIPv4Address = 8" is IANA's sourceIPv4Address. */
export const observationPointTemplateSets = hex`
  0002 0010  0107 0002  0008 0004  000a 0004             // 263: router, ingressInterface
  0002 0010  0108 0002  0008 0004  008d 0004             // 264: router, lineCardId
  0002 0014  0109 0003  0008 0004  008d 0004  000a 0004  // 265: router, lineCardId, ingressInterface
`;

/** Figure 27; the line cards A, B and C are chosen to be 10, 11 and 12. */
export const sequenceDataSet = hex`
  0106 0044          // Set ID 262, Length 68
  00000007           // selectionSequenceId 7
  ff 0031 03         // 255, Observation Point List Length 49, semantic allOf
  0107 000c          // Template ID 263, Length 12
  c000020b 00000001  // 192.0.2.11, interface 1
  0108 0014          // Template ID 264, Length 20
  c000020c 0000000a  // 192.0.2.12, line card A
  c000020d 0000000b  // 192.0.2.13, line card B
  0109 0010          // Template ID 265, Length 16
  c000020e 0000000c 00000002  // 192.0.2.14, line card C, interface 2
  00000005           // selectorId 5
  0000000a           // selectorId 10
`;
