// Each element in a Data Record of its own, amid companions that every program knows: the source
// address says which record it is, the destination address whether the reader kept in step.

import { encoderFor, naturalLength } from '../../src/ipfix/abstract-type.ts';
import type { Encode } from '../../src/ipfix/encode-error.ts';
import { elementByName } from '../../src/ipfix/information-element.ts';
import {
  messageHeaderOctets,
  setHeaderOctets,
  writeMessageHeader,
  writeSetHeader,
} from '../../src/ipfix/message.ts';
import { templateIdMin, templateMessages, variableLength } from '../../src/ipfix/template.ts';
import type { ElementCase, Field } from './element-case.ts';

/** Where a value is in the Data Message, its own length octets left out. */
export interface Place {
  readonly at: number;
  readonly octets: number;
}

export interface ElementRecord {
  readonly case: ElementCase;
  readonly fields: readonly (Field & Place)[];
  /** The Template's, then the Data Record's. */
  readonly messages: readonly [Buffer, Buffer];
}

const messageOctetsMax = 2000;
const observationDomainId = 7;
const exportTimeS = 1_700_000_060;
const sourcePortMin = 1025;
const flowStartMs = 1_700_000_000_500;

/** In the order of the cases; the Sequence Numbers are those of one Transport Session. */
export function elementRecords(cases: readonly ElementCase[]): ElementRecord[] {
  return cases.map((elementCase, index) => {
    const fields = fieldsOf(elementCase, index);
    const id = templateIdMin + index;
    const [template] = templateMessages(
      [...(elementCase.subTemplates ?? []), { id, fields }],
      messageOctetsMax,
    );
    writeMessageHeader(template!, template!.length, exportTimeS, index, observationDomainId);
    const data = Buffer.alloc(messageOctetsMax);
    let end = messageHeaderOctets + setHeaderOctets;
    const placed = fields.map((field) => {
      const start = end;
      end = encode(field)(field.value, data, start);
      const lengthOctets = field.length === variableLength ? (data[start] === 255 ? 3 : 1) : 0;
      return { ...field, at: start + lengthOctets, octets: end - start - lengthOctets };
    });
    writeMessageHeader(data, end, exportTimeS, index, observationDomainId);
    writeSetHeader(data, messageHeaderOctets, id, end - messageHeaderOctets);
    return { case: elementCase, fields: placed, messages: [template!, data.subarray(0, end)] };
  });
}

function encode(field: Field): Encode {
  const found = field.encode ?? encoderFor(field);
  if (!found) throw new Error(`${field.element.name} of ${field.length} octets has no encoder`);
  return found;
}

function fieldsOf({ field, protocol, ipVersion }: ElementCase, index: number): Field[] {
  const source = addressOf(ipVersion, 1, index);
  const destination = addressOf(ipVersion, 2, index);
  const hasPorts = protocol === 6 || protocol === 17;
  const before = [
    companion(`sourceIPv${ipVersion}Address`, source),
    companion('protocolIdentifier', protocol),
    ...(hasPorts ? [companion('sourceTransportPort', sourcePortMin + index)] : []),
    companion('octetDeltaCount', 4242),
    companion('packetDeltaCount', 42),
    companion('flowStartMilliseconds', flowStartMs),
    companion('flowEndMilliseconds', flowStartMs + 2500),
  ];
  const after = [
    ...(hasPorts ? [companion('destinationTransportPort', 4739)] : []),
    companion(`destinationIPv${ipVersion}Address`, destination),
  ];
  const mayStay = (other: Field) => meaning(other) !== meaning(field);
  return [...before.filter(mayStay), field, ...after.filter(mayStay)];
}

/** Elements of one meaning may not stand in one record: which of them counts is nobody's rule. */
function meaning({ element: { name } }: Field): string {
  return name.replace(
    /^(flow(?:Start|End))(?:Milli|Micro|Nano)?[sS]econds$|^(octet|packet)(?:Delta|Total)Count$/,
    '$1$2',
  );
}

function companion(name: string, value: unknown): Field {
  const element = elementByName(name)!;
  return { element, length: naturalLength(element.type)!, value };
}

/** 10.SIDE.0.INDEX, or the same after 2001:db8. */
function addressOf(ipVersion: 4 | 6, side: number, index: number): Buffer {
  const low = Buffer.from([10, side, index >> 8, index & 0xff]);
  return ipVersion === 4
    ? low
    : Buffer.concat([Buffer.from('20010db80000000000000000', 'hex'), low]);
}
