import { once } from 'node:events';
import { hostname } from 'node:os';
import { parseArgs } from 'node:util';
import { systemClock } from '../../src/adapters/in-process/system-clock.ts';
import { systemRandom } from '../../src/adapters/in-process/system-random.ts';
import { featureSchemaId } from '../../src/featurizers/feature-schema.ts';
import { AppError } from '../../src/model/app-error.ts';
import { createTopics } from '../../src/model/topics.ts';
import type { Telemetry } from '../../src/ports/telemetry.ts';
import { retrying } from '../../src/runtime/retry.ts';
import { type Service, type ServicePorts, stopped } from '../../src/runtime/service.ts';
import { checkIdentity } from './call-server.ts';
import { helpText } from './help-text.ts';
import { openLog } from './open-adapters.ts';
import { openTelemetry, type ServiceTelemetry } from './open-telemetry.ts';
import { readConfig } from './read-config.ts';
import type { ServiceConfig } from './service-config.ts';

type WatchedPorts = ServicePorts & { readonly telemetry: Telemetry };

/** What a main starts its handlers with. */
interface ServiceStart {
  readonly config: ServiceConfig;
  /** With telemetry. */
  readonly ports: WatchedPorts;
  /** Tried again for as long as what it needs is out of reach; closed after the service has stopped. */
  open<T extends { close(): unknown }>(what: string, opening: () => T | Promise<T>): Promise<T>;
}

export interface ServiceMain {
  /** `training-shard` */
  readonly name: string;
  /** What it does, one sentence, for --help. */
  readonly summary: string;
  /** The consumer groups and topics whose lag it reports. */
  readonly groups?: (topics: ServicePorts['topics']) => Readonly<Record<string, readonly string[]>>;
  start(parts: ServiceStart): Promise<Service>;
}

const EXIT_FAILED = 1;
/** The configuration cannot be used, or somebody refuses us with it: starting again would not help. */
const EXIT_MISCONFIGURED = 2;
const EXIT_INTERRUPTED = 130;
/** Where the start fails with one of them, so would the next. Once a service was ready, whoever watches may try again. */
const HOPELESS: ReadonlySet<string> = new Set(['invalid_argument', 'input_unreadable', 'storage_incompatible']);
/** After that, what is at work is left to whoever takes over. */
const STOP_MS_MAX = 30_000;
/** For as long as it takes: what a service needs is usually started beside it. */
const OPENING_POLICY = { attemptsMax: Number.POSITIVE_INFINITY, firstDelayMs: 200, delayMsMax: 5_000 };

/** A service's whole process: configuration, adapters, handlers, signals, and the end with an exit code. */
export async function runService(main: ServiceMain): Promise<void> {
  process.exitCode = await run(main);
  // What an adapter of a lost server may still hold open does not keep the process.
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
    const topics = createTopics({ featureSchema: featureSchemaId('primitive') });
    const ports = { log, topics, clock: systemClock, random: systemRandom, telemetry };
    await parts.until('topics', () => log.declare(Object.values(topics)));
    status.watchLag(log, main.groups?.(topics) ?? {});
    service = await main.start({ config, ports, open: parts.open });
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

/** What is opened on the way to a running service, each as soon as it can be, and closed in reverse. */
function createParts(telemetry: Telemetry, signal: AbortSignal) {
  const closers: (() => unknown)[] = [];
  const context = { clock: systemClock, random: systemRandom, signal };
  /** For as long as it takes; a reason is said once. */
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

/** The first signal stops well, a second at once. */
function listenForStop(stopping: AbortController): void {
  const heard = () => {
    if (stopping.signal.aborted) process.exit(EXIT_INTERRUPTED);
    stopping.abort();
  };
  process.on('SIGINT', heard).on('SIGTERM', heard);
}

/** What is being opened may take its time to fail, and nobody waits for it any more. */
function unlessAborted<T>(signal: AbortSignal, opening: Promise<T>): Promise<T> {
  const stopping = aborted(signal).then(() => {
    throw stopped();
  });
  return Promise.race([opening, stopping]);
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}
