import { expect, it } from 'vitest';
import { createByteBudget } from '../../../services/gateway/byte-budget.ts';
import { createIntake } from '../../../services/gateway/intake.ts';
import { createQueue } from '../../support/queue.ts';
import { createVirtualClock } from '../../support/simulation/virtual-clock.ts';

const soon = () => new Promise((resolve) => setImmediate(resolve));

function open(openMax = 1000) {
  const sent = createQueue<{ bytes: number }>();
  const clock = createVirtualClock();
  const budget = createByteBudget(1e6, { held: () => {}, full: () => {} });
  const bounds = { openMax, bytesMax: 1e6, budget, clock, admit: (item: { bytes: number }) => item };
  const intake = createIntake(sent.items(), bounds);
  const taken: number[] = [];
  return {
    clock,
    taken,
    async send(count: number) {
      for (let i = 0; i < count; i++) sent.put({ bytes: 1 });
      await soon();
    },
    take(isLast: (item: { bytes: number }) => boolean = () => false) {
      void intake.take(isLast).then((items) => void taken.push(items.length));
      return soon();
    },
    close: () => intake.close(),
  };
}

/** Behind a stream that has just brought many. */
async function openBehindMany(openMax?: number) {
  const stream = open(openMax);
  await stream.send(100);
  await stream.take();
  return stream;
}

it('what comes in ones and twos waits for nothing', async () => {
  const { send, take, taken, clock } = open();
  for (const count of [1, 2, 1]) {
    await send(count);
    await take();
  }
  expect(taken).toEqual([1, 2, 1]);
  expect(clock.sleepers).toBe(0);
});

it('behind a stream that brought many, what has arrived waits until the stream is still', async () => {
  const { send, take, taken, clock } = await openBehindMany();
  await send(10);
  await take();
  await send(10);
  await clock.advance(10);
  await send(10);
  expect(taken).toEqual([100]);
  await clock.advance(10);
  expect(taken).toEqual([100]);
  await clock.advance(10);
  expect(taken).toEqual([100, 30]);
});

it('a stream that is never still, or brings no more before this is worked on, is not waited for', async () => {
  const steady = await openBehindMany();
  await steady.send(1);
  await steady.take();
  for (let ms = 0; ms < 1000; ms += 10) {
    await steady.send(1);
    await steady.clock.advance(10);
  }
  expect(steady.taken[1]).toBeGreaterThan(90);

  const full = await openBehindMany(150);
  await full.send(100);
  await full.take();
  await full.clock.advance(10);
  expect(full.taken).toEqual([100, 50]);
});

it('closing ends the wait', async () => {
  const { send, take, taken, close } = await openBehindMany();
  await send(10);
  await take();
  close();
  await soon();
  expect(taken).toEqual([100, 0]);
});

it('nothing is waited for behind the end of a source', async () => {
  const { send, take, taken, clock } = await openBehindMany();
  await send(1);
  await take(() => true);
  expect(taken).toEqual([100, 1]);
  expect(clock.sleepers).toBe(0);
});
