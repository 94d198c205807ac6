import { describe, expect, it, vi } from 'vitest';
import { createProgressLine, progressText } from '../../src/text/featurize-progress.ts';

const HALF = {
  structures: 4000,
  structuresBefore: 0,
  rejected: 3,
  bytesRead: 50,
  bytesTotal: 100,
  elapsedMs: 2000,
};

describe('progressText', () => {
  it('shows bar, share, count, rate, rejections and time left', () => {
    expect(progressText(HALF, 100)).toBe(
      '[===============               ]  50 %  4,000 structures  2,000/s  3 rejected  0:02 left',
    );
  });

  it('counts only where the end is unknown', () => {
    expect(progressText({ ...HALF, bytesTotal: undefined, rejected: 0 }, 100)).toBe('4,000 structures  2,000/s');
  });

  it('leaves what an earlier run did out of the rate', () => {
    expect(progressText({ ...HALF, structuresBefore: 3000 }, 100)).toContain('  500/s');
  });

  it('never exceeds the terminal, even at the very end', () => {
    for (let columns = 10; columns < 120; columns++) {
      for (const bytesRead of [0, 1, 99, 100, 101]) {
        expect(progressText({ ...HALF, bytesRead }, columns).length).toBeLessThanOrEqual(columns);
      }
    }
  });
});

describe('createProgressLine', () => {
  it('writes at most ten times a second and cleans up', () => {
    const written: string[] = [];
    const terminal = { columns: 80, write: (text: string) => written.push(text) } as unknown as NodeJS.WriteStream;
    const line = createProgressLine(terminal);
    for (let elapsedMs = 0; elapsedMs < 1000; elapsedMs += 10) line.show({ ...HALF, elapsedMs });
    expect(written).toHaveLength(10);
    line.clear();
    expect(written.at(-1)).toBe('\r\u001b[K');
  });

  it('is silent without a terminal', () => {
    const written = [process.stdout, process.stderr].map((stream) => vi.spyOn(stream, 'write'));
    const line = createProgressLine(undefined);
    line.show(HALF);
    line.clear();
    for (const write of written) expect(write).not.toHaveBeenCalled();
    vi.restoreAllMocks();
  });
});
