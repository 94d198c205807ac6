import { BinaryReader, type BinaryWriter } from '@bufbuild/protobuf/wire';
import { badMessage } from './bad-message.ts';

/** Converts an event to bytes and back. */
export interface MessageCodec<E> {
  encode(event: E): Uint8Array;
  /** @throws RejectedInput `bad_message` */
  decode(bytes: Uint8Array): E;
}

/** The interface of generated code for a message. */
export interface GeneratedMessage<M> {
  encode(message: M): BinaryWriter;
  decode(reader: BinaryReader): M;
}

export function messageCodec<E, M>(
  message: GeneratedMessage<M>,
  toMessage: (event: E) => M,
  fromMessage: (message: M) => E,
): MessageCodec<E> {
  return {
    encode: (event) => message.encode(toMessage(event)).finish(),
    decode: (bytes) => fromMessage(read(message, bytes)),
  };
}

function read<M>(message: GeneratedMessage<M>, bytes: Uint8Array): M {
  const reader = new StrictReader(bytes);
  let decoded: M;
  try {
    decoded = message.decode(reader);
  } catch (error) {
    throw badMessage('the message', `is not readable as protobuf: ${(error as Error).message}`);
  }
  // Generated code stops without an error at a tag that is 0 or ends a group; no writer produces such a tag.
  if (reader.pos !== reader.len) throw badMessage('the message', `ends at byte ${reader.pos} of ${reader.len}`);
  return decoded;
}

/** Rejects text that is not UTF-8. Replacing the bad bytes would give another id than the one that was written. */
class StrictReader extends BinaryReader {
  override string(): string {
    return super.string(true);
  }
}
