import { connect, Events, type NatsConnection } from 'nats';
import { AppError } from '../../model/app-error.ts';
import { connectionOptions, type NatsSettings } from './connection-options.ts';
import { connectionFailure, natsFailure } from './nats-failure.ts';

/** A connection that reconnects by itself. */
export interface NatsLink {
  readonly connection: NatsConnection;
  /** For actions whose loss is not worth an error. */
  readonly isUp: boolean;
  /**
   * Runs the action with the connection. Without a connection it fails at once: the client would keep a request until
   * it reconnects, which may be too late, for example for a node's heartbeat.
   * @throws AppError; `unavailable` and retryable if a retry can help
   */
  request<T>(what: string, action: (connection: NatsConnection) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/**
 * Connects, and later reconnects without limit, except if the server refuses the credentials.
 * @throws AppError `unavailable`, retryable, if no server is reached; `invalid_argument` if the server refuses
 */
export async function connectNats(settings: NatsSettings): Promise<NatsLink> {
  const servers = settings.servers.join(', ');
  const connection = await connect(connectionOptions(settings)).catch((error) => {
    throw connectionFailure(error, servers);
  });
  let isUp = true;
  let ended: AppError | undefined;
  void connection.closed().then((error) => {
    ended = error ? connectionFailure(error, servers) : new AppError('closed', `NATS at ${servers}: closed`);
  });
  void (async () => {
    for await (const { type } of connection.status()) {
      if (type === Events.Disconnect) isUp = false;
      if (type === Events.Reconnect) isUp = true;
    }
  })();
  return {
    connection,
    get isUp() {
      return isUp && ended === undefined;
    },
    async request(what, action) {
      if (ended) throw ended;
      if (!isUp) throw new AppError('unavailable', `${what}: NATS at ${servers} is not there`, { retryable: true });
      try {
        return await action(connection);
      } catch (error) {
        throw ended ?? natsFailure(error, what);
      }
    },
    close: () => connection.close(),
  };
}
