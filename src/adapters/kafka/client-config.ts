import kafkajs, { type KafkaConfig, type SASLOptions } from 'kafkajs';
import { openSocket } from './open-socket.ts';
import type { TopicDurability } from './topic-durability.ts';

/** Contents of PEM files, not their paths. */
export interface PemTexts {
  /**
   * The certificate of the authority that signed the brokers' certificates. Default: the authorities that the system
   * trusts.
   */
  readonly ca?: string;
  /** The client's certificate and key: set both or neither. */
  readonly certificate?: string;
  readonly key?: string;
}

/**
 * How the client and the brokers authenticate each other. Without it the connection is plain text, which is only for
 * loopback and trusted networks. Functions are called for each new connection, because certificates and passwords may
 * have been renewed.
 */
export interface KafkaSecurity {
  readonly tls?: PemTexts | (() => PemTexts);
  readonly sasl?: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
    readonly username: string;
    readonly password: string | (() => string);
  };
}

export interface KafkaOptions extends Partial<TopicDurability> {
  /** `host:port` of some brokers. The client learns the other brokers from them. */
  readonly brokers: readonly string[];
  /** Identifies this client in the brokers' logs and metrics. */
  readonly clientId: string;
  readonly security?: KafkaSecurity;
}

export function clientConfig({ brokers, clientId, security = {} }: KafkaOptions): KafkaConfig {
  const { tls, sasl } = security;
  return {
    brokers: [...brokers],
    clientId,
    ...(tls && { ssl: tlsOptions(tls) }),
    ...(sasl && { sasl: saslOptions(sasl) }),
    socketFactory: (socket) => openSocket(tls ? { ...socket, ssl: tlsOptions(tls) } : socket),
    connectionTimeout: 3000,
    requestTimeout: 15_000,
    // Few and fast retries: our own loops retry, and kafkajs nests its retries, so the numbers of attempts multiply.
    retry: { retries: 3, initialRetryTime: 50, maxRetryTime: 500 },
    // kafkajs throws each failure to the caller; its own log would repeat it for each attempt.
    logLevel: kafkajs.logLevel.NOTHING,
  };
}

function tlsOptions(tls: NonNullable<KafkaSecurity['tls']>) {
  const { ca, certificate: cert, key } = typeof tls === 'function' ? tls() : tls;
  return {
    ...(ca !== undefined && { ca: [ca] }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  };
}

/** kafkajs reads the password at each authentication, so a getter always gives the current one. */
function saslOptions({ mechanism, username, password }: NonNullable<KafkaSecurity['sasl']>): SASLOptions {
  const options = {
    mechanism,
    username,
    get password() {
      return typeof password === 'function' ? password() : password;
    },
  };
  // kafkajs declares one type per mechanism, but these types differ only in the mechanism's name.
  return options as SASLOptions;
}
