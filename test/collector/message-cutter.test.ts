// An IPFIX File cut into Messages: whole ones in order, and the place of whatever is none.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type FilePart, MessageCutter } from '../../src/collector/message-cutter.ts';
import { appendixMessage } from '../vectors/rfc7011-appendix-a.ts';

/** A Message as far as cutting goes: a header with its Length, and so many octets of one value. */
function messageOf(bodyOctets: number, filling = 0xff): Buffer {
  const message = Buffer.alloc(16 + bodyOctets, filling);
  message.writeUInt16BE(10, 0);
  message.writeUInt16BE(message.length, 2);
  return message;
}

function cut(file: Buffer, chunkOctets = file.length || 1): FilePart[] {
  const cutter = new MessageCutter();
  const parts: FilePart[] = [];
  for (let at = 0; at < file.length; at += chunkOctets) {
    parts.push(...cutter.push(file.subarray(at, at + chunkOctets)));
  }
  return [...parts, ...cutter.end()];
}

/** `message@0+20 fault@20+3`. */
const shapeOf = (parts: readonly FilePart[]): string =>
  parts
    .map(
      (part) =>
        `${part.kind}@${part.at}+${part.kind === 'message' ? part.octets.length : part.length}`,
    )
    .join(' ');

const problemsOf = (parts: readonly FilePart[]): string[] =>
  parts.flatMap((part) => (part.kind === 'fault' ? [part.problem] : []));

describe('a good file', () => {
  test('is its Messages, one after the other', () => {
    const file = Buffer.concat([appendixMessage, messageOf(0), appendixMessage]);
    const parts = cut(file);
    expect(shapeOf(parts)).toBe('message@0+152 message@152+16 message@168+152');
    expect(parts[2]).toMatchObject({ octets: appendixMessage });
  });

  test('may be empty, and a Message as long as any can be', () => {
    expect(cut(Buffer.alloc(0))).toEqual([]);
    expect(shapeOf(cut(messageOf(65_535 - 16)))).toBe('message@0+65535');
  });
});

describe('a file that ends too early', () => {
  test.each([
    [1, 'the file ends inside a Message: 1 octets are there'],
    [15, 'the file ends inside a Message: 15 of 152 octets are there'],
    [151, 'the file ends inside a Message: 151 of 152 octets are there'],
  ])('is what was whole, and told where: %i octets', (left, problem) => {
    const parts = cut(Buffer.concat([appendixMessage, appendixMessage.subarray(0, left)]));
    expect(shapeOf(parts)).toBe(`message@0+152 fault@152+${left}`);
    expect(problemsOf(parts)).toEqual([problem]);
  });
});

describe('octets that are no Message', () => {
  test('are reported with their place, and what follows is read', () => {
    const parts = cut(Buffer.concat([messageOf(4), Buffer.from('what?'), messageOf(8)]));
    expect(shapeOf(parts)).toBe('message@0+20 fault@20+5 message@25+24');
    expect(problemsOf(parts)).toEqual([
      'this is not the beginning of a Message: Version is 30568, not 10',
    ]);
  });

  test('may hold a Version: only what another Message or the end follows is one', () => {
    const decoy = Buffer.from('ffff000a0014ffffffff', 'hex');
    expect(shapeOf(cut(Buffer.concat([decoy, messageOf(4), messageOf(0)])))).toBe(
      'fault@0+10 message@10+20 message@30+16',
    );
    expect(shapeOf(cut(Buffer.concat([decoy, messageOf(4)])))).toBe('fault@0+10 message@10+20');
    expect(shapeOf(cut(decoy))).toBe('fault@0+10');
  });

  test('are a Length that is none too', () => {
    const parts = cut(Buffer.concat([Buffer.from('000a000f', 'hex'), messageOf(0), messageOf(0)]));
    expect(shapeOf(parts)).toBe('fault@0+4 message@4+16 message@20+16');
    expect(problemsOf(parts)).toEqual(["a Message's Length is 15, less than its header"]);
  });

  test('that are packed say how they are read', () => {
    expect(problemsOf(cut(Buffer.from('1f8b0800', 'hex')))[0]).toContain('gunzip -c FILE');
    expect(problemsOf(cut(Buffer.from('BZh91AY')))[0]).toContain('bunzip2 -c FILE');
  });
});

const anyFile = fc
  .array(
    fc.oneof(
      fc.nat({ max: 40 }).map((octets) => messageOf(octets)),
      fc.uint8Array({ maxLength: 12 }).map((octets) => Buffer.from(octets)),
      fc.constantFrom('000a', '00', '000a0010', '0a').map((hex) => Buffer.from(hex, 'hex')),
    ),
    { maxLength: 12 },
  )
  .map((parts) => Buffer.concat(parts));

describe('any file', () => {
  test('comes to the same in whatever pieces it is read', () => {
    fc.assert(
      fc.property(anyFile, fc.integer({ min: 1, max: 50 }), (file, chunkOctets) => {
        expect(cut(file, chunkOctets)).toEqual(cut(file));
      }),
      { numRuns: 2000 },
    );
  });

  test('is covered by its parts, each octet once', () => {
    fc.assert(
      fc.property(anyFile, (file) => {
        let at = 0;
        for (const part of cut(file, 7)) {
          expect(part.at).toBe(at);
          at += part.kind === 'message' ? part.octets.length : part.length;
        }
        expect(at).toBe(file.length);
      }),
      { numRuns: 2000 },
    );
  });

  test('of Messages alone has no fault', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 300 })), fc.integer({ min: 1, max: 999 }), (sizes, n) => {
        const parts = cut(Buffer.concat(sizes.map((size) => messageOf(size))), n);
        expect(parts.map(({ kind }) => kind)).toEqual(sizes.map(() => 'message'));
      }),
    );
  });
});
