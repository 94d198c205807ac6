import { createHash } from 'node:crypto';
import { AppError } from '../../model/app-error.ts';
import type { ModelName, ModelStore } from '../../ports/model-store.ts';
import { openBucket } from './bucket.ts';
import type { NatsLink } from './connect.ts';

const MODEL_BYTES_MAX = 2 ** 28;
const CHUNK_BYTES = 2 ** 18;
/** Enough to use the connection fully. The server's own queue for a stream overflows at 128 MiB. */
const IN_FLIGHT_MAX = 8;
/** Many shards write at the same time, and the server syncs each chunk to its disk. */
const ANSWER_MS_MAX = 5000;

interface Manifest {
  readonly bytes: number;
  readonly chunks: number;
}

/**
 * A model consists of chunks and, written last, their manifest. Each key begins with the model's name.
 * 1. Equal bytes have equal keys. So storing a model again, at the same time or after a crash halfway, changes nothing
 *    and leaves no garbage. (The client's object store gives every upload its own keys, so a crash or a race leaves
 *    garbage.)
 * 2. The returned bytes hash to the model's name. A missing chunk is found at once.
 * 3. If JetStream has lost acknowledged chunks, the model is damaged or absent, and is trained again.
 */
export function openModelStore(place: { readonly link: NatsLink; readonly namespace?: string }): ModelStore {
  const bucket = openBucket(place.link, `${place.namespace ?? 'elastream'}-models`, ANSWER_MS_MAX);

  async function manifestOf(name: ModelName): Promise<Manifest | undefined> {
    const entry = await bucket.read(`${name}.manifest`);
    return entry && readManifest(entry.bytes);
  }

  return {
    async put(bytes) {
      if (bytes.length > MODEL_BYTES_MAX) {
        throw new AppError(
          'invalid_argument',
          `a model of ${bytes.length} bytes; at most ${MODEL_BYTES_MAX} can be stored`,
        );
      }
      // A copy, because the caller may reuse the bytes before all chunks are sent.
      const own = Buffer.from(bytes);
      const name = createHash('sha256').update(own).digest('hex') as ModelName;
      const chunkBytes = Math.min(CHUNK_BYTES, Math.floor((place.link.connection.info?.max_payload ?? 2 ** 20) / 2));
      const chunks = Math.ceil(own.length / chunkBytes);
      await inOrder(chunks, async (i) => {
        await bucket.write(`${name}.${i}`, own.subarray(i * chunkBytes, (i + 1) * chunkBytes));
      });
      const manifest: Manifest = { bytes: own.length, chunks };
      await bucket.write(`${name}.manifest`, Buffer.from(JSON.stringify(manifest)));
      return name;
    },
    async get(name) {
      const manifest = await manifestOf(name);
      if (!manifest) return undefined;
      const parts = await inOrder(manifest.chunks, async (i) => (await bucket.read(`${name}.${i}`))?.bytes);
      const bytes = Buffer.concat(parts.filter((part) => part !== undefined));
      if (createHash('sha256').update(bytes).digest('hex') === name) return bytes;
      // The model was deleted during the read.
      if (!(await bucket.readLatest(`${name}.manifest`))) return undefined;
      const missing = parts.filter((part) => part === undefined).length;
      const damage =
        missing > 0 ? `${missing} of its ${parts.length} chunks are missing` : 'its bytes have another hash';
      throw new AppError('storage_corrupt', `model ${name} in NATS is damaged: ${damage}`);
    },
    delete: (name) => bucket.remove(`${name}.*`),
    async *list() {
      for (const key of await bucket.keys('*.manifest')) {
        const name = key.slice(0, key.indexOf('.')) as ModelName;
        const manifest = await manifestOf(name);
        if (manifest) yield { name, bytes: manifest.bytes };
      }
    },
    async close() {},
  };
}

/** An unreadable manifest counts as that of a damaged model without chunks. */
function readManifest(bytes: Uint8Array): Manifest {
  try {
    const { bytes: size, chunks } = JSON.parse(Buffer.from(bytes).toString()) as Manifest;
    if (Number.isSafeInteger(chunks) && chunks <= size && size <= MODEL_BYTES_MAX) return { bytes: size, chunks };
  } catch {}
  return { bytes: 0, chunks: 0 };
}

/** Returns the results in order; at most IN_FLIGHT_MAX actions run at a time. */
async function inOrder<T>(count: number, action: (i: number) => Promise<T>): Promise<T[]> {
  const results = new Array<T>(count);
  let next = 0;
  const lane = async () => {
    while (next < count) {
      const i = next++;
      results[i] = await action(i);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT_MAX }, lane));
  return results;
}
