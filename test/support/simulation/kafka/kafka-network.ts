import type { VirtualClock } from '../virtual-clock.ts';
import type { SimulatedBrokers } from './simulated-brokers.ts';
import type { BrokerLink, BrokerNetwork } from './simulated-connection.ts';

/*
 * Invariants:
 * 1. A broker handles the requests of a connection one by one, and answers each before it takes the next.
 * 2. A message sent over a cut path arrives when the path is restored, as with TCP, unless the connection is closed
 *    before.
 * 3. A broker finishes a request that it has begun, whatever happens to the connection.
 */

/** The paths between clients and brokers, and the faults on them. */
export interface KafkaNetwork extends BrokerNetwork {
  /** Nothing passes this path until it is mended; `*` stands for all. */
  cut(way: Way): void;
  mend(way: Way): void;
  /** Closes a broker's connections: all, or those of one client. */
  reset(broker: number, client?: string): void;
  /** The client's process, including its heartbeats, stands still for `ms`. */
  block(client: string, ms: number): void;
  /** The client's process is dead: it receives and sends nothing any more. */
  end(client: string): void;
}

export interface Way {
  readonly client: string;
  readonly broker: number | '*';
  readonly direction: 'there' | 'back';
}

/** Random faults of single requests. */
export interface Accidents {
  /** The time that a message takes to arrive. */
  delayMs(): number;
  /** Whether the connection is lost before the request, or before its answer, arrives. */
  isLost(direction: Way['direction'], apiName: string): boolean;
}

interface OpenLink {
  readonly client: string;
  readonly broker: number;
  close(): void;
}

export function createKafkaNetwork(
  clock: VirtualClock,
  brokers: () => SimulatedBrokers,
  brokerAt: (address: string) => number,
  accidents: Accidents,
): KafkaNetwork {
  const links = new Set<OpenLink>();
  const ended = new Set<string>();
  const blockedUntil = new Map<string, number>();
  const cuts = new Set<string>();
  let mended: (() => void)[] = [];
  const never = new Promise<never>(() => {});

  function isCut(client: string, broker: number, direction: Way['direction']): boolean {
    return [client, clientName(client), '*'].some((from) =>
      [broker, '*'].some((to) => cuts.has(wayKey({ client: from, broker: to as number, direction }))),
    );
  }

  /** Ensures invariant 2. */
  async function travel(client: string, broker: number, direction: Way['direction']): Promise<void> {
    const ms = accidents.delayMs();
    if (ms > 0) await clock.sleep(ms);
    while (isCut(client, broker, direction)) await new Promise<void>((resolve) => mended.push(resolve));
  }

  async function awake(client: string): Promise<void> {
    for (;;) {
      if (ended.has(client)) return never;
      const left = (blockedUntil.get(clientName(client)) ?? 0) - clock.now();
      if (left <= 0) return;
      await clock.sleep(left);
    }
  }

  function createLink(client: string, broker: number, onClose: () => void): BrokerLink {
    let open = true;
    let line: Promise<unknown> = Promise.resolve();
    const link: OpenLink = {
      client,
      broker,
      close() {
        if (!open) return;
        open = false;
        links.delete(link);
        if (!ended.has(client)) onClose();
      },
    };
    links.add(link);

    async function ask(apiName: string, params: object): Promise<object> {
      await travel(client, broker, 'there');
      const before = line;
      let done = () => {};
      // 1
      line = new Promise<void>((resolve) => {
        done = resolve;
      });
      await before;
      if (open && accidents.isLost('there', apiName)) link.close();
      if (!open) return never;
      await brokers().awake(broker);
      if (!open) return never;
      const answering = brokers().answer(broker, client, apiName, params);
      if (!answering) throw new Error(`the simulated brokers do not know ${apiName}`);
      const answer = await answering;
      await brokers().awake(broker);
      if (open && accidents.isLost('back', apiName)) link.close();
      await travel(client, broker, 'back');
      done();
      return open && !ended.has(client) ? answer : never;
    }

    return {
      ask,
      close() {
        open = false;
        links.delete(link);
      },
    };
  }

  return {
    awake,
    async open(client, address, onClose) {
      const broker = brokerAt(address);
      await travel(client, broker, 'there');
      if (!brokers().isUp(broker)) {
        throw Object.assign(new Error(`connect ECONNREFUSED ${address}`), { code: 'ECONNREFUSED' });
      }
      await travel(client, broker, 'back');
      await awake(client);
      return createLink(client, broker, onClose);
    },
    cut: (way) => void cuts.add(wayKey(way)),
    mend(way) {
      cuts.delete(wayKey(way));
      const woken = mended;
      mended = [];
      for (const resolve of woken) resolve();
    },
    reset(broker, client) {
      for (const link of [...links]) {
        if (link.broker === broker && (client === undefined || clientName(link.client) === client)) link.close();
      }
    },
    block(client, ms) {
      blockedUntil.set(client, Math.max(blockedUntil.get(client) ?? 0, clock.now() + ms));
    },
    end(client) {
      ended.add(client);
      for (const link of [...links]) if (link.client === client) link.close();
    },
  };
}

/** `shard-1` for `shard-1#2`: faults of a node continue across its lives. */
function clientName(client: string): string {
  return client.split('#')[0]!;
}

function wayKey({ client, broker, direction }: Way): string {
  return `${client} ${broker} ${direction}`;
}
