import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/adapters/in-process/system-clock.ts';
import { systemRandom } from '../../../src/adapters/in-process/system-random.ts';
import { type SubmitOptions, submitSource } from '../../../src/adapters/remote/submit-source.ts';
import { AppError } from '../../../src/model/app-error.ts';
import type { SourceItem } from '../../../src/ports/material-source.ts';
import type { Gateway } from '../../../src/protocol/generated/elastream/v1/services.generated.ts';
import { retrying } from '../../../src/runtime/retry.ts';
import { type GatewayPlace, openGatewayPlace } from '../../support/gateway.ts';
import { createSeededRandom } from '../../support/simulation/seeded-random.ts';
import { SIMULATED_TOPICS } from '../../support/simulation/service-world.ts';
import { syntheticItems } from '../../support/simulation/simulated-source.ts';
import { streamed } from '../../support/submitted-items.ts';

const { materials } = SIMULATED_TOPICS;
const ITEMS = syntheticItems(600, createSeededRandom(2));
const MATERIALS = ITEMS.flatMap((item) => (item.kind === 'material' ? [item] : []));
const TALLY = {
  materials: MATERIALS.length,
  labels: MATERIALS.filter(({ label }) => label).length,
  rejected: ITEMS.length - MATERIALS.length,
};
const RESET = new AppError('unavailable', 'connection reset', { retryable: true });

let place: GatewayPlace | undefined;
afterEach(() => place?.close());

async function open(items: Iterable<SourceItem> = ITEMS) {
  place = await openGatewayPlace();
  const { gateway } = place;
  const source = { id: 's', read: () => streamed(items) };
  const submit = (options: Partial<SubmitOptions> = {}) =>
    submitSource(source, {
      ...{ gateway, labelSet: 'known' },
      retrying: (action) => retrying({ clock: systemClock, random: systemRandom }, action),
      ...options,
    });
  return { ...place, submit };
}

/** Whose first connections break after so many answers. */
function breakingAfter(gateway: Pick<Gateway, 'Submit'>, answers: number[]): Pick<Gateway, 'Submit'> {
  return {
    async *Submit(requests) {
      const left = answers.shift();
      let count = 0;
      for await (const reply of gateway.Submit(requests)) {
        if (count++ === left) throw RESET;
        yield reply;
      }
    },
  };
}

describe('submitting a source', () => {
  it('brings all of it to the log, and counts it as ingesting does', async () => {
    const { submit, gateway } = await open();
    const progress: number[] = [];
    expect(await submit({ onProgress: (tally) => progress.push(tally.materials) })).toEqual(TALLY);
    expect(progress.length).toBeGreaterThan(1);
    expect(progress.at(-1)).toBe(TALLY.materials);
    expect((await gateway.ListSources({})).sources).toEqual(['s']);
  });

  it('counts what the gateway refuses as rejected', async () => {
    const first = MATERIALS.find(({ label }) => label)!;
    const label = { ...first.label!, values: { g_vrh: 99_999 } };
    const { submit } = await open([{ ...first, label }, MATERIALS[1]!]);
    const labels = MATERIALS[1]!.label ? 1 : 0;
    expect(await submit()).toEqual({ materials: 1, labels, rejected: 1 });
  });

  it('begins again where the connection breaks, with the same events', async () => {
    const { submit, gateway, records } = await open();
    expect(await submit({ gateway: breakingAfter(gateway, [0, 300, 599]) })).toEqual(TALLY);
    const ids = (await records(materials)).map(({ id }) => id);
    expect(new Set(ids).size).toBe(TALLY.materials + materials.partitions);
    expect(ids.length).toBeGreaterThan(new Set(ids).size);
  });

  it('gives up where breaking has no end, or the error is none that passes', async () => {
    const { submit, gateway } = await open();
    const once = { retrying: <T>(action: () => Promise<T>) => action() };
    await expect(submit({ ...once, gateway: breakingAfter(gateway, [7]) })).rejects.toBe(RESET);
    const deaf = { Submit: () => streamed([]) };
    await expect(submit({ ...once, gateway: deaf })).rejects.toMatchObject({ code: 'unavailable', retryable: true });
  });

  it('fails with the error of the source, whatever the transport makes of it', async () => {
    const broken = new AppError('input_unreadable', 'cannot read f.jsonl');
    const { submit, gateway } = await open(
      (function* () {
        yield* ITEMS.slice(0, 9);
        throw broken;
      })(),
    );
    const wrapping: Pick<Gateway, 'Submit'> = {
      async *Submit(requests) {
        try {
          yield* gateway.Submit(requests);
        } catch {
          throw RESET;
        }
      },
    };
    await expect(submit({ gateway: wrapping })).rejects.toBe(broken);
  });

  it('keeps to its window, and ends when it is interrupted though nothing is answered', async () => {
    const { submit } = await open();
    const stopping = new AbortController();
    let pulled = 0;
    const silent: Pick<Gateway, 'Submit'> = {
      Submit: (requests) => ({
        [Symbol.asyncIterator]() {
          let end = () => {};
          const never = new Promise<IteratorResult<never>>((resolve) => {
            end = () => resolve({ done: true, value: undefined });
          });
          void (async () => {
            for await (const { clientId } of requests) if (clientId) pulled++;
          })();
          return {
            next: () => never,
            async return() {
              end();
              return { done: true, value: undefined };
            },
          };
        },
      }),
    };
    const submitting = submit({ gateway: silent, unacknowledgedMax: 10, signal: stopping.signal });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(pulled).toBe(10);
    stopping.abort();
    await expect(submitting).rejects.toThrow('aborted');
  });
});
