import { readFileSync } from 'node:fs';
import { type Authenticator, type ConnectionOptions, credsAuthenticator, nkeyAuthenticator, nkeys } from 'nats';
import { AppError } from '../../model/app-error.ts';

export interface NatsSettings {
  /** `nats://host:4222` or `host:4222`. One server of a cluster is enough: it names the others. */
  readonly servers: readonly string[];
  /** Name of this client in the server's lists of connections. */
  readonly name: string;
  /**
   * If given, even if empty, a server without TLS is refused. Then name the servers by host name: the client does not
   * compare IP addresses with a certificate.
   */
  readonly tls?: { readonly caFile?: string; readonly certFile?: string; readonly keyFile?: string };
  /**
   * A user's nkey seed (`SU...`), or the file with a user's JWT and seed that `nsc` writes. Credentials and TLS files
   * are read for each connection, because they may be renewed.
   */
  readonly credentials?: { readonly nkeySeed: string | (() => string) } | { readonly credentialsFile: string };
}

const CONNECT_MS_MAX = 5000;
const RECONNECT_MS = 500;
/** A random addition, so that many nodes do not reconnect at once. */
const RECONNECT_JITTER_MS = 500;
/** A connection without answers to pings is given up after about 30 s; the client's default is 6 minutes. */
const PING_MS = 10_000;

/** Returns the client's options: it reconnects without limit, but gives up if the server refuses its credentials. */
export function connectionOptions({ servers, name, tls, credentials }: NatsSettings): ConnectionOptions {
  return {
    servers: [...servers],
    name,
    timeout: CONNECT_MS_MAX,
    maxReconnectAttempts: -1,
    reconnectTimeWait: RECONNECT_MS,
    reconnectJitter: RECONNECT_JITTER_MS,
    reconnectJitterTLS: RECONNECT_JITTER_MS,
    pingInterval: PING_MS,
    maxPingOut: 2,
    ...(tls && { tls: { ...tls } }),
    ...(credentials && { authenticator: authenticator(credentials) }),
  };
}

function authenticator(credentials: NonNullable<NatsSettings['credentials']>): Authenticator {
  if ('nkeySeed' in credentials) {
    const { nkeySeed } = credentials;
    const seed = () => Buffer.from((typeof nkeySeed === 'function' ? nkeySeed() : nkeySeed).trim());
    if (!isUserSeed(seed())) {
      throw new AppError('invalid_argument', "the nkey seed is not a user's: 58 characters that begin with SU");
    }
    return nkeyAuthenticator(seed);
  }
  const { credentialsFile } = credentials;
  let last: Uint8Array;
  try {
    last = readFileSync(credentialsFile);
  } catch (cause) {
    throw new AppError('input_unreadable', `the NATS credentials file ${credentialsFile} cannot be read`, { cause });
  }
  return credsAuthenticator(() => {
    try {
      last = readFileSync(credentialsFile);
    } catch {
      // The file may be half-written now; the last content may still be valid.
    }
    return last;
  });
}

function isUserSeed(seed: Uint8Array): boolean {
  try {
    return nkeys.fromSeed(seed).getPublicKey().startsWith('U');
  } catch {
    return false;
  }
}
