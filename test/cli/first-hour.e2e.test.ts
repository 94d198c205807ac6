import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { scratchDirectory } from '../../deploy/local/scratch.ts';
import { runNode } from '../support/cli.ts';
import { eventually } from '../support/eventually.ts';
import {
  exampleCrystals,
  type WriteData,
  writeAnswers,
  writeAse,
  writeCsv,
  writeParquet,
  writeProjectDump,
} from '../support/first-hour-data.ts';
import { itUnless } from '../support/needs.ts';
import { startNode } from '../support/node-process.ts';
import { MISSING_PYTHON, pythonPackages } from '../support/python-packages.ts';
import type { ExampleRow } from '../support/structure-files.ts';
import { describeWithLightGbm } from '../support/tiny-campaign.ts';
import { MAIN, unpackedPackage } from '../support/without-chdb.ts';

const CRYSTALS = exampleCrystals(300);
const BY_ID = new Map(CRYSTALS.map((row) => [row.material_id, row]));
const SOME = CRYSTALS.slice(0, 80);
/** Of each four materials one waits for its calculation. */
const isLabelled = (i: number) => i % 4 !== 3;
const always = () => true;

describeWithLightGbm("a stranger's first hour, from the packed tarball in a fresh folder", () => {
  const scratch = scratchDirectory();
  let packed = '';
  beforeAll(() => {
    packed = unpackedPackage(scratch.path);
  });
  afterAll(() => scratch.remove());

  const folder = (name: string) => {
    const path = join(scratch.path, name);
    mkdirSync(path);
    return path;
  };
  // Not synchronously: the test runner waits for signs of life.
  const elastream = async (cwd: string, command: string) => {
    const { code, ...said } = await runNode([join(packed, MAIN), ...command.split(' ')], { cwd });
    expect(code, `elastream ${command}: ${said.stderr}`).toBe(0);
    return said;
  };
  const asked = (cwd: string) =>
    readFileSync(join(cwd, 'next', 'results.csv'), 'utf8')
      .trim()
      .split(/\r?\n/)
      .slice(1)
      .map((line) => BY_ID.get(line.split(',')[0]!)!);

  it('goes three rounds from 300 CIF files and a table of moduli', async () => {
    const cwd = folder('mine');
    writeCsv(cwd, CRYSTALS, isLabelled);
    expect((await elastream(cwd, 'init --data moduli.csv cifs')).stderr).toContain('wrote campaign.yaml');
    expect((await elastream(cwd, 'run campaign.yaml')).stderr).toContain('mine waits in round 1 for ');
    for (const round of [1, 2, 3]) {
      await elastream(cwd, 'ask --dir mine -o next');
      const rows = asked(cwd);
      fillIn(join(cwd, 'next', 'results.csv'));
      expect((await elastream(cwd, 'tell --dir mine next/results.csv')).stderr).toContain(`${rows.length} answered`);
      const { stderr } = await elastream(cwd, 'run campaign.yaml');
      expect(stderr).toMatch(new RegExp(`round ${round + 1} .*\\(\\+${rows.length * round}\\)`));
    }
    expect((await elastream(cwd, 'status --dir mine')).stdout).toContain('waits for your results');
    const page = readFileSync(join(cwd, 'mine', 'report.html'), 'utf8');
    expect(page).not.toContain('simulated labels');
  });

  it.each<[string, WriteData, (cwd: string, rows: readonly ExampleRow[]) => string]>([
    ['a dump of the Materials Project', writeProjectDump, (cwd, rows) => writeProjectDump(cwd, rows, always)],
    ['a database of ASE', writeAse, (cwd, rows) => writeAse(cwd, rows, always)],
    ['Parquet', writeParquet, (cwd, rows) => writeAnswers(join(cwd, 'answers.parquet'), rows)],
  ])('starts from %s, and is told in the same form', async (name, write, answer) => {
    const cwd = folder(name.split(' ').at(-1)!.toLowerCase());
    const data = basename(write(cwd, SOME, isLabelled));
    const { stderr } = await elastream(cwd, `init --data ${data}`);
    expect(stderr).toContain(`${data}: 80 materials with structures, 60 labels, 20 without a label`);
    expect((await elastream(cwd, 'run campaign.yaml')).stderr).toContain('waits in round 1 for 2 results');
    const place = `--dir ${basename(cwd)}`;
    await elastream(cwd, `ask ${place} -o next`);
    mkdirSync(join(cwd, 'answers'));
    const answers = answer(join(cwd, 'answers'), asked(cwd));
    expect((await elastream(cwd, `tell ${place} ${answers}`)).stderr).toContain('2 answered');
    expect((await elastream(cwd, 'run campaign.yaml')).stderr).toMatch(/round 2 .*\(\+2\)/);
  });

  itUnless(MISSING_PYTHON, 'is answered from Python, with the client that comes along', async () => {
    const cwd = folder('python');
    writeParquet(cwd, SOME, isLabelled);
    writeFileSync(join(cwd, 'known.jsonl'), SOME.map((row) => `${JSON.stringify(row)}\n`).join(''));
    await elastream(cwd, 'init --data data.parquet');
    const server = startNode([join(packed, MAIN), 'serve', '--dir', 'served', '--listen', '127.0.0.1:0'], { cwd });
    try {
      const address = () => /at grpc:\/\/(\S+);/.exec(server.stderr())?.[1];
      await eventually(() => address() !== undefined, 60_000);
      expect((await elastream(cwd, `run campaign.yaml --cluster grpc://${address()}`)).stderr).toContain(
        'waits in round 1',
      );
      const script = `
import sys, pandas as pd
sys.path.insert(0, ${JSON.stringify(join(packed, 'examples', 'python'))})
from elastream_client import Elastream
known = pd.read_json("known.jsonl", lines=True).set_index("material_id")
client = Elastream("${address()}")
asked = client.ask("python")
answers = asked[["material_id"]].join(known[["g_vrh", "k_vrh"]], on="material_id")
print(client.tell("python", answers, {"g_vrh": "GPa", "k_vrh": "GPa"}).outcome.tolist())
print(sorted(client.predict("python", asked).columns))
`;
      const env = { ...process.env, PYTHONPATH: pythonPackages };
      const { stdout } = await promisify(execFile)('python3', ['-c', script], { cwd, env });
      expect(stdout.split('\n').slice(0, 2)).toEqual([
        "['answered', 'answered']",
        "['g_vrh', 'g_vrh_stdev', 'k_vrh', 'k_vrh_stdev']",
      ]);
    } finally {
      server.process.kill('SIGINT');
      await server.ended;
    }
  });
});

/** Types the moduli into a table of questions. */
function fillIn(table: string): void {
  const [header, ...rows] = readFileSync(table, 'utf8').trim().split(/\r?\n/);
  const filled = rows.map((row) => {
    const [id, , , ...others] = row.split(',');
    const { g_vrh: g, k_vrh: k } = BY_ID.get(id!)!;
    return [id, g, k, ...others].join(',');
  });
  writeFileSync(table, `${[header, ...filled].join('\n')}\n`);
}
