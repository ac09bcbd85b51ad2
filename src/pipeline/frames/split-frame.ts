// A sealed Frame whose Message has become too long for the path, as several that are not.

import { recordEnd } from '../../ipfix/record-length.ts';
import { Frame, recordRoom } from './frame.ts';
import { roomAlone } from './frame-room.ts';

interface Split {
  /** What goes before the Frame, in this order; they hold records, but no events. */
  readonly parts: Frame[];
  /** Data Records that no Message of this length can carry: they are in none of them. */
  readonly tooLong: number;
}

/**
 * Cuts between Data Records. The Frame itself keeps the last ones, and the receipts of them all; it
 * may be left without a record. Numbers that were given before are kept by the records they were for.
 */
export function splitFrame(frame: Frame, messageOctetsMax: number): Split {
  const { buffer, template, at: end, sequenceNumber } = frame;
  const parts: Frame[] = [];
  let part: Frame | undefined;
  let tooLong = 0;
  let number = sequenceNumber;
  for (let at = frame.bodyAt; at < end;) {
    const next = recordEnd(template, buffer, at);
    if (next - at > recordRoom(messageOctetsMax)) {
      tooLong += 1;
      part = undefined;
    } else {
      if (!part?.fits(next - at)) {
        parts.push((part = partOf(frame, messageOctetsMax)));
        part.sequenceNumber = number;
      }
      part.at += buffer.copy(part.buffer, part.at, at, next);
      part.records += 1;
    }
    if (sequenceNumber >= 0) number = (number + 1) >>> 0;
    at = next;
  }
  for (const each of parts) each.seal();
  const last = parts.pop();
  frame.records = 0;
  if (last) frame.takeRecords(last);
  return { parts, tooLong };
}

function partOf(frame: Frame, messageOctetsMax: number): Frame {
  const part = new Frame(roomAlone(messageOctetsMax), frame.template);
  part.open(frame.template, frame.openedAtMs, undefined, frame.eventAgeMs);
  part.isPart = true;
  return part;
}
