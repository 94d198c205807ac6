import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { type CalculationWaits, createCalculationWaits } from '../../../services/acquisition/calculation-waits.ts';

const HOUR_MS = 3_600_000;
const GIVEN_MS = 24 * HOUR_MS;
const STEP_MS = GIVEN_MS / 8;
const NOON_MS = Date.UTC(2026, 0, 1, 12);
const ROUND = 'campaign 1';
const IDS = ['a', 'b'];

describe('the wait for calculations', () => {
  let nowMs: number;
  let waits: CalculationWaits;
  /** Another process begins to read. */
  const restart = () => {
    nowMs = 17;
    waits = createCalculationWaits(() => nowMs);
  };
  const begin = () => waits.begin(ROUND, IDS, NOON_MS, GIVEN_MS);
  const waited = () => GIVEN_MS - (waits.overAtMs(ROUND) - nowMs);
  beforeEach(restart);

  it('is told by the monotonic clock from the reading of the selection, whatever the time of the selection was', () => {
    expect(waits.overAtMs(ROUND)).toBe(0);
    begin();
    nowMs += 5 * HOUR_MS;
    waits.requested('a', NOON_MS + 1);
    waits.requested('b', NOON_MS + 2);
    expect(waited()).toBe(5 * HOUR_MS);
  });

  it.each([
    ['forth by years', 1e12],
    ['forth by a day', 24 * HOUR_MS],
  ])('is shortened by a share only where the clock of who took over was set %s', (_, byMs) => {
    begin();
    waits.requested('a', NOON_MS + 1);
    nowMs += HOUR_MS;
    for (const id of IDS) waits.requested(id, NOON_MS + byMs);
    for (const id of IDS) waits.requested(id, NOON_MS + byMs + 5);
    expect(waited()).toBeLessThanOrEqual(STEP_MS + HOUR_MS + 10);
  });

  it('is not shortened where a clock was set back', () => {
    begin();
    waits.requested('a', NOON_MS - 48 * HOUR_MS);
    waits.requested('a', NOON_MS - 47 * HOUR_MS);
    expect(waited()).toBe(0);
  });

  it('goes on over restarts: what earlier processes waited is in the log, in whatever order it is read', () => {
    const requests = [1, 3, 5].map((hours) => NOON_MS + hours * HOUR_MS);
    for (const early of [true, false]) {
      restart();
      if (!early) begin();
      for (const at of requests) waits.requested('b', at);
      if (early) begin();
      nowMs += HOUR_MS;
      expect(waited()).toBe(6 * HOUR_MS);
    }
  });

  it('comes to its end however often processes are replaced, and counts nothing twice', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 40, maxLength: 40 }), (lives) => {
        let atMs = NOON_MS;
        const requests: number[] = [];
        for (const hours of lives) {
          restart();
          begin();
          for (const at of requests) waits.requested('a', at);
          waits.requested('a', atMs);
          requests.push(atMs);
          nowMs += hours * HOUR_MS;
          atMs += hours * HOUR_MS;
          expect(waited()).toBeLessThanOrEqual(atMs - NOON_MS);
        }
        expect(waited()).toBeGreaterThanOrEqual(GIVEN_MS);
      }),
    );
  });
});
