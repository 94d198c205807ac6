import { expect, it } from 'vitest';
import { createTimeSlices } from '../../src/runtime/time-slices.ts';

it('breaks off long work whenever a slice is over, also over several pieces of work', async () => {
  let now = 0;
  const breaks: number[] = [];
  const sleep = async () => void breaks.push(now);
  const slices = createTimeSlices({ now: () => 0, monotonic: () => now, sleep });
  function* work(steps: number) {
    for (let step = 0; step < steps; step++) {
      now += 10;
      yield;
    }
    return `after ${now} ms`;
  }
  expect([await slices.run(work(2)), await slices.run(work(5))]).toEqual(['after 20 ms', 'after 70 ms']);
  expect(breaks).toEqual([30, 60]);
});
