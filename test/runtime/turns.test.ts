import { expect, it } from 'vitest';
import { sharedRun } from '../../src/runtime/shared-run.ts';
import { createTurns } from '../../src/runtime/turns.ts';

/** Actions that end when they are told to, and the order in which they began. */
function controlled() {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const action = (name: string) => async () => {
    begun.push(name);
    await new Promise<void>((resolve) => ends.set(name, resolve));
    return name;
  };
  return { action, begun, end: (name: string) => ends.get(name)!() };
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

it('turns come in order, so many at a time, and whoever gives up waits no more', async () => {
  const { action, begun, end } = controlled();
  const turns = createTurns(2);
  const leaving = new AbortController();
  const outcomes = ['a', 'b', 'c', 'd'].map((name) =>
    turns.take(action(name), name === 'c' ? leaving.signal : undefined).catch((error: unknown) => error),
  );
  await settled();
  expect(begun).toEqual(['a', 'b']);
  leaving.abort('gone');
  end('b');
  await settled();
  expect(begun).toEqual(['a', 'b', 'd']);
  end('a');
  end('d');
  expect(await Promise.all(outcomes)).toEqual(['a', 'b', 'gone', 'd']);
  await expect(turns.take(action('e'), leaving.signal)).rejects.toBe('gone');
  const failing = () => turns.take(() => Promise.reject(new Error('failed')));
  await expect(Promise.all([failing(), failing(), failing()])).rejects.toThrow('failed');
  const last = turns.take(action('f'));
  await settled();
  end('f');
  expect(await last).toBe('f');
});

it('a shared run begins after whoever asked for it, and is one for all of them', async () => {
  const { action, begun, end } = controlled();
  let runs = 0;
  const run = sharedRun(async () => void (await action(`${++runs}`)()));
  const first = run();
  await settled();
  const others = [run(), run(), run()];
  await settled();
  expect(begun).toEqual(['1']);
  end('1');
  await first;
  await settled();
  expect(begun).toEqual(['1', '2']);
  end('2');
  await Promise.all(others);
  const failed = sharedRun(() => Promise.reject(new Error('once')));
  await expect(failed()).rejects.toThrow('once');
  await expect(failed()).rejects.toThrow('once');
});
