import { afterEach, describe, expect, it, vi } from 'vitest';
import { listenForInterruption } from '../../src/cli/interruption.ts';

describe('listenForInterruption', () => {
  afterEach(() => {
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  it('asks once, and ends the program at the second signal, of which one at once is the echo', () => {
    vi.useFakeTimers();
    const before = new Set(process.listeners('SIGINT'));
    const onRequest = vi.fn();
    const interruption = listenForInterruption(onRequest);
    const [heard] = process.listeners('SIGINT').filter((listener) => !before.has(listener));
    const exit = vi.spyOn(process, 'exit').mockImplementation(() => undefined as never);
    expect(interruption.requested).toBe(false);
    heard!('SIGINT');
    expect(interruption.requested).toBe(true);
    expect(onRequest).toHaveBeenCalledOnce();
    vi.advanceTimersByTime(20);
    heard!('SIGINT');
    expect(exit).not.toHaveBeenCalled();
    expect(onRequest).toHaveBeenCalledOnce();
    vi.advanceTimersByTime(300);
    heard!('SIGINT');
    expect(exit).toHaveBeenCalledWith(130);
    interruption.dispose();
    expect(process.listeners('SIGINT')).toEqual([...before]);
  });
});
