import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync, gzipSync } from 'node:zlib';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliResult, cliMain, runCli } from '../support/cli.ts';
import { startNode } from '../support/node-process.ts';

const PAIRS = ['NaCl', 'KBr', 'LiF', 'MgO', 'CaS', 'SrSe', 'AgI', 'ZnTe', 'CuAu', 'NiAl'].map(
  (formula) => formula.match(/[A-Z][a-z]?/g)!,
);

/** Rock salt in its primitive cell, each a little larger than the one before. */
function rockSalt(i: number): object {
  const half = 2.5 + (i % 97) / 100;
  return {
    material_id: `rs-${i}`,
    lattice: [
      [0, half, half],
      [half, 0, half],
      [half, half, 0],
    ],
    species: PAIRS[i % PAIRS.length],
    frac_coords: [
      [0, 0, 0],
      [0.5, 0.5, 0.5],
    ],
    space_group: 225,
    ...(i % 2 && { band_gap: i / 7 }),
  };
}

function overlapping(i: number): object {
  return {
    ...rockSalt(i),
    material_id: `overlap-${i}`,
    frac_coords: [
      [0, 0, 0],
      [0, 0, 1],
    ],
  };
}

/** Good rows with a broken one of each kind among them: `overlap-60`, an unknown element, no JSON, an id met before. */
function lines(count: number): string {
  const rows = Array.from({ length: count }, (_, i) => {
    if (i === 60) return JSON.stringify(overlapping(i));
    if (i === 70) return JSON.stringify({ ...rockSalt(i), species: ['Na', 'Qq'] });
    if (i === 80) return '{"material_id":';
    if (i === 400) return JSON.stringify(rockSalt(3));
    return JSON.stringify(rockSalt(i));
  });
  return `${rows.join('\n')}\n`;
}

interface OutputRow {
  material_id: string;
  features: (number | null)[];
}

interface OutputTable {
  header: { schema: string; labels: string[]; units: string[] };
  rows: OutputRow[];
}

function parseOutput(text: string): OutputTable {
  const [header, ...rows] = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
  return { header: header as OutputTable['header'], rows: rows as OutputRow[] };
}

describe('elastream featurize', () => {
  let folder: string;
  const at = (name: string) => join(folder, name);
  const read = (name: string) => readFileSync(at(name));

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'elastream-featurize-'));
    writeFileSync(
      at('good.jsonl'),
      `${Array.from({ length: 50 }, (_, i) => JSON.stringify(rockSalt(i))).join('\n')}\n`,
    );
    writeFileSync(at('mixed.jsonl'), lines(1000));
    writeFileSync(at('mixed.jsonl.gz'), gzipSync(lines(1000)));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('writes a header, then one row per structure in input order', async () => {
    const { code, stdout, stderr } = await runCli(['featurize', at('good.jsonl')]);
    expect(code).toBe(0);
    const { header, rows } = parseOutput(stdout);
    expect(header.labels).toHaveLength(281);
    expect(header.units).toHaveLength(281);
    expect(rows.map((row) => row.material_id)).toEqual(Array.from({ length: 50 }, (_, i) => `rs-${i}`));
    for (const row of rows) expect(row.features).toHaveLength(281);
    expect(stderr).toMatch(/^50 structures: 50 featurized, 0 rejected in [\d.]+ s \([\d,]+\/s\)\n$/);
  });

  it('gives the same bytes with one, two and three workers, compressed or not', async () => {
    for (const workers of ['1', '2', '3']) {
      const args = ['featurize', at('mixed.jsonl.gz'), '--workers', workers];
      const plain = await runCli([...args, '-o', at(`w${workers}.jsonl`), '--rejected', at(`w${workers}.rejected`)]);
      expect(plain.code).toBe(0);
      await runCli([...args, '-o', at(`w${workers}.jsonl.gz`)]);
      await runCli([...args, '-o', at(`w${workers}.parquet`)]);
      for (const name of ['jsonl', 'rejected', 'jsonl.gz', 'parquet']) {
        expect(read(`w${workers}.${name}`).equals(read(`w1.${name}`)), `${name}, ${workers} workers`).toBe(true);
      }
    }
    expect(gunzipSync(read('w1.jsonl.gz')).equals(read('w1.jsonl'))).toBe(true);
  });

  it('counts and lists rejections, and fails for them only with --strict', async () => {
    const args = ['featurize', at('mixed.jsonl'), '-o', at('r.jsonl'), '--rejected', at('rejected.jsonl')];
    const lenient = await runCli(args);
    expect(lenient.code).toBe(0);
    expect(lenient.stderr).toContain(
      '1,000 structures: 996 featurized, 4 rejected (bad_syntax 1, duplicate_id 1, overlapping_sites 1, unknown_element 1)',
    );
    expect(lenient.stderr).toContain(`\n  overlapping_sites 1, in ${at('mixed.jsonl')}, line 61, overlap-60: `);
    const rejected = read('rejected.jsonl')
      .toString()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(rejected).toMatchObject([
      { code: 'overlapping_sites', source: at('mixed.jsonl'), locator: 'line 61', material_id: 'overlap-60' },
      { code: 'unknown_element', locator: 'line 71', material_id: 'rs-70' },
      { code: 'bad_syntax', locator: 'line 81', material_id: null },
      { code: 'duplicate_id', locator: 'line 401', material_id: 'rs-3' },
    ]);
    for (const line of rejected)
      expect(Object.keys(line)).toEqual(['code', 'message', 'source', 'locator', 'material_id']);
    const strict = await runCli([...args, '--strict']);
    expect(strict.code).toBe(2);
    expect(strict.stderr).toContain('--strict');
    expect(parseOutput(read('r.jsonl').toString()).rows).toHaveLength(996);
  });

  it('writes CSV and Parquet with the same numbers', async () => {
    const input = at('good.jsonl');
    for (const name of ['f.jsonl', 'f.csv', 'f.csv.gz', 'f.parquet']) {
      expect((await runCli(['featurize', input, '-o', at(name), '--features', 'all'])).code).toBe(0);
    }
    const { header, rows } = parseOutput(read('f.jsonl').toString());
    const csv = read('f.csv').toString();
    expect(gunzipSync(read('f.csv.gz')).toString()).toBe(csv);
    const [first, ...body] = csv.trimEnd().split('\n');
    expect(first!.startsWith('material_id,')).toBe(true);
    expect(body.map((line) => line.split(','))).toEqual(
      rows.map((row) => [row.material_id, ...row.features.map((x) => (x === null ? '' : String(x)))]),
    );
    const file = await asyncBufferFromFile(at('f.parquet'));
    const table = await parquetReadObjects({ file });
    expect(table).toEqual(
      rows.map((row) => ({
        material_id: row.material_id,
        ...Object.fromEntries(header.labels.map((label, i) => [label, row.features[i]])),
      })),
    );
    const metadata = await parquetMetadataAsync(file);
    expect(metadata.key_value_metadata?.find(({ key }) => key === 'schema')?.value).toBe(header.schema);
  });

  it('selects feature sets, each a part of all', async () => {
    const all = parseOutput((await runCli(['featurize', at('good.jsonl'), '--features', 'all'])).stdout);
    for (const [set, count] of Object.entries({ 'c+s': 273, c: 145, s: 128, paper: 279 })) {
      const { header, rows } = parseOutput((await runCli(['featurize', at('good.jsonl'), '--features', set])).stdout);
      expect(header.labels).toHaveLength(count);
      const columns = header.labels.map((label) => all.header.labels.indexOf(label));
      expect(rows.map((row) => row.features)).toEqual(all.rows.map((row) => columns.map((i) => row.features[i])));
    }
  });

  it('reads standard input and folders', async () => {
    const piped = await runCli(['featurize', '-'], { stdin: read('good.jsonl') });
    const direct = await runCli(['featurize', at('good.jsonl')]);
    expect(piped.stdout).toBe(direct.stdout);
    mkdirSync(at('tree'));
    writeFileSync(at('tree/a.jsonl'), JSON.stringify(rockSalt(1)));
    writeFileSync(at('tree/b.jsonl'), JSON.stringify(rockSalt(2)));
    writeFileSync(at('tree/notes.odt'), 'x');
    const { stdout, stderr } = await runCli(['featurize', at('tree')]);
    expect(parseOutput(stdout).rows.map((row) => row.material_id)).toEqual(['rs-1', 'rs-2']);
    expect(stderr).toContain(`skipped 1 file of no known format (${at('tree/notes.odt')})`);
  });

  it('exits with 2 and writes nothing where nothing could be read', async () => {
    writeFileSync(at('empty.jsonl'), '');
    writeFileSync(at('broken.jsonl'), 'no JSON\n');
    mkdirSync(at('void'));
    for (const input of ['empty.jsonl', 'broken.jsonl', 'void', 'missing.jsonl']) {
      const { code, stderr } = await runCli(['featurize', at(input), '-o', at('none.jsonl')]);
      expect(code, input).toBe(2);
      expect(stderr, input).toMatch(/^elastream: |\nelastream: /);
      expect(stderr, input).not.toContain('internal');
    }
    expect((await runCli(['featurize', '-'])).code).toBe(2);
    for (const name of ['none.jsonl', 'none.jsonl.partial', 'none.jsonl.partial.checkpoint']) {
      expect(existsSync(at(name)), name).toBe(false);
    }
  });

  it.each([
    [['--workers', '0'], 'whole number from 1'],
    [['--features', 'x'], 'Allowed choices are all, c+s, c, s, paper'],
    [['--resume'], '--resume needs an output file'],
    [['-o', 'x.parquet', '--resume'], '--resume needs an output file'],
    [['-o', 'x.parquet.gz'], 'drop .gz'],
    [['-o', 'x.txt'], 'x.txt: the extension .txt names no format: use .jsonl, .ndjson, .csv, .parquet'],
    [['-o', 'x.json.gz'], 'the extension .json names no format'],
    [['-o', 'x.jsonl', '--rejected', 'x.jsonl'], 'a file of its own'],
  ])('refuses %j', async (args, message) => {
    const { code, stderr } = await runCli(['featurize', at('good.jsonl'), ...args], { cwd: folder });
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });

  it('leaves an input alone that is also the output', async () => {
    writeFileSync(at('both.jsonl'), JSON.stringify(rockSalt(1)));
    const { code, stderr } = await runCli(['featurize', 'both.jsonl', '-o', at('both.jsonl')], { cwd: folder });
    expect(code).toBe(2);
    expect(stderr).toContain('both input and output');
    expect(read('both.jsonl').toString()).toBe(JSON.stringify(rockSalt(1)));
  });

  it('says why an output cannot be written', async () => {
    const { code, stderr } = await runCli(['featurize', at('good.jsonl'), '-o', at('no/such/folder.jsonl')]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^elastream: cannot write .*no such file/);
  });

  it('fails where the disk is full', async () => {
    const { code, stderr } = await runCli(['featurize', at('good.jsonl'), '-o', '/dev/full']);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^elastream: cannot write \/dev\/full: ENOSPC/)]);
  });

  it.each(['1', '2'])('ends quietly where a pipe closes early (%s workers)', async (workers) => {
    const command = `set -o pipefail; "$0" "$1" featurize "$2" --workers ${workers} | head -n 2`;
    const { stdout, stderr } = await promisify(execFile)(
      'bash',
      ['-c', command, process.execPath, cliMain(), at('mixed.jsonl')],
      { maxBuffer: 1e8 },
    );
    expect(parseOutput(stdout).rows).toHaveLength(1);
    expect(stderr).toBe('');
  });

  describe('interrupted', () => {
    const input = lines(3000);

    /** Featurizes the first part of the input from a pipe that stays open, and sends a signal once rows are written. */
    async function interrupt(name: string, workers: string, signal: NodeJS.Signals): Promise<InterruptedRun> {
      const args = ['featurize', '-', '-o', at(name), '--rejected', at(`${name}.rej`), '--workers', workers];
      const { process: child, ended } = startNode([cliMain(), ...args], { stdin: 'open' });
      child.stdin!.write(input.slice(0, (input.length * 2) / 3));
      while (!existsSync(at(`${name}.partial.checkpoint`)) && child.exitCode === null) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      child.kill(signal);
      return { args, ...(await ended) };
    }

    beforeAll(async () => {
      await runCli(['featurize', '-', '-o', at('whole.jsonl'), '--rejected', at('whole.rej')], { stdin: input });
      await runCli(['featurize', '-', '-o', at('whole.csv')], { stdin: input });
    });

    it.each([
      ['1', 'SIGINT'],
      ['2', 'SIGINT'],
      ['2', 'SIGTERM'],
    ] as const)('keeps whole rows, and --resume completes them (%s workers, %s)', async (workers, signal) => {
      const name = `i${workers}${signal}.jsonl`;
      const { args, code, stderr } = await interrupt(name, workers, signal);
      expect(code).toBe(130);
      expect(stderr).toMatch(/^elastream: interrupted after [\d,]+ structures: .* rows are in .*\.partial; .*--resume/);
      expect(existsSync(at(name))).toBe(false);
      const { rows } = parseOutput(read(`${name}.partial`).toString());
      expect(stderr).toContain(`${rows.length.toLocaleString('en-US')} rows are in`);
      const resumed = await runCli([...args, '--resume'], { stdin: input });
      expect(resumed.stderr).toContain('3,000 structures: 2,996 featurized, 4 rejected');
      expect(resumed.code).toBe(0);
      expect(read(name).equals(read('whole.jsonl'))).toBe(true);
      expect(read(`${name}.rej`).equals(read('whole.rej'))).toBe(true);
      for (const rest of ['.partial', '.partial.checkpoint', '.rej.partial']) {
        expect(existsSync(at(`${name}${rest}`)), rest).toBe(false);
      }
    });

    it('--resume completes what kill -9 left, compressed or not', async () => {
      for (const name of ['k.jsonl', 'k.jsonl.gz']) {
        const { args } = await interrupt(name, '1', 'SIGKILL');
        // As if the crash had come in the middle of a write.
        writeFileSync(at(`${name}.partial`), Buffer.concat([read(`${name}.partial`), Buffer.from('{"material_')]));
        expect((await runCli([...args, '--resume'], { stdin: input })).code).toBe(0);
        const bytes = name.endsWith('.gz') ? gunzipSync(read(name)) : read(name);
        expect(bytes.equals(read('whole.jsonl')), name).toBe(true);
      }
    });

    it('refuses to resume with other settings or other inputs, and keeps the partial file', async () => {
      const { args } = await interrupt('other.jsonl', '1', 'SIGINT');
      const before = read('other.jsonl.partial');
      const set = await runCli([...args, '--resume', '--features', 'c'], { stdin: input });
      expect([set.code, set.stderr]).toEqual([2, expect.stringContaining('cannot resume')]);
      const changed = await runCli([...args, '--resume'], { stdin: input.replace('"rs-5"', '"rs-five"') });
      expect([changed.code, changed.stderr]).toEqual([
        2,
        expect.stringContaining('are not those of the interrupted run'),
      ]);
      const shorter = await runCli([...args, '--resume'], { stdin: input.slice(0, 5000) });
      expect([shorter.code, shorter.stderr]).toEqual([2, expect.stringContaining('are not those of')]);
      expect(read('other.jsonl.partial').equals(before)).toBe(true);
      expect((await runCli([...args, '--resume'], { stdin: input })).code).toBe(0);
      expect(read('other.jsonl').equals(read('whole.jsonl'))).toBe(true);
    });

    it('starts anew where there is nothing to resume', async () => {
      const { code } = await runCli(['featurize', '-', '-o', at('fresh.csv'), '--resume'], { stdin: input });
      expect(code).toBe(0);
      expect(read('fresh.csv').equals(read('whole.csv'))).toBe(true);
    });
  });
});

interface InterruptedRun extends CliResult {
  readonly args: readonly string[];
}
