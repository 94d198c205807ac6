import { createHash } from 'node:crypto';
import { AppError } from '../../model/app-error.ts';
import type { ModelName, ModelStore } from '../../ports/model-store.ts';
import type { Gateway } from '../../protocol/generated/elastream/v1/services.generated.ts';

/**
 * Creates a model store that reads a cluster's models through its gateway, by name. All other operations are refused.
 */
export function createRemoteModels(gateway: Pick<Gateway, 'GetModel'>): ModelStore {
  async function get(name: ModelName): Promise<Uint8Array | undefined> {
    const pieces: Uint8Array[] = [];
    for await (const { piece } of gateway.GetModel({ name })) pieces.push(piece);
    if (pieces.length === 0) return undefined;
    const bytes = Buffer.concat(pieces);
    if (createHash('sha256').update(bytes).digest('hex') === name) return bytes;
    throw new AppError('storage_corrupt', `model ${name} came damaged from the gateway: its bytes have another hash`);
  }
  return {
    get,
    put: () => Promise.reject(refusal('stored')),
    delete: () => Promise.reject(refusal('deleted')),
    // biome-ignore lint/correctness/useYield: it refuses
    async *list() {
      throw refusal('listed');
    },
    async close() {},
  };
}

function refusal(what: string): AppError {
  return new AppError('invalid_argument', `models cannot be ${what} through a gateway: only read, by name`);
}
