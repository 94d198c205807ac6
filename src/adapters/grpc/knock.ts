import { once } from 'node:events';
import { connect } from 'node:net';
import { AppError } from '../../model/app-error.ts';

const ANSWER_MS_MAX = 2_000;

/**
 * Resolves if something listens at `host:port`.
 * @throws AppError `unavailable` with the reason
 */
export async function knock(address: string): Promise<void> {
  const at = address.lastIndexOf(':');
  const host = address.slice(0, at).replace(/^\[|\]$/g, '');
  const socket = connect({ host, port: Number(address.slice(at + 1)) });
  const late = setTimeout(() => socket.destroy(new Error(`no answer within ${ANSWER_MS_MAX} ms`)), ANSWER_MS_MAX);
  try {
    await once(socket, 'connect');
  } catch (cause) {
    throw new AppError('unavailable', (cause as Error).message, { retryable: true, cause });
  } finally {
    clearTimeout(late);
    socket.destroy();
  }
}
