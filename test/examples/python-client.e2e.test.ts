import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, it } from 'vitest';
import { exampleLines } from '../support/campaign-files.ts';
import { cliMain, runCli } from '../support/cli.ts';
import { eventually } from '../support/eventually.ts';
import { MISSING_LIBRARY } from '../support/lightgbm.ts';
import { describeUnless } from '../support/needs.ts';
import { startNode } from '../support/node-process.ts';
import { MISSING_PYTHON, pythonPackages } from '../support/python-packages.ts';
import { tinyCampaign } from '../support/tiny-campaign.ts';

const CLIENT = resolve(import.meta.dirname, '../../examples/python');
const CHECK = join(import.meta.dirname, 'client_check.py');
const ASK_TELL = join(import.meta.dirname, 'ask_tell_check.py');

describeUnless(MISSING_LIBRARY ?? MISSING_PYTHON, 'the client in Python', () => {
  const campaign = tinyCampaign();
  const { directory } = campaign;
  const data = `${campaign.file}.jsonl`;
  afterAll(() => campaign.remove());

  it('submits a DataFrame, predicts as elastream predict does, and watches', async () => {
    writeFileSync(data, exampleLines().slice(300, 310).join('\n'));
    expect(await campaign.run()).toMatchObject({ code: 0 });
    const predicted = await runCli(['predict', '--dir', directory, data, '-o', '-', '--format', 'jsonl']);
    const server = startNode([cliMain(), 'serve', '--dir', directory, '--listen', '127.0.0.1:0', '--no-tables']);
    try {
      const address = () => /at grpc:\/\/(\S+);/.exec(server.stderr())?.[1];
      await eventually(() => address() !== undefined, 60_000);
      const env = { ...process.env, PYTHONPATH: pythonPackages };
      const { stdout } = await promisify(execFile)('python3', [CHECK, address()!, CLIENT, data], { env });
      const said = JSON.parse(stdout);
      const refusal = { '1': expect.stringContaining('is 1000000 GPa; at most 10000 GPa are believable') };
      // What is there already stays once, and what was refused is refused again.
      expect(said.refused).toEqual([refusal, refusal]);
      expect(said.progress).toEqual([[3, 'rounds']]);
      const lines = predicted.stdout.trimEnd().split('\n');
      const rows = lines.map((line) => JSON.parse(line)).filter((row) => row.material_id !== undefined);
      expect(rows.map((row) => row.material_id)).toEqual(said.ids);
      expect(rows.map((row) => row.g_vrh.mean)).toEqual(said.prediction.g_vrh);
      expect(rows.map((row) => row.g_vrh.stdev)).toEqual(said.prediction.g_vrh_stdev);
    } finally {
      server.process.kill('SIGINT');
    }
    expect(await server.ended).toMatchObject({ code: 0 });
  });

  it('answers what a campaign asks for, by itself, until it is over', async () => {
    const manual = tinyCampaign({ rounds: 2, batch: 4, edit: (yaml) => yaml.replace('kind: replay', 'kind: manual') });
    const answers = join(dirname(manual.file), 'data.jsonl');
    const serving = ['serve', '--dir', manual.directory, '--listen', '127.0.0.1:0', '--no-tables'];
    const server = startNode([cliMain(), ...serving]);
    try {
      const address = () => /at grpc:\/\/(\S+);/.exec(server.stderr())?.[1];
      await eventually(() => address() !== undefined, 60_000);
      const place = ['--cluster', `grpc://${address()}`];
      const run = await manual.run(['--no-report', ...place]);
      expect([run.code, run.stderr]).toEqual([0, expect.stringContaining('tiny waits in round 1 for 4 results')]);
      expect((await runCli(['ask', ...place, '--json'])).stdout.trim().split('\n')).toHaveLength(4);
      const env = { ...process.env, PYTHONPATH: pythonPackages };
      const { stdout } = await promisify(execFile)('python3', [ASK_TELL, address()!, CLIENT, answers], { env });
      const { outcomes, stopped } = JSON.parse(stdout);
      expect(stopped).toBe('rounds');
      expect(outcomes[0]).toEqual({
        same: true,
        told: [
          ['failed', ...answered(3)],
          ['known', ...known(3)],
        ],
      });
      expect(
        outcomes.flatMap(({ told }: { told: string[][] }) => told[0]).filter((one: string) => one === 'answered'),
      ).toHaveLength(8);
      const labels = await runCli(['export', ...place, '--what', 'labels']);
      expect(labels.stdout.match(/,dft,VASP 6.4,,/g)).toHaveLength(8);
    } finally {
      server.process.kill('SIGINT');
      await server.ended;
      await manual.remove();
    }
  });
});

const answered = (count: number) => Array(count).fill('answered');
const known = (count: number) => Array(count).fill('known');
