import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EventLog } from '../../../../src/ports/event-log.ts';
import type { Direction } from '../tcp-proxy.ts';
import { type DoubledEvents, doubleEvents } from './doubled-events.ts';
import type { FaultKind, PlannedFault } from './fault-plan.ts';
import type { FaultStage } from './fault-stage.ts';
import { type PoisonedPlace, poisonTopics } from './poisoned-messages.ts';

const FROZEN_MS = 10_000;
/** Long enough for others to notice. */
const DOWN_MS = 3_000;
const CUT_MS = 10_000;
/** Longer than the attempts of one append last. */
const STALLED_MS = 8_000;
/** Longer than a call's keepalive waits: 10 s of silence and 5 s for an answer. */
const SILENT_MS = 20_000;
const SLOW_LINK_MS = 250;
const SLOW_TABLES_MS = 1_000;
const SILENCES: readonly (readonly Direction[])[] = [['to_server', 'to_client'], ['to_server'], ['to_client']];

/** The faults of one run, and the records that some of them leave behind. */
export interface FaultInjection {
  /** Plays the fault, repairs it, and waits until everything is ready again. */
  inject(fault: PlannedFault): Promise<void>;
  readonly poisoned: readonly PoisonedPlace[];
  /** The number of events that were appended a second time. */
  doubled(): number;
  stop(): Promise<void>;
}

/** @param log our own log of the same brokers */
export function createFaultInjection(stage: FaultStage, log: EventLog): FaultInjection {
  const { servers, services } = stage;
  const links = new Map([...stage.links, ...stage.brokerLinks]);
  const { kafka, nats, clickhouse, clickhouseData } = servers;
  if (!kafka || !nats || !clickhouse || !clickhouseData)
    throw new Error('faults strike servers of our own: unset KAFKA_BROKERS, NATS_URL');
  const poisoned: PoisonedPlace[] = [];
  let doubling: DoubledEvents | undefined;
  let silences = 0;

  const service = (name: string) => services.services.find((one) => one.name === name)!;
  const frozen = async (party: { freeze(): unknown; thaw(): void }) => {
    await party.freeze();
    await sleep(FROZEN_MS);
    party.thaw();
  };
  const slowed = async (target: string) => {
    links.get(target)!.delay(SLOW_LINK_MS);
    await sleep(CUT_MS);
    links.get(target)!.pass();
  };
  const silenced = async (target: string) => {
    links.get(target)!.swallow(...SILENCES[silences++ % SILENCES.length]!);
    await sleep(SILENT_MS);
    links.get(target)!.pass();
  };
  const cut = async (target: string) => {
    links.get(target)!.cut();
    await sleep(CUT_MS);
    links.get(target)!.pass();
  };
  const tableLinks = () => [...links].flatMap(([name, link]) => (name.startsWith('clickhouse') ? [link] : []));

  const FAULTS: Readonly<Record<FaultKind | 'quiet', (target: string) => Promise<unknown>>> = {
    quiet: async () => {},
    'kill service': async (target) => service(target).kill(),
    'kill broker': async (target) => {
      await kafka.kill(Number(target));
      await sleep(DOWN_MS);
      await kafka.restart(Number(target));
    },
    'kill NATS': async () => {
      await nats.kill();
      await sleep(DOWN_MS);
      await nats.start();
    },
    'kill ClickHouse': async () => clickhouse.kill(),
    'freeze service': (target) => frozen(service(target)),
    'freeze broker': async (target) => {
      const broker = Number(target);
      await frozen({ freeze: () => kafka.freeze(broker), thaw: () => kafka.thaw(broker) });
      await kafka.ready();
    },
    'freeze NATS': () => frozen(nats),
    'freeze ClickHouse': () => frozen(clickhouse),
    'slow ClickHouse': async () => {
      for (const link of tableLinks()) link.delay(SLOW_TABLES_MS);
      await sleep(CUT_MS);
      for (const link of tableLinks()) link.pass();
    },
    'slow link': (target) => slowed(target),
    'reset link': async (target) => {
      for (let i = 0; i < 3; i++) {
        links.get(target)!.reset();
        await sleep(1_000);
      }
    },
    'half-open link': (target) => silenced(target),
    'cut link': (target) => cut(target),
    'slow broker link': (target) => slowed(target),
    'half-open broker link': async (target) => {
      await silenced(target);
      await kafka.ready();
    },
    'cut broker link': async (target) => {
      await cut(target);
      await kafka.ready();
    },
    // No majority is left: nothing is acknowledged, and nothing that was acknowledged is lost.
    'kill two brokers': async (target) => {
      const killed = [0, 1].map((n) => (Number(target) + n) % servers.brokers.length);
      for (const broker of killed) await kafka.kill(broker);
      await sleep(STALLED_MS);
      await Promise.all(killed.map((broker) => kafka.restart(broker)));
    },
    'wipe NATS': async () => {
      await nats.kill();
      nats.wipe();
      await sleep(DOWN_MS);
      await nats.start();
    },
    'wipe ClickHouse': async () => {
      clickhouse.kill();
      rmSync(clickhouseData, { recursive: true, force: true });
    },
    poison: async () => poisoned.push(...(await poisonTopics(servers.brokers, log))),
    double: async () => {
      doubling ??= await doubleEvents(log);
    },
  };
  return {
    poisoned,
    doubled: () => doubling?.count() ?? 0,
    async inject({ kind, target, beside }) {
      await Promise.all([FAULTS[kind](target), beside && FAULTS[beside.kind](beside.target)]);
      await stage.ready();
    },
    stop: async () => doubling?.stop(),
  };
}
