import { describe, expect, it } from 'vitest';
import type { Received } from '../../src/runtime/decode-records.ts';
import { createLogCatchUp } from '../../src/runtime/log-catch-up.ts';
import { inputRejected } from '../../src/runtime/source-events.ts';
import { openServiceWorld, SIMULATED_TOPICS } from '../support/simulation/service-world.ts';

const { materials, rejections } = SIMULATED_TOPICS;
const rejected = (i: number) => ({
  event: inputRejected('s', { code: 'bad_number', message: `${i} is none`, source: 'f' }),
});

describe('catching up with the log', () => {
  it('takes each event once, however many ask at once, and what has come since the last time', async () => {
    const { ports, run, given } = openServiceWorld();
    const taken: Received['event'][] = [];
    const readOn = createLogCatchUp(ports.log, [materials, rejections], ({ event }) => taken.push(event));
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
    const taken: string[] = [];
    const readOn = createLogCatchUp({ ...ports.log, endOffsets }, [rejections], ({ event }) => taken.push(event.type));
    await expect(run(readOn())).rejects.toThrow('cut');
    failing = false;
    await run(readOn());
    expect(taken).toEqual(['InputRejected']);
  });
});
