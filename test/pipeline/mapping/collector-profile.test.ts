// COLLECTOR_PROFILE: lengths, elements and Templates as a program needs them, and what it cannot have.

import { describe, expect, test } from 'vitest';
import { caveatsOf } from '../../../src/commands/collector-caveats.ts';
import { ianaRegistry } from '../../../src/ipfix/information-element.ts';
import { readConfig } from '../../../src/config/config.ts';
import {
  collectorProfile,
  type CollectorProfileName,
} from '../../../src/pipeline/mapping/collector-profile.ts';
import type { FieldSpec } from '../../../src/pipeline/mapping/mapping-spec.ts';
import { mappingFromSchema } from '../../support/events/mapping.ts';

type Fields = readonly (readonly [name: string, type: unknown])[];

const schemaOf = (fields: Fields) => ({
  ...{ type: 'record', name: 'E' },
  fields: fields.map(([name, type]) => ({ name, type })),
});

function mapped(name: CollectorProfileName, fields: Fields, said?: Record<string, FieldSpec>) {
  const profile = collectorProfile(name);
  const section = said ? { fields: said } : {};
  const mapping = mappingFromSchema(schemaOf(fields), { section, presets: [], profile });
  const lengths = mapping.fields.flatMap(({ elements }) =>
    elements.map(({ field: { element, length } }) => [element.name, length] as const),
  );
  return { lengths: Object.fromEntries(lengths), ...mapping };
}

const plain: Fields = [
  ['tcpControlBits', 'int'],
  ['octetDeltaCount', 'long'],
  ['forwardingStatus', 'int'],
];

test.each([
  ['generic', { tcpControlBits: 1, octetDeltaCount: 8, forwardingStatus: 4 }],
  ['go-ipfix', { tcpControlBits: 2, octetDeltaCount: 8, forwardingStatus: 1 }],
  ['fixed-length', { tcpControlBits: 2, octetDeltaCount: 8, forwardingStatus: 4 }],
] as const)('%s has its own lengths', (name, lengths) => {
  expect(mapped(name, plain).lengths).toEqual(lengths);
});

describe.each([
  [
    'go-ipfix',
    'flowStartMicroseconds',
    'long',
    'go-ipfix rejects Templates with dateTimeMicroseconds; map flowStartMilliseconds with the field\'s "unit"',
  ],
  [
    'go-ipfix',
    'flowEndNanoseconds',
    'long',
    'go-ipfix rejects Templates with dateTimeNanoseconds; map flowEndMilliseconds with the field\'s "unit"',
  ],
  [
    'go-ipfix',
    'srhFlagsIPv6',
    'int',
    'go-ipfix has no srhFlagsIPv6 in its registry, and rejects the Template; leave it out',
  ],
  [
    'fixed-length',
    'interfaceName',
    'string',
    'interfaceName (string) has no fixed length; give it one with "length", or leave it out',
  ],
] as const)('%s cannot have %s', (name, element, type, problem) => {
  const told = `${problem} (COLLECTOR_PROFILE=${name})`;
  const fields: Fields = [
    [element, type],
    ['octetDeltaCount', 'long'],
  ];

  test('it is left out with the reason where only its name asks for it', () => {
    const { lengths, leftOut, faults } = mapped(name, fields);
    expect(faults).toEqual([]);
    expect(lengths).toEqual({ octetDeltaCount: 8 });
    expect(leftOut).toEqual([{ path: element, problem: told }]);
  });

  test('it is a fault where the mapping file asks for it', () => {
    const { faults } = mapped(name, fields, { [element]: { element } });
    expect(faults).toContainEqual({ path: element, problem: told });
    const generic = mapped('generic', fields, { [element]: { element } });
    expect(generic.faults).toEqual([]);
  });
});

test.each([
  [
    'go-ipfix',
    { element: 'octetDeltaCount', length: 4 },
    'go-ipfix reads octetDeltaCount with 8 octets',
  ],
  ['go-ipfix', { element: '4242/17', type: 'unsigned32', name: 'x' }, 'go-ipfix has no x in its'],
  [
    'fixed-length',
    { element: 'octetDeltaCount', length: 4 },
    'octetDeltaCount has 8 octets in IANA',
  ],
] as const)('%s refuses %j', (name, spec, problem) => {
  const { faults } = mapped(name, [['f', 'long']], { f: spec });
  expect(faults[0]?.problem).toContain(problem);
});

test('a string with a length fits fixed-length, and go-ipfix has it as it is', () => {
  const fields: Fields = [['f', 'string']];
  const fixed = mapped('fixed-length', fields, { f: { element: 'interfaceName', length: 16 } });
  expect([fixed.faults, fixed.lengths]).toEqual([[], { interfaceName: 16 }]);
  const go = mapped('go-ipfix', fields, { f: 'interfaceName' });
  expect([go.faults, go.lengths]).toEqual([[], { interfaceName: 65_535 }]);
});

test('under go-ipfix each element of IANA is fit for its decoder, or is refused', () => {
  const profile = collectorProfile('go-ipfix');
  const refused = ianaRegistry.filter((element) => {
    return profile.faultOf({ element, length: profile.lengthOf(element) ?? 0 }) !== undefined;
  });
  const ofType = (...types: string[]) => ianaRegistry.filter(({ type }) => types.includes(type));
  const times = ofType('dateTimeMicroseconds', 'dateTimeNanoseconds', 'signed64');
  const lists = ofType('basicList', 'subTemplateList', 'subTemplateMultiList');
  const late = ianaRegistry.filter(({ id }) => id > 491);
  expect(new Set(refused)).toEqual(new Set([...times, ...lists, ...late]));
});

describe('Options', () => {
  const of = (profile: string, settings: Readonly<Record<string, string>>) =>
    readConfig({
      ...{ COLLECTORS: 'ipfix://192.0.2.1', INPUT_FILE: 'x', COLLECTOR_PROFILE: profile },
      ...settings,
    }).faults;

  test.each([
    ['EXPORT_STATISTICS', 'metering'],
    ['EXPORT_FLOW_KEYS', 'sourceAddress'],
    ['EXPORT_ELEMENT_TYPES', 'on'],
    ['EXPORT_SAMPLING_RATE', '100'],
  ])('of %s=%s are refused with a profile that does not take them', (name, value) => {
    for (const profile of ['go-ipfix', 'fixed-length']) {
      expect(of(profile, { [name]: value })).toEqual([
        {
          where: name,
          problem: `asks for Options Records, which COLLECTOR_PROFILE=${profile} does not support; remove one of the two`,
        },
      ]);
    }
    expect(of('generic', { [name]: value })).toEqual([]);
  });

  test('that are off are none', () => {
    expect(of('go-ipfix', { EXPORT_ELEMENT_TYPES: 'off' })).toEqual([]);
  });
});

describe('caveats', () => {
  const of = (name: CollectorProfileName, ...fields: Fields) =>
    caveatsOf(mapped(name, fields).fields, name);

  test('name the profile that helps, and are not said under it', () => {
    const [caveat, ...more] = of('generic', ['tcpControlBits', 'int']);
    expect([caveat, more]).toEqual([
      'tcpControlBits: go-ipfix (Antrea) reads 2 octets whatever the Template says, and ' +
        'misreads the rest of the record; vFlow shows 1 octet as hexadecimal text; for them, set ' +
        'COLLECTOR_PROFILE=go-ipfix or fixed-length',
      [],
    ]);
    expect(of('go-ipfix', ['tcpControlBits', 'int'])).toEqual([]);
    expect(of('generic', ['interfaceName', 'string'])[0]).toContain(
      'COLLECTOR_PROFILE=fixed-length',
    );
    expect(of('go-ipfix', ['interfaceName', 'string'])).toEqual([]);
  });

  test('say of a time since the start that the start is not there', () => {
    const upTime: Fields = [
      ['flowStartSysUpTime', 'int'],
      ['flowEndSysUpTime', 'int'],
    ];
    expect(of('generic', ...upTime)).toEqual([
      expect.stringMatching(/^flowStartSysUpTime, flowEndSysUpTime: it counts from systemInit/),
    ]);
    expect(of('generic', ...upTime, ['systemInitTimeMilliseconds', 'long'])).toEqual([]);
  });

  test('say of Total counters who misreads them', () => {
    expect(of('generic', ['octetTotalCount', 'long'], ['octetDeltaCount', 'long'])).toEqual([
      expect.stringMatching(/^octetTotalCount: goflow2 reads Total counters as 0/),
    ]);
  });
});
