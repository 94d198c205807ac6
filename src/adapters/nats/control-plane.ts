import type { Subscription } from 'nats';
import { AppError } from '../../model/app-error.ts';
import type { ControlPlane, Lease, Progress, ServiceNode } from '../../ports/control-plane.ts';
import { systemClock } from '../in-process/system-clock.ts';
import { openBucket } from './bucket.ts';
import type { NatsLink } from './connect.ts';

export interface NatsPlace {
  readonly link: NatsLink;
  /** Prefix of all names in NATS. Two installations on one server need different ones. */
  readonly namespace?: string;
}

/**
 * Each failed attempt means that another client's write came first. The wait grows by one millisecond per attempt: 1.2
 * s in all.
 */
const ATTEMPTS_MAX = 50;
/** Well below the duration of a lease, so that a second attempt can still renew the lease. */
const ANSWER_MS_MAX = 2000;
/**
 * The server's shortest time to live. A released lease keeps nobody from taking it, but its revision must not be lost.
 */
const RELEASED_MS = 1000;
const RELEASED = new Uint8Array(0);

/**
 * 1. Leases and nodes expire by the server's clock alone, at most a second late and never early. A node's clock may be
 *    wrong by hours.
 * 2. A lease is changed only after its latest revision, which the stream's leader gives. So only one of many candidates
 *    gets the lease.
 * 3. Tokens grow from holder to holder, also after a lease has expired or NATS has lost the bucket.
 * 4. JetStream can lose acknowledged writes (power failure without `sync_interval: always`). Then two holders may have
 *    a lease, and a token may be given twice. The fence is the epoch that a campaign's writer has claimed in the log;
 *    nothing in this file is.
 */
export function openControlPlane({ link, namespace = 'elastream' }: NatsPlace): ControlPlane {
  const bucket = openBucket(link, `${namespace}-control`, ANSWER_MS_MAX);
  const progressSubject = (campaign: string) => `${namespace}.progress.${token(campaign)}`;
  const watches = new Set<Subscription>();

  /** Replaces the current lease by the wanted one (2). Returns false if `wanted` returns undefined. */
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
            // An error of the watcher that is thrown here would end the connection.
            if (progress) queueMicrotask(() => onProgress(progress));
          },
        });
        // After the flush the server knows the subscription.
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

/** Encodes a name as one token of a subject, which may hold neither dots nor spaces. */
function token(name: string): string {
  return Buffer.from(name).toString('base64url');
}

function json(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

/** Returns undefined for messages of other programs or other versions. */
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
