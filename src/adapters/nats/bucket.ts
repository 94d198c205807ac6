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

/** Replicas, against the loss of a server. A single server keeps the only copy. */
const REPLICAS = 3;
const NOT_A_CLUSTER = 10074;
const TTL_IS_OFF = 10166;
/** Another client's write came first, or the cluster is just agreeing on it. */
const OVERTAKEN: ReadonlySet<number | undefined> = new Set([10071, 10164]);
const NO_MESSAGE = 10037;
const FIRST_WAIT_MS = 10;
const WAIT_MS_MAX = 1000;
const TTL_MS_GRAIN = 1000;

interface Entry {
  readonly bytes: Uint8Array;
  /** Sequence number of the write; it grows over all writes to the bucket. */
  readonly revision: number;
}

/**
 * The latest value of each key, on a JetStream stream with the layout of NATS' key-value buckets (`nats kv` shows it).
 * The client's own buckets are not used, because they do not support a time to live. The stream is created when it is
 * first missing, and again whenever NATS has lost it.
 */
export interface Bucket {
  /** Reads from any replica. If the key seems absent, it asks the stream's leader, whose answer is final. */
  read(key: string): Promise<Entry | undefined>;
  /** Reads from the leader. */
  readLatest(key: string): Promise<Entry | undefined>;
  /**
   * Writes a value and returns its revision. With `after`, it writes only if that is still the key's revision (0: no
   * value) and otherwise returns undefined. A time to live is rounded up to whole seconds, the server's resolution, and
   * runs on the server's clock.
   */
  write(key: string, bytes: Uint8Array, options?: { after?: number; ttlMs?: number }): Promise<number | undefined>;
  /** Keys that match; `*` stands for the part between two dots. */
  keys(pattern: string): Promise<string[]>;
  remove(pattern: string): Promise<void>;
  /**
   * Returns a number that is greater than every number returned before the latest write, even if NATS lost the bucket
   * in the meantime. It is the bucket's creation time in microseconds plus the number of writes since then. This holds
   * because no server takes a million writes per second (and none may set its clock back).
   */
  nextNumber(): Promise<number>;
}

interface Streams {
  readonly connection: NatsConnection;
  readonly js: JetStreamClient;
  readonly manager: JetStreamManager;
}

/** @param answerMsMax time limit of a request; nothing else reveals a lost request */
export function openBucket(link: NatsLink, name: string, answerMsMax: number): Bucket {
  const stream = `KV_${name}`;
  // One creation at a time: while a cluster creates a stream, its servers may not answer requests about it.
  let making: Promise<void> | undefined;
  const subject = (key: string) => `$KV.${name}.${key}`;

  function made(manager: JetStreamManager): Promise<void> {
    making ??= ensureStream(manager, stream, subject('>')).finally(() => {
      making = undefined;
    });
    return making;
  }

  /**
   * Runs the action, and again if the stream was missing. The other servers of a cluster learn of a new stream only
   * after a while.
   */
  function onStream<T>(what: string, action: (streams: Streams) => Promise<T>): Promise<T> {
    return link.request(`${what} in bucket ${name}`, async (connection) => {
      const js = connection.jetstream({ timeout: answerMsMax });
      const streams = { connection, js, manager: await js.jetstreamManager(false) };
      for (let waitMs = FIRST_WAIT_MS; ; waitMs *= 2) {
        try {
          return await action(streams);
        } catch (error) {
          // If a client subscribes to all subjects (`nats sub '>'`), a missing stream shows only as a missing answer.
          // The action is not repeated here, because it may have been done.
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

/** Creates the stream if it is missing. An existing stream is used as it is, with any number of replicas. */
async function ensureStream(manager: JetStreamManager, name: string, subjects: string): Promise<void> {
  // allow_msg_ttl came with nats-server 2.11. The client passes unknown fields on to the server.
  const config: Partial<StreamConfig> & { allow_msg_ttl: boolean } = {
    name,
    subjects: [subjects],
    max_msgs_per_subject: 1,
    // As in NATS' own buckets: a full bucket reports an error instead of dropping other keys.
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
