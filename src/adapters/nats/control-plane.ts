import type { Subscription } from 'nats';
import { AppError } from '../../model/app-error.ts';
import type { ControlPlane, Lease, Progress, ServiceNode } from '../../ports/control-plane.ts';
import { systemClock } from '../in-process/system-clock.ts';
import { openBucket } from './bucket.ts';
import type { NatsLink } from './connect.ts';

export interface NatsPlace {
  readonly link: NatsLink;
  /** Begins the names of what is kept; two installations on one server need two. */
  readonly namespace?: string;
}

/** Each lost one means that another's write came first, and is waited for a millisecond longer: 1.2 s in all. */
const ATTEMPTS_MAX = 50;
/** Well below a lease's time, so that it can be renewed on a second attempt. */
const ANSWER_MS_MAX = 2000;
/** The shortest that the server knows: a lease that was given up holds nobody off, but its revision must not be lost. */
const RELEASED_MS = 1000;
const RELEASED = new Uint8Array(0);

/**
 * 1. Leases and nodes run out by the server's clock alone, at most a second late and never early; a node's clock may be
 *    wrong by hours.
 * 2. A lease is changed only after its latest revision, asked of the stream's leader, so of many who want it one gets it.
 * 3. Tokens grow from holder to holder, also after expiry and where NATS lost the bucket.
 * 4. Where JetStream loses writes that it acknowledged (power failure without `sync_interval: always`), two may hold a
 *    lease, and a token may be given twice. The epoch that a campaign's writer claimed in the log is the fence; nothing
 *    here is.
 */
export function openControlPlane({ link, namespace = 'elastream' }: NatsPlace): ControlPlane {
  const bucket = openBucket(link, `${namespace}-control`, ANSWER_MS_MAX);
  const progressSubject = (campaign: string) => `${namespace}.progress.${token(campaign)}`;
  const watches = new Set<Subscription>();

  /** Writes what is wanted in place of the current lease (2); undefined where nothing is. */
  async function replace(
    name: string,
    wanted: (current: Lease | undefined) => Promise<{ bytes: Uint8Array; ttlMs: number } | undefined>,
  ): Promise<boolean> {
    const key = `lease.${token(name)}`;
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      const entry = await bucket.readLatest(key);
      const write = await wanted(entry?.bytes.length ? (parsed(entry.bytes) as Lease) : undefined);
      if (write === undefined) return false;
      const after = entry?.revision ?? 0;
      if ((await bucket.write(key, write.bytes, { after, ttlMs: write.ttlMs })) !== undefined) return true;
      await systemClock.sleep(attempt);
    }
    throw new AppError('unavailable', `the lease ${name} changes too fast`, { retryable: true });
  }

  return {
    async acquireLease(name, holder, ttlMs) {
      let lease: Lease | undefined;
      const got = await replace(name, async (current) => {
        if (current && current.holder !== holder) return undefined;
        lease = current ?? { name, holder, token: await bucket.nextNumber() };
        return { bytes: json(lease), ttlMs };
      });
      return got ? lease : undefined;
    },
    async releaseLease(lease) {
      const released = { bytes: RELEASED, ttlMs: RELEASED_MS };
      await replace(lease.name, async (current) => (current?.token === lease.token ? released : undefined));
    },
    async announce(node, ttlMs) {
      await bucket.write(`node.${token(node.id)}`, json(node), { ttlMs });
    },
    withdraw: (nodeId) => bucket.remove(`node.${token(nodeId)}`),
    async nodes() {
      const entries = await Promise.all((await bucket.keys('node.*')).map((key) => bucket.read(key)));
      const nodes = entries.flatMap((entry) => (entry ? [parsed(entry.bytes) as ServiceNode] : []));
      return nodes.sort((a, b) => (a.id < b.id ? -1 : 1));
    },
    async publishProgress(progress) {
      if (link.isUp) link.connection.publish(progressSubject(progress.campaign), json(progress));
    },
    async watchProgress(campaign, onProgress) {
      const watch = await link.request('watching progress', async (connection) => {
        const subscription = connection.subscribe(progressSubject(campaign), {
          callback: (error, message) => {
            const progress = error ? undefined : readProgress(message.data);
            // Thrown in here, an error of the watcher's would end the connection.
            if (progress) queueMicrotask(() => onProgress(progress));
          },
        });
        // Only then does the server surely know of it.
        await connection.flush();
        return subscription;
      });
      watches.add(watch);
      return async () => {
        watches.delete(watch);
        watch.unsubscribe();
      };
    },
    async close() {
      for (const watch of watches) watch.unsubscribe();
      watches.clear();
    },
  };
}

/** A name as one token of a subject, which may hold neither dots nor spaces. */
function token(name: string): string {
  return Buffer.from(name).toString('base64url');
}

function json(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

/** Undefined for what others, or other versions, say there. */
function readProgress(bytes: Uint8Array): Progress | undefined {
  try {
    return parsed(bytes) as Progress;
  } catch {
    return undefined;
  }
}

function parsed(bytes: Uint8Array): unknown {
  return JSON.parse(Buffer.from(bytes).toString());
}
