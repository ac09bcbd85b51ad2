// basicList octet by octet, and the length that is asked for before it is written.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { basicListField } from '../../src/ipfix/basic-list.ts';
import { EncodeError } from '../../src/ipfix/encode-error.ts';
import { type FieldEncoder, type ListOptions, plainField } from '../../src/ipfix/field-encoder.ts';
import { elementById, elementByName } from '../../src/ipfix/information-element.ts';
import { listSemantics } from '../../src/ipfix/list-semantics.ts';
import { fieldOf, writtenBy } from '../support/events/encoded.ts';

const basicList = elementByName('basicList')!;

const written = (item: FieldEncoder, values: unknown, options: ListOptions = {}): string =>
  writtenBy(basicListField(basicList, item, { semantic: 'allOf', ...options }), values);

const octets = (text: string): string => text.replaceAll(' ', '');

describe('a list', () => {
  // RFC 6313 §4.5.1: 255, the length, the semantic, the Field Specifier, the values.
  test('of numbers', () => {
    expect(written(fieldOf('egressInterface', 4), [1, 4, 8])).toBe(
      octets('ff0011 03 000e 0004 00000001 00000004 00000008'),
    );
  });

  test('of texts, each with its own length', () => {
    expect(written(fieldOf('applicationName'), ['a', ''])).toBe(
      octets('ff0008 03 0060 ffff 0161 00'),
    );
  });

  test('of an enterprise element has its number', () => {
    const own = { ...elementByName('octetDeltaCount')!, id: 17, enterpriseNumber: 4242 };
    const item = plainField({ element: own, length: 1 })!;
    expect(written(item, [7])).toBe(octets('ff000a 03 8011 0001 00001092 07'));
  });

  test('of a reverse element has the reverse enterprise number', () => {
    const item = plainField({ element: elementById(29305, 1)!, length: 2 })!;
    expect(written(item, [7])).toBe(octets('ff000b 03 8001 0002 00007279 0007'));
  });

  test('of nothing is a list no less', () => {
    expect(written(fieldOf('vlanId', 2), [])).toBe(octets('ff0005 03 003a 0002'));
  });

  test.each(Object.entries(listSemantics))('says that its items are %s', (semantic, number) => {
    const options = { semantic: semantic as keyof typeof listSemantics };
    const digits = number.toString(16).padStart(2, '0');
    expect(written(fieldOf('vlanId', 2), [7], options)).toBe(
      octets(`ff0007 ${digits} 003a 0002 0007`),
    );
  });

  test('has the length of one octet where that is asked for and holds it', () => {
    const short = { lengthForm: 'shortest' } as const;
    expect(written(fieldOf('vlanId', 2), [7], short)).toBe(octets('07 03 003a 0002 0007'));
    const of = (count: number) => written(fieldOf('ipTTL', 1), new Array(count).fill(0), short);
    expect(of(249).slice(0, 4)).toBe('fe03');
    expect(of(250).slice(0, 8)).toBe('ff00ff03');
  });

  test('has no length of its own where the Template has it', () => {
    expect(written(fieldOf('vlanId', 2), [7], { length: 7 })).toBe(octets('03 003a 0002 0007'));
    expect(() => written(fieldOf('vlanId', 2), [7, 8], { length: 7 })).toThrow(
      'a list of 9 octets; the field has 7',
    );
  });

  test('of lists', () => {
    const inner = basicListField(basicList, fieldOf('vlanId', 2), { semantic: 'ordered' });
    expect(written(inner, [[7], []])).toBe(
      octets('ff0017 03 0123 ffff  ff0007 04 003a 0002 0007  ff0005 04 003a 0002'),
    );
  });

  test('takes as many octets as it says, whatever is in it', () => {
    const texts = fc.array(fc.string({ maxLength: 300 }), { maxLength: 20 });
    const form = fc.constantFrom('long', 'shortest');
    fc.assert(
      fc.property(texts, form, (values, lengthForm) => {
        written(fieldOf('applicationName'), values, { lengthForm });
      }),
      { numRuns: 200 },
    );
  });
});

describe('what is refused', () => {
  test('a value that its item cannot hold, by its place', () => {
    expect(() => written(fieldOf('vlanId', 2), [1, 70_000])).toThrow(EncodeError);
    expect(() => written(fieldOf('vlanId', 2), [1, 70_000])).toThrow('item 2: 70000 is not');
    expect(() => written(fieldOf('applicationName'), ['a', '\ud800'])).toThrow('item 2: a string');
  });

  test('what is no list', () => {
    expect(() => written(fieldOf('vlanId', 2), 7)).toThrow('it must be a list');
  });

  test('more than a field holds', () => {
    const many = new Array<number>(33_000).fill(1);
    expect(() => written(fieldOf('vlanId', 2), many)).toThrow('the maximum is 65,535');
    const texts = new Array<string>(70).fill('a'.repeat(1_000));
    expect(() => written(fieldOf('applicationName'), texts)).toThrow('the maximum is 65,535');
  });

  test('the reverse of what has no direction', () => {
    const reverse = (name: string) => elementById(29305, elementByName(name)!.id)!;
    expect(plainField({ element: reverse('flowId'), length: 8 })).toBeUndefined();
    expect(plainField({ element: reverse('octetDeltaCount'), length: 8 })).toBeDefined();
    const list = { ...basicList, id: 210, name: 'reverseIt', enterpriseNumber: 29305 };
    expect(() => basicListField(list, fieldOf('vlanId', 2))).toThrow('there is no reverseIt');
  });
});
