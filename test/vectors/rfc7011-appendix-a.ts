// RFC 7011 Appendix A, "IPFIX Encoding Examples", typed octet by octet from its figures. Where a
// figure leaves a value open (Export Time, Sequence Number, Observation Domain ID, an enterprise
// number), the comment says "chosen".

import { hex } from '../support/events/hex.ts';

/** A.2.1 */
export const templateSet = hex`
  0002 001c  // Set ID 2, Length 28
  0100 0005  // Template ID 256, Field Count 5
  0008 0004  // sourceIPv4Address
  000c 0004  // destinationIPv4Address
  000f 0004  // ipNextHopIPv4Address
  0002 0004  // packetDeltaCount
  0001 0004  // octetDeltaCount
`;

/** A.2.2 */
export const enterpriseTemplateSet = hex`
  0002 0020  // Set ID 2, Length 32
  0101 0005  // Template ID 257, Field Count 5
  0008 0004  // sourceIPv4Address
  000c 0004  // destinationIPv4Address
  800f 0004  // enterprise bit, element 15
  00007ed9   // enterprise number 32473, chosen: the one for documentation
  0002 0004  // packetDeltaCount
  0001 0004  // octetDeltaCount
`;

/** A.3 */
export const dataSet = hex`
  0100 0040  // Set ID 256, Length 64
  c000020c c00002fe c0000201  // 192.0.2.12  192.0.2.254  192.0.2.1
  00001391 00518c81           // 5009 packets, 5344385 octets
  c000021b c0000217 c0000202  // 192.0.2.27  192.0.2.23  192.0.2.2
  000002ec 0005ef46           // 748, 388934
  c0000238 c0000241 c0000203  // 192.0.2.56  192.0.2.65  192.0.2.3
  00000005 00001986           // 5, 6534
`;

/** A.4.1 */
export const optionsTemplateSet = hex`
  0003 0018  // Set ID 3, Length 24
  0102 0003  // Template ID 258, Field Count 3
  0001       // Scope Field Count 1
  008d 0004  // lineCardId, a Scope Field
  0029 0002  // exportedMessageTotalCount
  002a 0002  // exportedFlowRecordTotalCount
  0000       // padding
`;

/** A.4.2 */
export const enterpriseOptionsTemplateSet = hex`
  0003 001c  // Set ID 3, Length 28
  0103 0003  // Template ID 259, Field Count 3
  0001       // Scope Field Count 1
  008d 0004  // lineCardId, a Scope Field
  0029 0002  // exportedMessageTotalCount
  802a 0004  // enterprise bit, element 42
  00007ed9   // enterprise number, chosen
  0000       // padding
`;

/** A.4.3 */
export const enterpriseScopeTemplateSet = hex`
  0003 001c  // Set ID 3, Length 28
  0104 0003  // Template ID 260, Field Count 3
  0001       // Scope Field Count 1
  807b 0004  // enterprise bit, element 123, a Scope Field
  00007ed9   // enterprise number, chosen
  0029 0002  // exportedMessageTotalCount
  002a 0002  // exportedFlowRecordTotalCount
  0000       // padding
`;

/** A.4.4 */
export const enterpriseScopeDataSet = hex`
  0104 0014           // Set ID 260, Length 20
  00000001 0159 27d9  // 1, 345 Messages, 10201 Flow Records
  00000002 02b2 4fb2  // 2, 690, 20402
`;

/** The header of A.1 over any Sets; A.1's own Length is 152. */
export function message(
  sets: readonly Uint8Array[],
  { exportTime = 0x6a6de240, sequenceNumber = 0, observationDomainId = 1 } = {},
): Buffer {
  const header = Buffer.from(hex`000a 0000 00000000 00000000 00000000`);
  const octets = Buffer.concat([header, ...sets]);
  octets.writeUInt16BE(octets.length, 2);
  octets.writeUInt32BE(exportTime, 4);
  octets.writeUInt32BE(sequenceNumber, 8);
  octets.writeUInt32BE(observationDomainId, 12);
  return octets;
}

/**
 * The whole Message of A.1: Template Set (28), Data Set (64), Options Template Set (24) and the
 * Data Set that belongs to it (20), with the header 152 octets. Those 24 are A.4.1's; A.4.4 shows
 * the records of A.4.3's Template, so here they go by A.4.1's Template ID, 258.
 */
export const appendixMessage = message([
  templateSet,
  dataSet,
  optionsTemplateSet,
  hex`
  0102 0014           // Set ID 258, Length 20
  00000001 0159 27d9  // line card 1, 345 Messages, 10201 Flow Records
  00000002 02b2 4fb2  // line card 2, 690, 20402
`,
]);
