import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
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
});
