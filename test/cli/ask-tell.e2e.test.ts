import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { TOPICS } from '../../src/reading/campaign-log.ts';
import { eventsInLog, startCampaign } from '../support/campaign-process.ts';
import { runCli } from '../support/cli.ts';
import { describeWithLightGbm, type TinyCampaign, tinyCampaign } from '../support/tiny-campaign.ts';

const MANUAL = 'kind: manual\n  attempts: 2\n  method: {code: VASP 6.4, functional: PBE}';
const manual = (rounds: number, more = '') =>
  tinyCampaign({ rounds, batch: 4, edit: (yaml) => yaml.replace('kind: replay', `${MANUAL}${more}`) });

interface Row {
  readonly material_id: string;
  readonly g_vrh: number;
  readonly k_vrh: number;
}

/** The true values of the campaign's data. */
function truths({ file }: TinyCampaign): ReadonlyMap<string, Row> {
  const lines = readFileSync(join(dirname(file), 'data.jsonl'), 'utf8')
    .trim()
    .split('\n');
  return new Map(lines.map((line) => JSON.parse(line) as Row).map((row) => [row.material_id, row]));
}

const call = (command: string, { directory }: TinyCampaign, ...args: string[]) =>
  runCli([command, '--dir', directory, ...args]);

/** Fills in the table: `edit` may change what stands in the columns g_vrh, k_vrh and failed. */
function fillIn(table: string, edit: (id: string, place: number) => string): void {
  const [header, ...rows] = readFileSync(table, 'utf8').trim().split('\n');
  const filled = rows.map((row, i) => {
    const [id, , , , ...others] = row.split(',');
    return [id, edit(id!, i), ...others].join(',');
  });
  writeFileSync(table, `${[header, ...filled].join('\n')}\n`);
}

it.each(['ask', 'tell'])('%s takes what its examples show', async (name) => {
  const { stdout } = await runCli([name, '--help']);
  const [example] = /\w+ --cluster .*/.exec(stdout.slice(stdout.indexOf('Examples')))!;
  expect(await runCli(example.replace(':7400', ':1').split(' '))).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('nobody answers there'),
  });
});

describeWithLightGbm('a campaign that waits for people', () => {
  const [three, beside, early] = [manual(3), manual(1), manual(2, '\n  min_results: 2')];
  const replayed = tinyCampaign({ rounds: 1 });
  afterAll(() => Promise.all([three, beside, early, replayed].map((one) => one.remove())));

  it('goes three rounds by run, ask and tell', async () => {
    const known = truths(three);
    const next = join(dirname(three.file), 'next');
    const table = join(next, 'results.csv');
    const answer = (id: string) => `${known.get(id)!.g_vrh},${known.get(id)!.k_vrh},`;
    const run = () => three.run(['--no-tables', '--no-report']);
    const waits = (round: number, count: number) => ({
      code: 0,
      stderr: expect.stringContaining(`tiny waits in round ${round} for ${count} result`),
    });
    expect(await run()).toMatchObject(waits(1, 4));
    expect((await call('status', three)).stdout).toContain('tiny: waits for your results');
    expect(await call('ask', three, '-o', next)).toMatchObject({ code: 0, stdout: expect.stringContaining('± ') });
    const asked = readFileSync(table, 'utf8');
    expect(readdirSync(next)).toHaveLength(5);
    expect((await call('ask', three, '-o', next)).code).toBe(0);
    expect(readFileSync(table, 'utf8')).toBe(asked);

    // One good answer, one that failed, one that is refused, one that is not filled in.
    fillIn(table, (id, i) => [answer(id), ',,no scf', '1.5.5,2,', ',,'][i]!);
    const some = await call('tell', three, table);
    expect(some).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('1 refused, 1 answered, 1 failed, 1 empty'),
    });
    expect(some.stderr).toContain(`refused ${table}: line 4: g_vrh of`);
    expect(await call('ask', three, '-o', next)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('tell it first'),
    });
    expect(await run()).toMatchObject(waits(1, 3));

    // The same table with the rest; what was told is known.
    fillIn(table, (id, i) => (i === 1 ? ',,no scf' : answer(id)));
    expect((await call('tell', three, table)).stderr).toContain('2 known already, 2 answered');
    expect((await call('ask', three, '-o', next)).code).toBe(0);
    fillIn(table, () => ',,no scf again');
    expect((await call('tell', three, table)).stderr).toContain('it is given up');
    expect(await run()).toMatchObject(waits(2, 4));

    for (const round of [2, 3]) {
      expect((await call('ask', three, '-o', next, '--format', round === 2 ? 'cif' : 'json')).code).toBe(0);
      fillIn(table, answer);
      expect((await call('tell', three, table)).stderr).toContain('4 answered\ntiny waits for no result');
      expect((await run()).code).toBe(0);
    }
    const { stdout } = await call('status', three, '--json');
    expect(JSON.parse(stdout)).toMatchObject([{ state: 'finished', stop_reason: 'rounds', labels: { added: 11 } }]);
    expect((await call('ask', three)).stderr).toContain('tiny waits for no calculation: it is over (rounds)');
    const labels = await call('export', three, '--what', 'labels');
    expect(labels.stdout.split('\n')[1]).toContain(',dft,VASP 6.4,PBE,');
  });

  it('goes on by itself where it is told beside the process that runs it, with a correction and more than it asked', async () => {
    const known = truths(beside);
    const process = startCampaign([beside.file, '--dir', beside.directory, '--no-report', '--no-tables', '--wait']);
    await eventsInLog(process, beside.directory, TOPICS.calculations.name, 4);
    const asked = (await call('ask', beside, '--json')).stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const file = join(dirname(beside.file), 'more.jsonl');
    const tell = async (...rows: object[]) => {
      writeFileSync(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
      const { stdout, stderr } = await call('tell', beside, file, '--json');
      return stdout === ''
        ? stderr
        : stdout
            .trim()
            .split('\n')
            .map((line) => JSON.parse(line).outcome);
    };
    const [first, ...others] = asked.map(({ material_id }) => known.get(material_id)!);
    const plain = ({ material_id, g_vrh, k_vrh }: Row) => ({ material_id, g_vrh, k_vrh });
    const selected = new Set(asked.map(({ material_id }) => material_id));
    const unasked = [...known.values()].filter(({ material_id }) => !selected.has(material_id)).slice(0, 3);
    expect(await tell({ ...plain(first!), g_vrh: 1, k_vrh: 2 })).toEqual(['answered']);
    expect(await tell(plain(first!), ...unasked.map(plain))).toEqual(['corrected', 'added', 'added', 'added']);
    const cell = {
      lattice: [
        [3, 0, 0],
        [0, 3, 0],
        [0, 0, 3],
      ],
      species: ['Cu'],
      frac_coords: [[0, 0, 0]],
    };
    expect(await tell({ material_id: 'mine', g_vrh: 40, k_vrh: 120, ...cell }, plain(first!))).toEqual([
      'added',
      'known',
    ]);
    expect(await tell({ material_id: 'Mine', g_vrh: 40, k_vrh: 120 })).toEqual(['refused']);
    expect(await tell(...others.map(plain))).toEqual(['answered', 'answered', 'answered']);
    const { code, stderr } = await process.ended;
    expect([code, stderr]).toEqual([
      0,
      expect.stringContaining('tiny is over (rounds): 4 labels acquired in 2 rounds'),
    ]);
    const labels = await call('export', beside, '--what', 'labels', '--format', 'jsonl');
    const corrected = labels.stdout.split('\n').find((line) => line.includes(`"${first!.material_id}"`));
    expect(JSON.parse(corrected!)).toMatchObject({ g_vrh: first!.g_vrh, k_vrh: first!.k_vrh });
  });

  it('closes a round early where that is enough, and takes what comes later', async () => {
    const known = truths(early);
    const next = join(dirname(early.file), 'next');
    const table = join(next, 'results.csv');
    const answer = (id: string) => `${known.get(id)!.g_vrh},${known.get(id)!.k_vrh},`;
    const run = () => early.run(['--no-tables', '--no-report']);
    const answerTwo = async () => {
      expect((await call('ask', early, '-o', next)).code).toBe(0);
      fillIn(table, (id, i) => (i < 2 ? answer(id) : ',,'));
      expect((await call('tell', early, table)).stderr).toContain('2 answered, 2 empty, left open');
    };
    expect((await run()).stderr).toContain('in round 1 for 4 results');
    await answerTwo();
    expect((await run()).stderr).toContain('in round 2 for 4 results');
    fillIn(table, answer);
    expect((await call('tell', early, table)).stderr).toContain('2 known already, 2 answered');
    await answerTwo();
    expect((await run()).code).toBe(0);
    const { stdout } = await call('export', early, '--what', 'rounds', '--format', 'jsonl');
    const rounds = stdout.trim().split('\n');
    const labels = rounds.map((line) => JSON.parse(line).labels);
    expect(labels[1] - labels[0]).toBe(2);
    // The round closes with the second of its own; of the two late ones, which were told before, one may be on its way.
    expect(labels[2] - labels[0]).toBeGreaterThanOrEqual(4);
    const { stdout: selections } = await call('export', early, '--what', 'selections', '--format', 'jsonl');
    const calculated = selections
      .trim()
      .split('\n')
      .filter((line) => JSON.parse(line).calculated_g_vrh !== null);
    expect(calculated).toHaveLength(6);
  });

  it('is another than one that calculates by itself', async () => {
    await replayed.run();
    for (const args of [['ask'], ['tell', 'any.csv']] as const) {
      const [command, ...rest] = args;
      expect(await call(command, replayed, ...rest)).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('campaign tiny calculates by itself (calculator.kind: replay) and asks nobody'),
      });
    }
  });
});
