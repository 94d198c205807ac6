import {
  DiscardPolicy,
  headers,
  type JetStreamClient,
  type JetStreamManager,
  type NatsConnection,
  type StreamConfig,
  type StreamInfo,
} from 'nats';
import { AppError } from '../../model/app-error.ts';
import { systemClock } from '../in-process/system-clock.ts';
import type { NatsLink } from './connect.ts';
import { apiCode, isNobodyThere, isUnanswered } from './nats-failure.ts';

/** Against the loss of a server; where there is one server only, it keeps the one copy. */
const REPLICAS = 3;
const NOT_A_CLUSTER = 10074;
const TTL_IS_OFF = 10166;
/** Another's write came first, or is just being agreed on in the cluster. */
const OVERTAKEN: ReadonlySet<number | undefined> = new Set([10071, 10164]);
const NO_MESSAGE = 10037;
const FIRST_WAIT_MS = 10;
const WAIT_MS_MAX = 1000;
const TTL_MS_GRAIN = 1000;

interface Entry {
  readonly bytes: Uint8Array;
  /** Number of the write that made it; grows over all writes to the bucket. */
  readonly revision: number;
}

/**
 * The latest value of each key, on a JetStream stream laid out as NATS lays out key-value buckets (`nats kv` shows it),
 * because the client's own buckets know no time to live. The stream is made when it is first missed, and again whenever
 * NATS has lost it.
 */
export interface Bucket {
  /** By any replica that has it; where it seems absent, by the leader, who alone knows. */
  read(key: string): Promise<Entry | undefined>;
  /** By the leader. */
  readLatest(key: string): Promise<Entry | undefined>;
  /**
   * With `after`, only if that is still the key's revision (0: there is none); otherwise undefined. A time to live is
   * rounded up to whole seconds, which is the server's grain, and runs on the server's clock.
   */
  write(key: string, bytes: Uint8Array, options?: { after?: number; ttlMs?: number }): Promise<number | undefined>;
  /** Those that match; `*` stands for what is between dots. */
  keys(pattern: string): Promise<string[]>;
  remove(pattern: string): Promise<void>;
  /**
   * A number above every one given before the latest write, even if NATS lost the bucket meanwhile: the microseconds of
   * its creation plus the writes since, as no server takes a million writes in a second (nor sets its clock back).
   */
  nextNumber(): Promise<number>;
}

interface Streams {
  readonly connection: NatsConnection;
  readonly js: JetStreamClient;
  readonly manager: JetStreamManager;
}

/** @param answerMsMax how long a request may take; one that gets lost on its way is told by nothing else */
export function openBucket(link: NatsLink, name: string, answerMsMax: number): Bucket {
  const stream = `KV_${name}`;
  // One at a time: what is asked of a cluster's servers while they make a stream may get no answer.
  let making: Promise<void> | undefined;
  const subject = (key: string) => `$KV.${name}.${key}`;

  function made(manager: JetStreamManager): Promise<void> {
    making ??= ensureStream(manager, stream, subject('>')).finally(() => {
      making = undefined;
    });
    return making;
  }

  /** Again where the stream was not there; a cluster's other servers learn only by and by that it is. */
  function onStream<T>(what: string, action: (streams: Streams) => Promise<T>): Promise<T> {
    return link.request(`${what} in bucket ${name}`, async (connection) => {
      const js = connection.jetstream({ timeout: answerMsMax });
      const streams = { connection, js, manager: await js.jetstreamManager(false) };
      for (let waitMs = FIRST_WAIT_MS; ; waitMs *= 2) {
        try {
          return await action(streams);
        } catch (error) {
          // Where somebody listens to all subjects (`nats sub '>'`) nobody says that no stream does. Not again from here:
          // what was asked for may have been done.
          if (isUnanswered(error)) await made(streams.manager).catch(() => {});
          if (!isNobodyThere(error) || waitMs > WAIT_MS_MAX) throw error;
        }
        await made(streams.manager);
        await systemClock.sleep(waitMs);
      }
    });
  }

  const readLatest = (key: string) =>
    onStream(`reading ${key}`, async ({ manager }): Promise<Entry | undefined> => {
      try {
        const { data, seq } = await manager.streams.getMessage(stream, { last_by_subj: subject(key) });
        return { bytes: data, revision: seq };
      } catch (error) {
        if (apiCode(error) === NO_MESSAGE) return undefined;
        throw error;
      }
    });

  return {
    readLatest,
    async read(key) {
      const found = await onStream(`reading ${key}`, async ({ connection }) => {
        const request = `$JS.API.DIRECT.GET.${stream}.${subject(key)}`;
        const { data, headers } = await connection.request(request, undefined, { timeout: answerMsMax });
        if (headers?.code) return undefined;
        return { bytes: data, revision: Number(headers?.get('Nats-Sequence')) };
      });
      return found ?? readLatest(key);
    },
    write: (key, bytes, { after, ttlMs } = {}) =>
      onStream(`writing ${key}`, async ({ js }) => {
        const head = headers();
        if (ttlMs !== undefined) head.set('Nats-TTL', `${Math.max(1, Math.ceil(ttlMs / TTL_MS_GRAIN))}s`);
        const expect = after === undefined ? {} : { lastSubjectSequence: after };
        try {
          return (await js.publish(subject(key), bytes, { headers: head, expect })).seq;
        } catch (error) {
          if (OVERTAKEN.has(apiCode(error))) return undefined;
          if (apiCode(error) === TTL_IS_OFF) throw withoutTtl(stream);
          throw error;
        }
      }),
    keys: (pattern) =>
      onStream(`listing ${pattern}`, async ({ manager }) => {
        const { state } = await manager.streams.info(stream, { subjects_filter: subject(pattern) });
        return Object.keys(state.subjects ?? {}).map((found) => found.slice(subject('').length));
      }),
    remove: (pattern) =>
      onStream(`removing ${pattern}`, async ({ manager }) => {
        await manager.streams.purge(stream, { filter: subject(pattern) });
      }),
    nextNumber: () =>
      onStream('numbering', async ({ manager }) => {
        const { created, state } = await manager.streams.info(stream);
        return Date.parse(String(created)) * 1000 + state.last_seq + 1;
      }),
  };
}

/** A stream that is there is taken as it is, with however many replicas. */
async function ensureStream(manager: JetStreamManager, name: string, subjects: string): Promise<void> {
  // allow_msg_ttl came with nats-server 2.11; this client sends what it does not know.
  const config: Partial<StreamConfig> & { allow_msg_ttl: boolean } = {
    name,
    subjects: [subjects],
    max_msgs_per_subject: 1,
    // As in NATS' own buckets: one that is full says so, and does not forget other keys.
    discard: DiscardPolicy.New,
    allow_direct: true,
    allow_msg_ttl: true,
  };
  for (let waitMs = FIRST_WAIT_MS; ; waitMs *= 2) {
    const { config: made, cluster } = await infoOrAdd();
    if ((made as { allow_msg_ttl?: boolean }).allow_msg_ttl !== true) throw withoutTtl(name);
    if (!cluster || cluster.leader) return;
    if (waitMs > WAIT_MS_MAX) throw new AppError('unavailable', `${name} has no leader in NATS`, { retryable: true });
    await systemClock.sleep(waitMs);
  }

  async function infoOrAdd(): Promise<StreamInfo> {
    try {
      return await manager.streams.info(name);
    } catch (error) {
      if (!isNobodyThere(error) || apiCode(error) === undefined) throw error;
    }
    try {
      return await manager.streams.add({ ...config, num_replicas: REPLICAS });
    } catch (error) {
      if (apiCode(error) !== NOT_A_CLUSTER) throw error;
      return await manager.streams.add({ ...config, num_replicas: 1 });
    }
  }
}

function withoutTtl(stream: string): AppError {
  const remedy = 'elastream needs nats-server 2.11 or later; remove the stream if an earlier one made it';
  return new AppError('storage_incompatible', `NATS keeps no time to live in the stream ${stream}: ${remedy}`);
}
