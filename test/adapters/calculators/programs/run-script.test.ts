import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { CLAIM_LOST, quoted, runScript } from '../../../../src/adapters/calculators/programs/run-script.ts';

const folder = mkdtempSync(join(tmpdir(), 'run script '));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('quoted', () => {
  it('is one word of a shell, whatever it holds', () => {
    const hostile = ['', "'", `"; touch x; "`, '$(touch x)', '`x`', '\n', '-n', '~', '*', 'a\\', '{a,b}', '#', '!x'];
    const word = fc.string({ unit: 'binary', maxLength: 20 }).map((text) => text.replaceAll('\0', '').toWellFormed());
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constantFrom(...hostile), word), { minLength: 1, maxLength: 6 }), (words) => {
        const line = `printf '%s\\0' ${words.map(quoted).join(' ')}`;
        expect(execFileSync('sh', ['-c', line], { encoding: 'utf8', cwd: folder }).split('\0').slice(0, -1)).toEqual(
          words,
        );
      }),
      { numRuns: 40 },
    );
    expect(existsSync(join(folder, 'x'))).toBe(false);
  });
});

describe('run.sh', () => {
  it('starts the program once, however many jobs run it at a time', async () => {
    writeFileSync(
      join(folder, 'run.sh'),
      runScript({ argv: ['sh', '-c', 'echo once >> count; sleep 0.3; exit 3'], cores: 1 }),
    );
    const jobs = Array.from({ length: 8 }, () => promisify(execFile)('sh', [join(folder, 'run.sh')]));
    const codes = (await Promise.allSettled(jobs)).map((job) => (job.status === 'rejected' ? job.reason.code : 0));
    expect(codes.sort()).toEqual([3, ...Array(7).fill(CLAIM_LOST)]);
    expect(readFileSync(join(folder, 'count'), 'utf8')).toBe('once\n');
    expect(readFileSync(join(folder, 'ended'), 'utf8')).toMatch(/^3\n\d+\n.+\n$/);
  });
});
