import { describe, expect, it } from 'vitest';
import type { Projection } from '../../src/reading/projection.ts';
import { readingOn, readToEnd } from '../../src/reading/read-to-end.ts';
import type { Received } from '../../src/runtime/decode-records.ts';
import { inputRejected } from '../../src/runtime/source-events.ts';
import { exampleOf, featurized } from '../support/catalogues.ts';
import { openServiceWorld, SIMULATED_TOPICS } from '../support/simulation/service-world.ts';

const { labels, materials, rejections } = SIMULATED_TOPICS;
const { source, label } = exampleOf(featurized({ id: 'a' }), { g_vrh: 1 });
const rejected = (i: number) => ({
  event: inputRejected('s', { code: 'bad_number', message: `${i} is none`, source: 'f' }),
});

function taking(...topics: Projection['topics']) {
  const taken: Received['event'][] = [];
  return { taken, topics, take: ({ event }: Received) => void taken.push(event) };
}

describe('reading to the end of the log', () => {
  it('gives each event to the projections that are made of its topic', async () => {
    const { ports, run, given } = openServiceWorld();
    await run(given(rejected(1), { event: { type: 'LabelIngested', source, label } }));
    const [one, both] = [taking(labels), taking(rejections, labels)];
    const { read, before } = { read: ports.log.read, before: [] as string[] };
    const log: typeof ports.log = {
      ...ports.log,
      read(ranges) {
        before.push(...ranges.map(({ topic }) => topic));
        return read(ranges);
      },
    };
    await run(readToEnd(log, one, both));
    expect(one.taken.map(({ type }) => type)).toEqual(['LabelIngested']);
    expect(both.taken.map(({ type }) => type).sort()).toEqual(['InputRejected', 'LabelIngested']);
    // Topic after topic, and each once for all.
    expect(before).toEqual([labels.name, rejections.name]);
  });
});

it('hands on no other events than those of the types that are asked for', async () => {
  const { ports, run, given } = openServiceWorld();
  const ended = { type: 'SourcePartitionCompleted', source, partition: 0, count: 1, hash: label.id } as const;
  await run(given({ event: { type: 'LabelIngested', source, label } }, { event: ended, topic: labels }));
  const { taken, ...projection } = taking(labels);
  await run(readToEnd(ports.log, { ...projection, types: ['SourcePartitionCompleted'] }));
  expect(taken).toEqual([ended]);
});

describe('reading on', () => {
  it('takes each event once, however many ask at once, and what has come since the last time', async () => {
    const { ports, run, given } = openServiceWorld();
    const { taken, ...projection } = taking(materials, rejections);
    const readOn = readingOn(ports.log, projection);
    await run(readOn());
    await run(given(rejected(1), rejected(2)));
    await run(Promise.all([readOn(), readOn()]).then(() => {}));
    expect(taken).toHaveLength(2);
    await run(given(rejected(3)));
    await run(readOn());
    expect(taken.at(-1)).toEqual(rejected(3).event);
    expect(taken).toHaveLength(3);
  });

  it('goes on after a read that failed', async () => {
    const { ports, run, given } = openServiceWorld();
    await run(given(rejected(1)));
    let failing = true;
    const endOffsets: typeof ports.log.endOffsets = (topic) =>
      failing ? Promise.reject(new Error('cut')) : ports.log.endOffsets(topic);
    const { taken, ...projection } = taking(rejections);
    const readOn = readingOn({ ...ports.log, endOffsets }, projection);
    await expect(run(readOn())).rejects.toThrow('cut');
    failing = false;
    await run(readOn());
    expect(taken).toEqual([rejected(1).event]);
  });
});
