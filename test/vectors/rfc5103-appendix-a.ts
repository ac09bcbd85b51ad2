// RFC 5103 Appendix A, "Examples", typed octet by octet from its figures. "Template ID >= 256" is
// chosen to be 256 and, for the options, 257.

import { hex } from '../support/events/hex.ts';

/** Figure 7 */
export const biflowTemplateSet = hex`
  0002 0040           // Set ID 2, Length 64
  0100 000b           // Template ID 256, Field Count 11
  0096 0004           // flowStartSeconds
  8096 0004 00007279  // enterprise bit, flowStartSeconds, Reverse PEN 29305
  0008 0004           // sourceIPv4Address
  000c 0004           // destinationIPv4Address
  0007 0002           // sourceTransportPort
  000b 0002           // destinationTransportPort
  0004 0001           // protocolIdentifier
  0055 0004           // octetTotalCount
  8055 0004 00007279  // its reverse
  0056 0004           // packetTotalCount
  8056 0004 00007279  // its reverse
`;

/** Figure 8 */
export const biflowDataSet = hex`
  0100 0029          // Set ID 256, Length 41
  43e0e910 43e0e911  // 2006-02-01 17:00:00, 17:00:01
  c0000202 c0000203  // 192.0.2.2, 192.0.2.3
  8002 0050 06       // ports 32770 and 80, protocol 6
  00004650 0001f400  // 18000 octets, 128000 back
  00000041 0000006e  // 65 packets, 110 back
`;

/** Figure 9 */
export const directionOptionsTemplateSet = hex`
  0003 0012  // Set ID 3, Length 18
  0101 0002  // Template ID 257, Field Count 2
  0001       // Scope Field Count 1
  0095 0004  // observationDomainId, a Scope Field
  00ef 0001  // biflowDirection
`;

/** Figure 10 */
export const directionDataSet = hex`
  0101 0009  // Set ID 257, Length 9
  00000021   // Observation Domain 33
  03         // perimeter
`;
