import { describe, expect, it } from 'vitest';
import type { InputRejected, LabelIngested, SourcePartitionCompleted } from '../../src/model/events.ts';
import { createPublisher } from '../../src/runtime/publisher.ts';
import { created, hashOf, runCampaign } from '../support/campaigns.ts';
import { exampleOf, featurized, materialName } from '../support/catalogues.ts';
import { openServiceWorld, receivedIn, SIMULATED_TOPICS } from '../support/simulation/service-world.ts';

const { labels, features, rejections, campaigns } = SIMULATED_TOPICS;

function labelOf(i: number): LabelIngested {
  const { source, label } = exampleOf(featurized({ id: materialName(i) }), { g_vrh: i });
  return { type: 'LabelIngested', source, label };
}

describe('publisher', () => {
  it('brings each event to its place, stamped with time and producer', async () => {
    const { world, ports, run, eventsOf } = openServiceWorld();
    const watermark: SourcePartitionCompleted = {
      ...{ type: 'SourcePartitionCompleted', source: 's', partition: 5, count: 0, hash: hashOf('ids') },
    };
    const rejection = { code: 'bad_number', message: 'a is not a number', source: 's' } as const;
    const rejected: InputRejected = { type: 'InputRejected', id: hashOf('rejection'), rejection };
    const publications = [{ event: labelOf(1) }, { event: watermark, topic: features }, { event: rejected }];
    await run(createPublisher(ports, 'test').publish(publications));
    expect(eventsOf(labels)).toEqual([labelOf(1)]);
    expect(receivedIn(world, features)).toMatchObject([{ partition: 5, event: watermark }]);
    expect(eventsOf(rejections)).toEqual([rejected]);
    const [record] = world.stored.log.records(labels.name).flat();
    expect(record).toMatchObject({ source: '/elastream/test', time: new Date(world.clock.now()).toISOString() });
  });

  it('needs the campaign of what belongs to its stream', async () => {
    const { ports, run, eventsOf } = openServiceWorld();
    const publisher = createPublisher(ports, 'test');
    const [creation, claim] = runCampaign(created({ stop: { rounds: 1 } }), ['a', 'b']).campaign as never[];
    await run(publisher.publish([{ event: creation! }, { event: claim!, campaign: 'test' }]));
    expect(eventsOf(campaigns)).toEqual([creation, claim]);
    await expect(publisher.publish([{ event: claim! }])).rejects.toMatchObject({ code: 'internal' });
  });

  it('keeps the order of events of a partition, also where parts of them had to be appended again', async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const { world, ports, run } = openServiceWorld({ seed, faults: { appendCut: 0.6, appendRefused: 0.1 } });
      const events = Array.from({ length: 40 }, (_, i) => labelOf(i));
      await run(createPublisher(ports, 'test').publish(events.map((event) => ({ event }))));
      for (const records of world.stored.log.records(labels.name)) {
        const ids = [...new Set(records.map(({ id }) => id))];
        const expected = events.map(({ label, source }) => `label/${label.id}/${source}`);
        expect(ids).toEqual(expected.filter((id) => ids.includes(id)));
      }
      expect(
        new Set(
          world.stored.log
            .records(labels.name)
            .flat()
            .map(({ id }) => id),
        ).size,
      ).toBe(40);
    }
  });

  it('fails where the log is out of reach for longer than a retry lasts', async () => {
    const { ports, run } = openServiceWorld({ faults: { appendRefused: 1 } });
    const publishing = run(createPublisher(ports, 'test').publish([{ event: labelOf(1) }]));
    await expect(publishing).rejects.toMatchObject({ code: 'unavailable', retryable: true });
  });
});
