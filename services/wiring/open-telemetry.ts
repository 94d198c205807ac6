import { startStatusServer } from '../../src/adapters/http/status-server.ts';
import { systemClock } from '../../src/adapters/in-process/system-clock.ts';
import { systemRandom } from '../../src/adapters/in-process/system-random.ts';
import { createServiceLogger } from '../../src/adapters/pino/service-logger.ts';
import { createServiceMetrics } from '../../src/adapters/prometheus/service-metrics.ts';
import type { EventLogReader } from '../../src/ports/event-log.ts';
import type { Telemetry } from '../../src/ports/telemetry.ts';
import { groupLag } from '../../src/runtime/group-lag.ts';
import { createTelemetry } from '../../src/runtime/telemetry.ts';
import { hostOf } from './protection.ts';
import { readSecretFile } from './secret-files.ts';
import type { ServiceConfig } from './service-config.ts';

export interface ServiceTelemetry {
  readonly telemetry: Telemetry;
  /** From now on the lag of these groups is reported. */
  watchLag(log: EventLogReader, groups: Readonly<Record<string, readonly string[]>>): void;
  /** What is in the way of being ready; nothing once it is. */
  waitFor(reason: string | undefined): void;
  close(): Promise<void>;
}

/** Log, metrics and health of this process: there before anything is opened, so that it can say what it waits for. */
export async function openTelemetry(service: string, { node, log, http }: ServiceConfig): Promise<ServiceTelemetry> {
  let lagNow: () => ReturnType<typeof lags> = async () => [];
  let waiting: readonly string[] = ['starting'];
  let hindrances: readonly string[] = [];
  const logger = createServiceLogger({ service, node, clock: systemClock, level: log.level });
  const metrics = createServiceMetrics({ clock: systemClock, consumerLag: () => lagNow() });
  const status = await startStatusServer({
    address: { host: hostOf(http.listen), port: Number(http.listen.slice(http.listen.lastIndexOf(':') + 1)) },
    ...(http.tls && { tls: statusTls(http.tls) }),
    isReady() {
      const reasons = [...waiting, ...hindrances];
      return { ready: reasons.length === 0, reasons };
    },
    // A process that has failed ends by itself.
    isAlive: () => true,
    metrics: () => metrics.exposition(),
  });
  return {
    telemetry: createTelemetry({
      ...{ logger, metrics, random: systemRandom },
      onHindered(reasons) {
        hindrances = reasons;
      },
    }),
    watchLag(from, groups) {
      lagNow = () => lags(from, groups);
    },
    waitFor(reason) {
      waiting = reason === undefined ? [] : [reason];
    },
    async close() {
      await status.close();
      logger.close();
    },
  };
}

function statusTls({ certificate_file, key_file }: NonNullable<ServiceConfig['http']['tls']>) {
  return () => ({ cert: readSecretFile(certificate_file), key: readSecretFile(key_file) });
}

async function lags(log: EventLogReader, groups: Readonly<Record<string, readonly string[]>>) {
  const pairs = Object.entries(groups).flatMap(([group, topics]) => topics.map((topic) => ({ group, topic })));
  return Promise.all(
    pairs.map(async ({ group, topic }) => ({ group, topic, lag: await groupLag({ log }, group, [topic]) })),
  );
}
