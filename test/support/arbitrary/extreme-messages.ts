// The longest Messages that are as much work as 65,535 octets can be: as many records, lists, Sets,
// Templates or types as there is room for.

import {
  bigEndian,
  naiveMessage,
  naiveSet,
  specifier,
  templateRecord,
} from '../oracles/naive-ipfix.ts';

const room = 65_535 - 16;
const header = { exportTimeS: 0, sequenceNumber: 0, observationDomainId: 1 };
const variable = 65_535;

const message = (...sets: readonly Buffer[]): Buffer => naiveMessage(header, sets);
const repeated = (octets: Buffer, most: number): Buffer =>
  Buffer.concat(new Array<Buffer>(Math.floor(most / octets.length)).fill(octets));
const templateSet = (...records: readonly Buffer[]): Buffer => naiveSet(2, ...records);

const ids = { string: 82, basicList: 291, subTemplateList: 292, subTemplateMultiList: 293 };

/** One Template of one field, and a Set full of `record`. */
const full = (field: Buffer, record: Buffer): Buffer => {
  const told = templateSet(templateRecord(256, [field]));
  return message(told, naiveSet(256, repeated(record, room - told.length - 4)));
};
const fullOf = (name: keyof typeof ids, record: string): Buffer =>
  full(specifier(0, ids[name], variable), Buffer.from(record, 'hex'));

/** basicLists within each other, as deep as they go, in one record. */
function nested(): Buffer {
  const told = templateSet(templateRecord(256, [specifier(0, ids.basicList, variable)]));
  const listHead = Buffer.concat([Buffer.from([255]), specifier(0, ids.basicList, variable)]);
  const field = (content: Buffer) =>
    Buffer.concat([Buffer.from([255]), bigEndian(content.length, 2), content]);
  let content = Buffer.concat([listHead, Buffer.alloc(room - told.length - 1_000)]);
  // Each level ends in an octet that fits no item: all is read before it is found out.
  for (let level = 0; level < 20; level += 1) {
    content = Buffer.concat([listHead, field(content), Buffer.from([9])]);
  }
  return message(told, naiveSet(256, field(content)));
}

/** Type records as small as they can be, of elements that are all different. */
function types(): readonly Buffer[] {
  const scope = [specifier(0, 346, 4), specifier(0, 303, 2)];
  const fields = [...scope, specifier(0, 339, 1)];
  const options = Buffer.concat([bigEndian(257, 2), bigEndian(3, 2), bigEndian(2, 2), ...fields]);
  const told = naiveSet(3, options);
  const record = (i: number) =>
    Buffer.concat([bigEndian(9, 4), bigEndian(1 + i, 2), bigEndian(0, 1)]);
  const count = Math.floor((room - told.length - 4) / 7);
  const manyFields = Math.floor((room - 8) / 8);
  return [
    message(told, naiveSet(257, ...Array.from({ length: count }, (_, i) => record(i)))),
    message(
      templateSet(
        templateRecord(
          256,
          Array.from({ length: manyFields }, (_, i) => specifier(9, 1 + i, 1)),
        ),
      ),
    ),
    message(naiveSet(256, Buffer.alloc(room - 4))),
    message(repeated(naiveSet(256), room)),
  ];
}

/** By what there is so much of; those of one name come one after the other in one session. */
export const extremeMessages: Readonly<Record<string, readonly Buffer[]>> = {
  'empty strings': [fullOf('string', '00')],
  'basicLists of no octets': [fullOf('basicList', '00')],
  'basicLists of no items': [fullOf('basicList', '05ff00040001')],
  'basicLists of faulty items': [fullOf('basicList', '06ff0052ffff05')],
  'subTemplateLists of unknown Templates': [fullOf('subTemplateList', '03ff0200')],
  'subTemplateLists of their own Template': [fullOf('subTemplateList', '0aff010006ff010002ff00')],
  'empty parts of subTemplateMultiLists': [
    fullOf('subTemplateMultiList', `ff03e9ff${'01000000'.repeat(250)}`),
  ],
  'a basicList of octets': [
    message(
      templateSet(templateRecord(256, [specifier(0, ids.basicList, room - 20)])),
      naiveSet(256, Buffer.from('ff00040001', 'hex'), Buffer.alloc(room - 25)),
    ),
  ],
  'lists within lists': [nested()],
  'records of one octet': [full(specifier(0, 4, 1), Buffer.from([6]))],
  Templates: [
    message(
      templateSet(
        ...Array.from({ length: 8_188 }, (_, i) => templateRecord(256 + i, [specifier(0, 4, 1)])),
      ),
    ),
  ],
  'fields of one Template': [
    message(
      templateSet(templateRecord(256, new Array<Buffer>(16_370).fill(specifier(0, 82, variable)))),
    ),
    message(naiveSet(256, Buffer.alloc(room - 4))),
  ],
  'unknown Sets': [message(repeated(naiveSet(256), room))],
  withdrawals: [message(templateSet(repeated(Buffer.from('00020000', 'hex'), room - 4)))],
  types: types(),
};
