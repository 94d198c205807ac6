import { once } from 'node:events';
import { hostname } from 'node:os';
import { parseArgs } from 'node:util';
import { systemClock } from '../../src/adapters/in-process/system-clock.ts';
import { systemRandom } from '../../src/adapters/in-process/system-random.ts';
import { AppError } from '../../src/model/app-error.ts';
import type { AuditLog } from '../../src/ports/audit-log.ts';
import type { Telemetry } from '../../src/ports/telemetry.ts';
import { logTopics } from '../../src/runtime/log-topics.ts';
import { retrying } from '../../src/runtime/retry.ts';
import { type Service, type ServicePorts, stopped } from '../../src/runtime/service.ts';
import { checkIdentity } from './call-server.ts';
import { helpText } from './help-text.ts';
import { openLog } from './open-adapters.ts';
import { openTelemetry, type ServiceTelemetry } from './open-telemetry.ts';
import { readConfig } from './read-config.ts';
import type { ServiceConfig } from './service-config.ts';

type WatchedPorts = ServicePorts & { readonly telemetry: Telemetry };

/** What the main program of a service gets to start its handlers. */
interface ServiceStart {
  readonly config: ServiceConfig;
  /** The ports, with telemetry. */
  readonly ports: WatchedPorts;
  /** Records who called what. */
  readonly audit: AuditLog;
  /**
   * Opens a part; retries without limit while what it needs is unavailable. The part is closed after the service has
   * stopped.
   */
  open<T extends { close(): unknown }>(what: string, opening: () => T | Promise<T>): Promise<T>;
}

export interface ServiceMain {
  /** `training-shard` */
  readonly name: string;
  /** What the service does, in one sentence, for --help. */
  readonly summary: string;
  /** Consumer groups and topics whose lag the service reports. */
  readonly groups?: (topics: ServicePorts['topics']) => Readonly<Record<string, readonly string[]>>;
  start(parts: ServiceStart): Promise<Service>;
}

const EXIT_FAILED = 1;
/** The configuration is unusable, or a server refuses it: a restart would not help. */
const EXIT_MISCONFIGURED = 2;
const EXIT_INTERRUPTED = 130;
/**
 * If the start fails with one of these codes, a restart would fail, too. After a service was ready, the supervisor may
 * restart it on any error.
 */
const HOPELESS: ReadonlySet<string> = new Set(['invalid_argument', 'input_unreadable', 'storage_incompatible']);
/** After this time the process ends; other nodes take over the unfinished work. */
const STOP_MS_MAX = 30_000;
/** Retries without limit: the servers that a service needs usually start at the same time. */
const OPENING_POLICY = { attemptsMax: Number.POSITIVE_INFINITY, firstDelayMs: 200, delayMsMax: 5_000 };

/** Runs a service's process: configuration, adapters, handlers, signals, and the exit code. */
export async function runService(main: ServiceMain): Promise<void> {
  process.exitCode = await run(main);
  // An adapter of a lost server may hold a handle open; this must not keep the process alive.
  setTimeout(() => process.exit(), 1_000).unref();
}

async function run(main: ServiceMain): Promise<number> {
  let config: ServiceConfig;
  try {
    const { values } = parseArgs({ options: { config: { type: 'string' }, help: { type: 'boolean', short: 'h' } } });
    if (values.help) {
      process.stdout.write(helpText(main));
      return 0;
    }
    const node = `${main.name}-${hostname()}-${process.pid}`;
    config = readConfig({
      environment: process.env,
      node,
      ...(values.config !== undefined && { file: values.config }),
    });
  } catch (error) {
    process.stderr.write(`${main.name}: ${(error as Error).message}\n`);
    return EXIT_MISCONFIGURED;
  }
  const stopping = new AbortController();
  listenForStop(stopping);
  let status: ServiceTelemetry;
  try {
    status = await openTelemetry(main.name, config);
  } catch (error) {
    process.stderr.write(`${main.name}: ${(error as Error).message}\n`);
    return EXIT_FAILED;
  }
  return supervise(main, config, status, stopping.signal);
}

async function supervise(
  main: ServiceMain,
  config: ServiceConfig,
  status: ServiceTelemetry,
  signal: AbortSignal,
): Promise<number> {
  const { telemetry } = status;
  const parts = createParts(telemetry, signal);
  let service: Service | undefined;
  let code = 0;
  let wasReady = false;
  try {
    checkIdentity(main.name, config);
    const log = await parts.open('Kafka', () => openLog(config));
    const topics = await parts.until('topics', () => logTopics(log, config.feature_schema));
    const ports = { log, topics, clock: systemClock, random: systemRandom, telemetry };
    await parts.until('topics', () => log.declare(Object.values(topics)));
    status.watchLag(log, main.groups?.(topics) ?? {});
    service = await main.start({ config, ports, audit: status.audit, open: parts.open });
    status.waitFor(undefined);
    wasReady = true;
    telemetry.log('info', 'ready');
    await Promise.race([service.failed, aborted(signal)]);
    telemetry.log('info', 'stopping');
  } catch (error) {
    if (!signal.aborted) {
      telemetry.log('error', 'ended', { err: error });
      const isHopeless = !wasReady && error instanceof AppError && HOPELESS.has(error.code);
      code = isHopeless ? EXIT_MISCONFIGURED : EXIT_FAILED;
    }
  }
  status.waitFor('stopping');
  const stopped = async () => {
    await service?.stop();
    await parts.close();
    return true;
  };
  const inTime = await Promise.race([stopped(), systemClock.sleep(STOP_MS_MAX).then(() => false)]).catch((error) => {
    telemetry.log('error', 'stopping failed', { err: error });
    return true;
  });
  if (!inTime) telemetry.log('error', `not stopped within ${STOP_MS_MAX} ms, and ended as it is`);
  await status.close();
  return code;
}

/** Opens the parts of a service, each as soon as possible, and closes them in reverse order. */
function createParts(telemetry: Telemetry, signal: AbortSignal) {
  const closers: (() => unknown)[] = [];
  const context = { clock: systemClock, random: systemRandom, signal };
  /** Retries without limit. Each new reason is logged once. */
  const until = <T>(what: string, action: () => Promise<T>): Promise<T> => {
    let told = '';
    return retrying(
      context,
      async () => {
        try {
          return await unlessAborted(signal, action());
        } catch (error) {
          const { message } = error as Error;
          const isNew = error instanceof AppError && error.retryable && message !== told;
          if (isNew) telemetry.log('warn', `waiting for ${what}`, { err: error });
          told = message;
          throw error;
        }
      },
      OPENING_POLICY,
    );
  };
  const open: ServiceStart['open'] = async (what, opening) => {
    const part = await until(what, async () => opening());
    closers.push(() => part.close());
    return part;
  };
  const close = async () => {
    for (const closer of closers.toReversed()) await closer();
  };
  return { open, until, close };
}

/** The first signal stops the service gracefully, a second one at once. */
function listenForStop(stopping: AbortController): void {
  const heard = () => {
    if (stopping.signal.aborted) process.exit(EXIT_INTERRUPTED);
    stopping.abort();
  };
  process.on('SIGINT', heard).on('SIGTERM', heard);
}

/** Rejects as soon as the service must stop: a part that is being opened may take long to fail. */
function unlessAborted<T>(signal: AbortSignal, opening: Promise<T>): Promise<T> {
  const stopping = aborted(signal).then(() => {
    throw stopped();
  });
  return Promise.race([opening, stopping]);
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}
