import { describe, expect, it } from 'vitest';
import { LSF } from '../../../../src/adapters/calculators/launchers/lsf-dialect.ts';
import { PBS } from '../../../../src/adapters/calculators/launchers/pbs-dialect.ts';
import { SLURM } from '../../../../src/adapters/calculators/launchers/slurm-dialect.ts';

const JOB = { name: 'el-ab-1-run', folder: '/shared/runs/a b', cores: 4, memoryMiB: 1500.5, minutes: 90 };
const answer = (stdout: string, code = 0, stderr = '') => ({ code, stdout, stderr });
const unavailable = expect.objectContaining({ code: 'unavailable', retryable: true });
const exited = (exitCode: number) => ({ kind: 'ended', ended: 'exited', exitCode });
const ended = (how: string) => ({ kind: 'ended', ended: how });

describe('Slurm', () => {
  // As 22.05 was seen to print it.
  const line = (id: string, state: string, status: string, why = 'None') =>
    ['el-ab-1-run'.padEnd(201), id.padEnd(21), state.padEnd(21), status.padEnd(13), 'n1'.padEnd(61)].join('') +
    ['1-02:03:30'.padEnd(21), why.padEnd(61)].join('');

  it('is given limits, name and folder as arguments', () => {
    const { args } = SLURM.submission(JOB, {
      kind: 'slurm',
      jobsMax: 1,
      pollSeconds: 1,
      partition: 'p',
      options: ['--qos=low'],
    });
    expect(args).toEqual(
      expect.arrayContaining([
        '--job-name=el-ab-1-run',
        '--chdir=/shared/runs/a b',
        '--mem=1501M',
        '--time=90',
        '--qos=low',
      ]),
    );
    expect(SLURM.jobId(answer('12;cluster\n'))).toBe('12');
    expect(SLURM.jobId(answer('welcome to this machine\n'))).toBeUndefined();
  });

  it.each([
    ['FAILED', '20224', exited(79)],
    ['COMPLETED', '0', exited(0)],
    ['TIMEOUT', '15', ended('timed_out')],
    ['OUT_OF_MEMORY', '9', ended('out_of_memory')],
    ['CANCELLED', '15', ended('killed')],
    ['PREEMPTED', '15', ended('lost')],
    ['NODE_FAIL', '0', ended('lost')],
    ['RUNNING', '0', { kind: 'running', node: 'n1', minutesLeft: 1563.5 }],
    ['PENDING', '0', { kind: 'waiting', why: 'None' }],
    ['A_NEW_WORD', '0', { kind: 'unknown' }],
  ])('says %s with status %s', (word, status, state) => {
    expect(SLURM.listed(answer(line('7', word, status)))).toEqual([{ name: 'el-ab-1-run', id: '7', state }]);
  });

  it('holds jobs, remembers ended ones, and gives no list while it is down', () => {
    const [held] = SLURM.listed(answer(line('7', 'PENDING', '0', 'JobHeldUser')));
    expect(held?.state).toMatchObject({ held: true });
    expect(SLURM.remembered?.(answer('el-ab-1-run|7|TIMEOUT|0:15\nb|8|CANCELLED by 1000|0:0\n'))).toEqual([
      { name: 'el-ab-1-run', id: '7', state: ended('timed_out') },
      { name: 'b', id: '8', state: ended('killed') },
    ]);
    expect(() => SLURM.listed(answer('', 1, 'Unable to contact slurm controller'))).toThrow(unavailable);
  });
});

describe('PBS', () => {
  const listed = (job: object) =>
    PBS.listed(answer(JSON.stringify({ Jobs: { '9.server': { Job_Name: 'x', ...job } } })))[0];

  it('is given limits and name, and answers with an id', () => {
    const { args } = PBS.submission(JOB, { kind: 'pbs', jobsMax: 1, pollSeconds: 1, account: 'a' });
    expect(args.join(' ')).toContain('-l select=1:ncpus=4:mem=1501mb -l walltime=1:30:00 -A a');
    expect(PBS.jobId(answer('1234.pbs-server\n'))).toBe('1234.pbs-server');
  });

  it.each([
    [
      { job_state: 'Q', comment: 'Not enough resources' },
      { kind: 'waiting', why: 'Not enough resources' },
    ],
    [{ job_state: 'H' }, { kind: 'waiting', why: 'held', held: true }],
    [
      { job_state: 'R', exec_host: 'n1/0' },
      { kind: 'running', node: 'n1/0' },
    ],
    [{ job_state: 'F', Exit_status: 0 }, exited(0)],
    [{ job_state: 'F', Exit_status: -29 }, ended('timed_out')],
    [{ job_state: 'F', Exit_status: -27 }, ended('out_of_memory')],
    [{ job_state: 'F', Exit_status: 271 }, ended('killed')],
    [{ job_state: 'F', Exit_status: -3 }, ended('lost')],
  ])('says %j', (job, state) => {
    expect(listed(job)).toEqual({ name: 'x', id: '9.server', state });
  });

  it('gives no list where it answers with words, and an empty one where there is none', () => {
    expect(() => PBS.listed(answer('maintenance until noon'))).toThrow(unavailable);
    expect(PBS.listed(answer('{"timestamp":1}'))).toEqual([]);
  });
});

describe('LSF', () => {
  it('is given limits and name, and answers with an id', () => {
    const { args } = LSF.submission(JOB, { kind: 'lsf', jobsMax: 1, pollSeconds: 1, partition: 'q' });
    expect(args.join(' ')).toContain('-M 1501MB -W 90 -q q');
    expect(LSF.jobId(answer('Job <77> is submitted to queue <normal>.\n'))).toBe('77');
  });

  it.each([
    ['PEND^-^-^-^New job is waiting', { kind: 'waiting', why: 'New job is waiting' }],
    ['PSUSP^-^-^-^-', { kind: 'waiting', why: '-', held: true }],
    ['RUN^-^n1^-^-', { kind: 'running', node: 'n1' }],
    ['DONE^-^n1^-^-', exited(0)],
    ['EXIT^3^n1^-^-', exited(3)],
    ['EXIT^140^n1^TERM_RUNLIMIT: job killed after reaching LSF run time limit^-', ended('timed_out')],
    ['EXIT^137^n1^TERM_MEMLIMIT: job killed^-', ended('out_of_memory')],
    ['EXIT^130^n1^TERM_OWNER: job killed by owner^-', ended('killed')],
    ['EXIT^130^n1^TERM_PREEMPT^-', ended('lost')],
    ['UNKWN^-^n1^-^-', { kind: 'running', node: 'n1' }],
  ])('says %s', (cells, state) => {
    expect(LSF.listed(answer(`x^9^${cells}\n`))).toEqual([{ name: 'x', id: '9', state }]);
  });

  it('has no job: an empty list; and gives none while it is down', () => {
    expect(LSF.listed(answer('', 255, 'No job found'))).toEqual([]);
    expect(() => LSF.listed(answer('', 255, 'Failed in LSF library call: LIM is down'))).toThrow(unavailable);
  });
});
