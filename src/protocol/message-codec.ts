import { BinaryReader, type BinaryWriter } from '@bufbuild/protobuf/wire';
import { badMessage } from './bad-message.ts';

/** An event's bytes. */
export interface MessageCodec<E> {
  encode(event: E): Uint8Array;
  /** @throws RejectedInput `bad_message` */
  decode(bytes: Uint8Array): E;
}

/** What generated code offers for a message. */
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
  // Generated code stops without an error at a tag that ends a group or is 0, which nobody writes.
  if (reader.pos !== reader.len) throw badMessage('the message', `ends at byte ${reader.pos} of ${reader.len}`);
  return decoded;
}

/** Text that is not UTF-8 would pass with its bad bytes replaced: another id than the one that was written. */
class StrictReader extends BinaryReader {
  override string(): string {
    return super.string(true);
  }
}
