// RFC 5610 Appendix A, "Examples", typed octet by octet from its figures. "Private Enterprise Number" is
// chosen to be 32473, the one for documentation.

import { hex } from '../support/events/hex.ts';

/** Figure 1 */
export const flagsTemplateSet = hex`
  0002 0034           // Set ID 2, Length 52
  0100 0009           // Template ID 256, Field Count 9
  0096 0004           // flowStartSeconds
  0008 0004           // sourceIPv4Address
  000c 0004           // destinationIPv4Address
  0007 0002           // sourceTransportPort
  000b 0002           // destinationTransportPort
  0055 0004           // octetTotalCount
  800e 0001 00007ed9  // enterprise bit, element 14
  800f 0001 00007ed9  // enterprise bit, element 15
  0004 0001           // protocolIdentifier
`;

/**
 * Figure 2, with its slips fixed: it draws five fields under a Field Count of 4 and a Length of 26,
 * and 65536 for the variable length.
 */
export const typeOptionsTemplateSet = hex`
  0003 001e  // Set ID 3, Length 30
  0101 0005  // Template ID 257, Field Count 5
  0002       // Scope Field Count 2
  015a 0004  // privateEnterpriseNumber, a Scope Field
  012f 0002  // informationElementId, a Scope Field
  0153 0001  // informationElementDataType
  0158 0001  // informationElementSemantics
  0155 ffff  // informationElementName, variable length
`;

/** Figure 3 */
export const typeDataSet = hex`
  0101 0032                           // Set ID 257, Length 50
  00007ed9 000e 01 05                 // element 14: unsigned8, flags
  0f 696e697469616c544350466c616773   // "initialTCPFlags"
  00007ed9 000f 01 05                 // element 15: unsigned8, flags
  0d 756e696f6e544350466c616773       // "unionTCPFlags"
`;

/** A flow of Figure 1's Template; its values are chosen. */
export const flagsDataSet = hex`
  0100 001b                   // Set ID 256, Length 27
  6a6de240 c0000202 c0000203  // 2026-08-01T12:10:40, 192.0.2.2, 192.0.2.3
  8002 0050 00004650          // ports 32770 and 80, 18000 octets
  02 1b 06                    // SYN; FIN, SYN, PSH and ACK; protocol 6
`;
