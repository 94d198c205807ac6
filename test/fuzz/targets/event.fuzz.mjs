import { deepStrictEqual } from 'node:assert/strict';
import { built } from './built.mjs';
import { checked } from './checked.mjs';

const { RejectedInput } = await built('src/model/rejection');
const { decodeEvent, encodeEvent } = await built('src/protocol/event-codec');

const LF = 10;

/**
 * The first line is the event's type, the rest its message. It is rejected, or decoded to an event that stays the same
 * when it is encoded and decoded again.
 */
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
