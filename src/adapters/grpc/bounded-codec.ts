import { AppError } from '../../model/app-error.ts';
import { type GeneratedMessage, type MessageCodec, messageCodec } from '../../protocol/message-codec.ts';

/**
 * Of messages as gRPC carries them.
 * @param what they belong to, for the error of one that is too large: gRPC would tell only one of both sides
 */
export function boundedCodec(type: GeneratedMessage<unknown>, what: string, bytesMax: number): MessageCodec<unknown> {
  const { encode, decode } = messageCodec<unknown, unknown>(type, same, same);
  const bounded = (bytes: Uint8Array) => {
    if (bytes.length <= bytesMax) return bytes;
    const limit = `is larger than max (${bytes.length} vs ${bytesMax} bytes)`;
    throw new AppError('invalid_argument', `${what}: the message ${limit}: send smaller messages`);
  };
  return { decode: (bytes) => decode(bounded(bytes)), encode: (message) => bounded(encode(message)) };
}

/** For gRPC's own hooks, which get and give bytes: what fails inside of them is told to nobody. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function same<T>(message: T): T {
  return message;
}
