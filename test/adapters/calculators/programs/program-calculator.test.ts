import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CalculationJob } from '../../../../src/ports/calculator.ts';
import { isRunning } from '../../../support/campaign-process.ts';
import { eventually } from '../../../support/eventually.ts';
import { type ProgramPlace, programPlace } from '../../../support/program-place.ts';

const RESULT = `echo '{"g_vrh": 1.5, "k_vrh": 2.5}'`;
const never = new AbortController().signal;

let place: ProgramPlace;
beforeEach(() => {
  place = programPlace();
});
afterEach(() => place.remove());

const folderOf = ({ calculationId, attempt }: CalculationJob) =>
  join(place.folder, calculationId.slice(3), String(attempt));
const runOf = (job: CalculationJob) => join(folderOf(job), 'run');
const counted = (lines: string) =>
  place.program(`echo begun >> ${JSON.stringify(join(place.folder, 'count'))}\n${lines}`);
const count = () => readFileSync(join(place.folder, 'count'), 'utf8').trim().split('\n').length;

describe('a program on this machine', () => {
  it('gives its result, and leaves a folder that can be entered and run again', async () => {
    const job = place.job([place.program(`cat "$1" > seen; ${RESULT}`), '{structure}']);
    expect(await place.calculator().run(job, never)).toMatchObject({
      ...{ outcome: 'completed', values: { g_vrh: 1.5, k_vrh: 2.5 }, method: { kind: 'dft', code: 'sh 1' } },
    });
    expect(readFileSync(join(runOf(job), 'seen'), 'utf8')).toContain('Direct');
    const { recipe, execution, begunBy } = JSON.parse(readFileSync(join(folderOf(job), 'attempt.json'), 'utf8'));
    expect([recipe.kind, execution.campaign, begunBy]).toEqual(['command', 'c', 'here']);
    expect(JSON.parse(readFileSync(join(folderOf(job), 'outcome.json'), 'utf8')).outcome).toBe('completed');
  });

  it('is given ids as they are: no shell sees them', async () => {
    const id = `a'; touch "${'$'}PWNED"; $(touch pwned) \`touch pwned\` "`;
    const job = place.job([place.program(`printf '{"k_vrh": %s, "material_id": "x"}' "\${#1}"`), '{material}'], {}, id);
    const result = await place.calculator().run(job, never);
    expect(result).toMatchObject({
      outcome: 'failed',
      retry: 'never',
      reason: expect.stringContaining('the result is of "x"'),
    });
    expect(readdirSync(runOf(job)).includes('pwned')).toBe(false);
    expect(readFileSync(join(runOf(job), 'stdout.txt'), 'utf8')).toContain(`"k_vrh": ${id.length}`);
  });

  it.each([
    ['echo no >&2; exit 3', 'retry', /ended with code 3 \(no\)/],
    ['echo words', 'never', /no result that can be read/],
    ['echo \'{"g_vrh": "x"}\'', 'never', /g_vrh must be a number/],
    ['echo \'{"elastic_tensor": [[1]]}\'', 'never', /elastic_tensor/],
    ['echo \'{"failed": "no converge", "retry": "more_time"}\'; exit 1', 'retry', /code 1/],
    ['echo \'{"failed": "no converge", "retry": "more_time"}\' > result.json; exit 1', 'more_time', /no converge/],
    ['kill -9 $PPID; kill -9 $$', 'retry', /was (killed|lost)/],
  ])('that does %j is classed: %s', async (lines, retry, reason) => {
    const result = await place.calculator().run(place.job([place.program(lines)]), never);
    expect(result).toMatchObject({ outcome: 'failed', retry, reason: expect.stringMatching(reason) });
  });

  it('that is not there is no calculation to be tried again', async () => {
    const result = await place.calculator().run(place.job(['/nowhere/program']), never);
    expect(result).toMatchObject({ retry: 'never', reason: expect.stringContaining('was not found') });
  });

  it('ends with all that it has started when its time is over, and has twice as much next', async () => {
    const job = place.job([place.program('sleep 60 & echo $! > child; sleep 60')], { minutes: 0.02 });
    const result = await place.calculator().run(job, never);
    expect(result).toMatchObject({ outcome: 'failed', retry: 'more_time' });
    const child = Number(readFileSync(join(runOf(job), 'child'), 'utf8'));
    expect(isRunning(child)).toBe(false);
    const next = { ...job, attempt: 2, retries: ['more_time'] as const };
    await place
      .calculator()
      .run({ ...next }, AbortSignal.timeout(500))
      .catch(() => {});
    expect(JSON.parse(readFileSync(join(runOf(next), 'run.json'), 'utf8')).minutes).toBe(0.04);
  });

  it('is ended where it takes more than its memory', async () => {
    const script = 'x=$(head -c 60000000 /dev/zero | tr "\\0" x); sleep 30';
    const result = await place.calculator().run(place.job([place.program(script)], { memoryMiB: 30 }), never);
    expect(result).toMatchObject({ outcome: 'failed', retry: 'more_memory' });
  });
});

describe('nothing runs twice, nothing is lost', () => {
  it('where the process that began it is gone: the next one finds it running', async () => {
    const job = place.job([counted(`sleep 1.5; ${RESULT}`)]);
    const first = new AbortController();
    const abandoned = place
      .calculator()
      .run(job, first.signal)
      .catch(({ code }) => code);
    await eventually(async () => existsSync(join(runOf(job), 'claim', 'owner')));
    first.abort();
    expect(await abandoned).toBe('interrupted');
    expect(await place.calculator().run(job, never)).toMatchObject({ outcome: 'completed' });
    expect(count()).toBe(1);
  });

  it('where it ended meanwhile', async () => {
    const job = place.job([counted(RESULT)]);
    await place.calculator().run(job, never);
    expect(await place.calculator().run(job, never)).toMatchObject({ outcome: 'completed' });
    expect(count()).toBe(1);
  });

  it('where two processes believe that it is theirs', async () => {
    const job = place.job([counted(`sleep 0.5; ${RESULT}`)]);
    const results = await Promise.all([1, 2, 3].map(() => place.calculator().run(job, never)));
    expect(results.map(({ outcome }) => outcome)).toEqual(['completed', 'completed', 'completed']);
    expect(count()).toBe(1);
  });

  it('where its machine died while it ran: the attempt failed, and another may begin', async () => {
    const job = place.job([counted(RESULT)]);
    const first = new AbortController();
    first.abort();
    await place
      .calculator()
      .run(job, first.signal)
      .catch(() => {});
    mkdirSync(join(runOf(job), 'claim'));
    writeFileSync(join(runOf(job), 'claim', 'owner'), `999999999\n${(await import('node:os')).hostname()}\n1\n\n`);
    expect(await place.calculator().run(job, never)).toMatchObject({ outcome: 'failed', retry: 'retry' });
    expect(existsSync(join(place.folder, 'count'))).toBe(false);
  });
});

describe('what may not run', () => {
  it('does not, beyond the budget, and says what was spent', async () => {
    const program = place.program(RESULT);
    mkdirSync(join(place.folder, 'spent', 'c'), { recursive: true });
    writeFileSync(join(place.folder, 'spent', 'c', 'el-x-1-run.7200'), '');
    const result = await place.calculator().run(place.job([program], { coreHoursMax: 2 }), never);
    expect(result).toMatchObject({ retry: 'never', reason: expect.stringMatching(/2.00 of 2 core-hours/) });
    const other = place.job([program], { coreHoursMax: 2, campaign: 'd' });
    expect(await place.calculator().run(other, never)).toMatchObject({ outcome: 'completed' });
  });

  it('waits for a service that may, where programs are named', async () => {
    const allowed = [place.program(RESULT)];
    const calculator = place.calculator({ allowed });
    expect(await calculator.run(place.job(allowed), never)).toMatchObject({ outcome: 'completed' });
    const refused = [
      place.job(['/bin/sh']),
      place.job(allowed, { runDir: '../elsewhere' }),
      place.job(allowed, { launcher: { kind: 'slurm', jobsMax: 1, pollSeconds: 1, ssh: 'a@b' } }),
    ];
    for (const job of refused) {
      await expect(calculator.run(job, never)).rejects.toMatchObject({ code: 'invalid_argument' });
    }
  });

  it('is tried again where the folder cannot be written, with its name', async () => {
    writeFileSync(join(place.folder, 'full'), '');
    const job = place.job([place.program(RESULT)], { runDir: 'full' });
    const refused = { code: 'storage_unwritable', retryable: true, message: expect.stringContaining('full') };
    await expect(place.calculator().run(job, never)).rejects.toMatchObject(refused);
    rmSync(join(place.folder, 'full'));
    expect(await place.calculator().run(job, never)).toMatchObject({ outcome: 'completed' });
  });
});
