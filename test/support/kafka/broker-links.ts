import { freePorts } from '../../../deploy/local/free-ports.ts';
import type { BrokerListeners } from '../../../deploy/local/kafka/kafka-cluster.ts';
import { startTcpProxy, type TcpProxy } from '../cluster/tcp-proxy.ts';

/** Proxies in front of brokers for link faults: per broker one for all clients and one for the other brokers. */
export interface BrokerLinks extends BrokerListeners {
  /** By name: `kafka of broker 0`, `replicas of broker 0`. */
  readonly links: ReadonlyMap<string, TcpProxy>;
  /** The address per broker that clients get. */
  readonly addresses: readonly string[];
  stop(): Promise<void>;
}

export async function startBrokerLinks(count: number): Promise<BrokerLinks> {
  const ports = await freePorts(2 * count);
  const links = new Map<string, TcpProxy>();
  const brokers = Array.from({ length: count }, (_, broker) => broker);
  const own = (n: number, broker: number) => `127.0.0.1:${ports[n * count + broker]}`;
  for (const broker of brokers) {
    for (const [n, name] of ['kafka', 'replicas'].entries()) {
      links.set(`${name} of broker ${broker}`, await startTcpProxy({ target: own(n, broker) }));
    }
  }
  const proxied = (name: string, broker: number) => links.get(`${name} of broker ${broker}`)!.address;
  return {
    links,
    addresses: brokers.map((broker) => proxied('kafka', broker)),
    settings: (broker, listeners, advertised) => ({
      listeners: `${listeners},CLIENTS://${own(0, broker)},BROKERS://${own(1, broker)}`,
      'advertised.listeners': [
        advertised,
        `CLIENTS://${proxied('kafka', broker)}`,
        `BROKERS://${proxied('replicas', broker)}`,
      ].join(),
      'inter.broker.listener.name': 'BROKERS',
    }),
    stop: async () => void (await Promise.all([...links.values()].map((link) => link.stop()))),
  };
}
