import { AppError } from '../../model/app-error.ts';
import { type GeneratedMessage, type MessageCodec, messageCodec } from '../../protocol/message-codec.ts';

/**
 * Returns a codec for gRPC messages that throws on messages above `bytesMax`. gRPC itself would report the error to
 * only one of the two sides.
 * @param what the method (and address) that the messages belong to, for the error message
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

/**
 * Serializer and deserializer for gRPC, which pass bytes through. The codec runs outside of gRPC, because gRPC reports
 * errors of these hooks to nobody.
 */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function same<T>(message: T): T {
  return message;
}
