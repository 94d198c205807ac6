import { deepStrictEqual } from 'node:assert/strict';
import { RejectedInput } from '../../../dist/src/model/rejection.js';
import { decodeEvent, encodeEvent } from '../../../dist/src/protocol/event-codec.js';
import { checked } from './checked.mjs';

const LF = 10;

/** A line with the event's type, then its message: an event that comes back as it is written, or a rejection. */
export const fuzz = checked((bytes) => {
  const at = bytes.indexOf(LF);
  if (at < 0) return;
  const type = new TextDecoder().decode(bytes.subarray(0, at));
  let event;
  try {
    event = decodeEvent(type, bytes.subarray(at + 1));
  } catch (error) {
    if (error instanceof RejectedInput) return;
    throw error;
  }
  const written = encodeEvent(event);
  deepStrictEqual(encodeEvent(decodeEvent(type, written)), written, 'what is written is read as something else');
});
