import { expect, it } from 'vitest';
import { createOrderedPublishing } from '../../../services/training-shard/ordered-publishing.ts';
import type { Publication } from '../../../src/runtime/publisher.ts';
import { labelIngested } from '../../support/label-events.ts';

const publication = (id: string): Publication => ({ event: labelIngested(id) });
const [A, B, C] = ['a', 'b', 'c'].map(publication) as [Publication, Publication, Publication];
const labels = (offset: number) => ({ topic: 'labels', partition: 3, offset });
const features = (offset: number) => ({ topic: 'features', partition: 3, offset });

function open() {
  const published: (readonly Publication[])[] = [];
  let isAway = true;
  const publishing = createOrderedPublishing({
    async publish(publications) {
      published.push(publications);
      if (isAway) throw new Error('not now');
    },
  });
  const comeBack = () => {
    isAway = false;
  };
  return { publishing, published, comeBack };
}

it('publishes what follows from a batch once, however often it was attempted, and in the order of the batches', async () => {
  const { publishing, published, comeBack } = open();
  for (let attempt = 0; attempt < 12; attempt++) {
    await expect(publishing.publish(labels(1), [A])).rejects.toThrow('not now');
  }
  await expect(publishing.publish(features(1), [B])).rejects.toThrow('not now');
  comeBack();
  // What another attempt finds besides has come with the other batch.
  await publishing.publish(labels(1), [A, B]);
  expect(published.at(-1)).toEqual([A, B]);
  await publishing.publish(features(1), [B]);
  await publishing.publish(labels(2), [C]);
  expect(published.slice(-2)).toEqual([[], [C]]);
});

it('publishes again what comes again after the partition was another node', async () => {
  const { publishing, published, comeBack } = open();
  comeBack();
  await publishing.publish(labels(1), [A]);
  publishing.drop(3);
  await publishing.publish(labels(1), [A]);
  expect(published).toEqual([[A], [A]]);
});
