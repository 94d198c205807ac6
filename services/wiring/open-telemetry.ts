import { startStatusServer } from '../../src/adapters/http/status-server.ts';
import { packageVersion } from '../../src/adapters/in-process/package-version.ts';
import { systemClock } from '../../src/adapters/in-process/system-clock.ts';
import { systemRandom } from '../../src/adapters/in-process/system-random.ts';
import type { SpanExport } from '../../src/adapters/opentelemetry/span-export.ts';
import { createAuditLog } from '../../src/adapters/pino/audit-log.ts';
import { createServiceLogger } from '../../src/adapters/pino/service-logger.ts';
import { createServiceMetrics } from '../../src/adapters/prometheus/service-metrics.ts';
import type { AuditLog } from '../../src/ports/audit-log.ts';
import type { EventLogReader } from '../../src/ports/event-log.ts';
import type { Logger, Telemetry } from '../../src/ports/telemetry.ts';
import { groupLag } from '../../src/runtime/group-lag.ts';
import { createTelemetry } from '../../src/runtime/telemetry.ts';
import { certificateExpiries } from './certificate-expiries.ts';
import { hostOf } from './protection.ts';
import { readSecretFile } from './secret-files.ts';
import type { ServiceConfig } from './service-config.ts';

export interface ServiceTelemetry {
  readonly telemetry: Telemetry;
  readonly audit: AuditLog;
  /** Reports the lag of these groups from now on. */
  watchLag(log: EventLogReader, groups: Readonly<Record<string, readonly string[]>>): void;
  /** Sets the reason why the service is not ready; undefined once it is ready. */
  waitFor(reason: string | undefined): void;
  close(): Promise<void>;
}

/**
 * Opens log, metrics and health of this process. This happens before all else, so that the service can report what it
 * waits for.
 */
export async function openTelemetry(service: string, config: ServiceConfig): Promise<ServiceTelemetry> {
  const { node, log, http } = config;
  let lagNow: () => ReturnType<typeof lags> = async () => [];
  let waiting: readonly string[] = ['starting'];
  let hindrances: readonly string[] = [];
  const logger = createServiceLogger({ service, node, clock: systemClock, level: log.level });
  const spans = await openSpans(service, config, logger);
  const audit = createAuditLog({ service, node, clock: systemClock });
  const metrics = createServiceMetrics({
    clock: systemClock,
    consumerLag: () => lagNow(),
    version: packageVersion(),
    hindrances: () => [...waiting, ...hindrances],
    certificates: () => certificateExpiries(config),
  });
  const status = await startStatusServer({
    address: { host: hostOf(http.listen), port: Number(http.listen.slice(http.listen.lastIndexOf(':') + 1)) },
    ...(http.tls && { tls: statusTls(http.tls) }),
    isReady() {
      const reasons = [...waiting, ...hindrances];
      return { ready: reasons.length === 0, reasons };
    },
    // A failed process ends by itself.
    isAlive: () => true,
    metrics: () => metrics.exposition(),
  });
  return {
    audit,
    telemetry: createTelemetry({
      logger,
      metrics,
      random: systemRandom,
      ...(spans && { recording: { sink: spans, clock: systemClock, ratio: config.otlp.ratio } }),
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
      await spans?.close();
      await status.close();
      audit.close();
      logger.close();
    },
  };
}

/** OpenTelemetry's packages are loaded only where spans go somewhere. */
async function openSpans(
  service: string,
  { node, otlp: { endpoint } }: ServiceConfig,
  logger: Logger,
): Promise<SpanExport | undefined> {
  if (endpoint === undefined) return undefined;
  const { openSpanExport } = await import('../../src/adapters/opentelemetry/span-export.ts');
  return openSpanExport({
    ...{ endpoint, service, node, version: packageVersion() },
    onFailure: (error) => logger.log('warn', 'traces are not complete', { err: error }),
  });
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
