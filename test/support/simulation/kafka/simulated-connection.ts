import type { VirtualClock } from '../virtual-clock.ts';

/** The part of the world that kafkajs' connections need. */
export interface BrokerNetwork {
  /**
   * Opens a connection; never settles if the path is cut.
   * @throws Error with `code` ECONNREFUSED if nobody listens
   */
  open(client: string, address: string, onClose: () => void): Promise<BrokerLink>;
  /** Resolves when the client's process runs: a blocked process neither sends nor receives. */
  awake(client: string): Promise<void>;
}

export interface BrokerLink {
  /** The broker's answer, undecoded; never settles if no answer comes. */
  ask(apiName: string, params: object): Promise<object>;
  close(): void;
}

export interface KafkaJsErrors {
  readonly KafkaJSConnectionError: new (message: string, details: object) => Error;
  readonly KafkaJSConnectionClosedError: new (message: string, details: object) => Error;
  readonly KafkaJSRequestTimeoutError: new (message: string, details: object) => Error;
}

interface Options {
  readonly host: string;
  readonly port: number;
  readonly clientId: string;
  readonly requestTimeout: number;
  readonly connectionTimeout: number;
}

interface ProtocolRequest {
  readonly request: { readonly apiName: string };
  readonly response: { parse(data: object): Promise<object> };
  readonly requestTimeout?: number | null;
  readonly params: object;
}

/** Replaces kafkajs' Connection: the same behaviour, over links of the world. */
export function createConnectionClass(clock: VirtualClock, network: BrokerNetwork, errors: KafkaJsErrors) {
  return class Connection {
    readonly host: string;
    readonly port: number;
    readonly #options: Options;
    readonly #pending = new Set<(error: Error) => void>();
    readonly #idle: (() => void)[] = [];
    #link: BrokerLink | undefined;
    #supportsAuthentication: boolean | null = null;

    constructor(options: Options) {
      this.host = options.host;
      this.port = options.port;
      this.#options = options;
    }

    isConnected(): boolean {
      return this.#link !== undefined;
    }
    isAuthenticated(): boolean {
      return true;
    }
    setVersions(): void {}
    getSupportAuthenticationProtocol(): boolean | null {
      return this.#supportsAuthentication;
    }
    setSupportAuthenticationProtocol(supports: boolean): void {
      this.#supportsAuthentication = supports;
    }
    async authenticate(): Promise<void> {}

    async connect(): Promise<true> {
      if (this.#link) return true;
      const { clientId, connectionTimeout } = this.#options;
      const broker = `${this.host}:${this.port}`;
      await network.awake(clientId);
      const opening = network
        .open(clientId, broker, () => this.#closed())
        .catch(({ message, code }) => {
          throw new errors.KafkaJSConnectionError(`Connection error: ${message}`, { broker, code });
        });
      const tooLate = () => new errors.KafkaJSConnectionError('Connection timeout', { broker });
      this.#link = await this.#within(opening, connectionTimeout, tooLate);
      return true;
    }

    async send({ request, response, requestTimeout, params }: ProtocolRequest): Promise<object> {
      await network.awake(this.#options.clientId);
      const link = this.#link;
      const broker = `${this.host}:${this.port}`;
      if (!link) throw new errors.KafkaJSConnectionError('Not connected', { broker });
      const msMax = Math.max(this.#options.requestTimeout, requestTimeout ?? 0);
      const tooLate = () => new errors.KafkaJSRequestTimeoutError(`Request ${request.apiName} timed out`, { broker });
      const data = await this.#within(link.ask(request.apiName, params), msMax, tooLate);
      await network.awake(this.#options.clientId);
      return response.parse(data);
    }

    async disconnect(): Promise<true> {
      // kafkajs waits for the pending requests.
      if (this.#pending.size > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
      this.#link?.close();
      this.#link = undefined;
      return true;
    }

    #closed(): void {
      this.#link = undefined;
      const { host, port } = this;
      for (const reject of this.#pending) {
        reject(new errors.KafkaJSConnectionClosedError('Closed connection', { host, port }));
      }
    }

    #within<T>(asked: Promise<T>, msMax: number, tooLate: () => Error): Promise<T> {
      return new Promise<T>((resolve, reject) => {
        const over = new AbortController();
        const settled = () => {
          over.abort();
          this.#pending.delete(refuse);
          if (this.#pending.size === 0) for (const resolve of this.#idle.splice(0)) resolve();
        };
        const refuse = (error: Error) => {
          settled();
          reject(error);
        };
        this.#pending.add(refuse);
        void clock.sleep(msMax, over.signal).then(() => over.signal.aborted || refuse(tooLate()));
        asked.then((value) => {
          settled();
          resolve(value);
        }, refuse);
      });
    }
  };
}
