import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { open } from 'lmdb';
import { afterAll, expect, it } from 'vitest';
import { metaKey } from '../../src/adapters/lmdb/keys.ts';
import { directoryPlaces } from '../../src/cli/campaign/campaign-directory.ts';
import { TOPICS } from '../../src/reading/campaign-log.ts';
import { exampleLines } from '../support/campaign-files.ts';
import { eventsInLog, startCampaign } from '../support/campaign-process.ts';
import { type CliResult, cliMain, runCli } from '../support/cli.ts';
import { readLogContent } from '../support/log-content.ts';
import { comparableEvent } from '../support/run-content.ts';
import { differingEvents } from '../support/simulation/checked-guarantees.ts';
import { describeWithLightGbm, tinyCampaign } from '../support/tiny-campaign.ts';

describeWithLightGbm('the directory of elastream run', () => {
  const campaign = tinyCampaign({ rows: 150, candidates: 50, trees: 5 });
  const folder = dirname(campaign.directory);
  const at = (name: string) => join(folder, name);
  afterAll(() => campaign.remove());

  const args = (directory: string, file = campaign.file) => [
    ...['run', file, '--dir', directory],
    ...['--no-tables', '--no-report', '--quiet'],
  ];
  const run = (directory: string, file?: string): Promise<CliResult> => runCli(args(directory, file));
  /** The one line of an error. */
  const said = (code: number, message: RegExp) => ({
    code,
    stderr: expect.stringMatching(new RegExp(`^elastream: [^\\n]*${message.source}[^\\n]*\\n$`)),
  });

  it('on a disk that becomes full says so, and goes on with room to the same end', async () => {
    const [full, roomy] = [at('full'), at('roomy')];
    const command = [process.execPath, cliMain(), ...args(full)];
    // No file may grow beyond so many KiB: what LMDB meets is what a full disk gives.
    const child = spawn('bash', ['-c', 'ulimit -f 1000; exec "$@"', 'bash', ...command]);
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const [code] = await once(child, 'close');
    // LMDB itself writes to standard error, too.
    expect(stderr).toMatch(/elastream: the disk of .* is full or failing .*: make room and start again\n$/);
    expect(code).toBe(1);
    const before = await readLogContent(full);
    expect(await run(full)).toMatchObject({ code: 0 });
    expect(await run(roomy)).toMatchObject({ code: 0 });
    const after = await readLogContent(full);
    expect(differingEvents(after, await readLogContent(roomy), comparableEvent)).toEqual([]);
    for (const [topic, partitions] of before) {
      for (const [partition, events] of partitions.entries()) {
        expect(after.get(topic)![partition]!.slice(0, events.length)).toEqual(events);
      }
    }
  });

  it('with files of somebody else, or a file in its place, is refused', async () => {
    mkdirSync(at('foreign'));
    writeFileSync(at('foreign/thesis.tex'), 'x');
    expect(await run(at('foreign'))).toMatchObject(
      said(2, /has files in it and is no campaign's directory: name another/),
    );
    expect(await run(at('foreign/thesis.tex'))).toMatchObject(said(2, /is a file, and a campaign needs a directory/));
    expect(await run(at('foreign/thesis.tex/run'))).toMatchObject(
      said(1, /thesis.tex cannot be written \(ENOTDIR: not a directory\): use another directory/),
    );
    mkdirSync(at('damaged/log'), { recursive: true });
    writeFileSync(at('damaged/log/data.mdb'), 'x'.repeat(9000));
    expect(await run(at('damaged'))).toMatchObject(
      said(1, /data.mdb is no event log of elastream, or its beginning is lost: move it away/),
    );
  });

  it('of another version is refused by name', async () => {
    expect(await run(at('later'))).toMatchObject({ code: 0 });
    const store = open<Buffer, Uint8Array>({
      path: directoryPlaces(at('later')).log,
      ...{ noSubdir: false, keyEncoding: 'binary', encoding: 'binary', overlappingSync: false },
    });
    await store.put(metaKey('format'), Buffer.from('event log 2'));
    await store.close();
    expect(await run(at('later'))).toMatchObject(
      said(1, /is "event log 2"; this version reads "event log 1": use the version/),
    );
  });

  it('lets one process write at a time', async () => {
    const slow = at('input/slow.yaml');
    writeFileSync(slow, `${readFileSync(campaign.file, 'utf8')}  delay_seconds: 3600\n`);
    const first = startCampaign([slow, '--dir', at('busy'), '--no-tables', '--no-report']);
    await eventsInLog(first, at('busy'), TOPICS.calculations.name, 1);
    expect(await run(at('busy'))).toMatchObject(
      said(1, new RegExp(`is already written by process ${first.process.pid}: wait for`)),
    );
    first.process.kill('SIGINT');
    expect(await first.ended).toMatchObject({ code: 130 });
  });

  it('keeps to the data and settings of a campaign, and takes another campaign beside it', async () => {
    const [data, edited] = [at('input/data.jsonl'), at('input/edited.yaml')];
    const yaml = readFileSync(campaign.file, 'utf8');
    expect(await run(at('kept'))).toMatchObject({ code: 0 });
    writeFileSync(edited, yaml.replace('batch: 5', 'batch: 6'));
    expect(await run(at('kept'), edited)).toMatchObject(
      said(
        2,
        /campaign tiny was begun here with other settings [(]acquisition.batch is 5 there and 6 in the file[)]: undo the change, rename/,
      ),
    );
    writeFileSync(edited, yaml.replace('name: tiny', 'name: second'));
    expect(await run(at('kept'), edited)).toMatchObject({ code: 0 });
    const jsonl = readFileSync(data, 'utf8');
    writeFileSync(data, jsonl.slice(0, jsonl.lastIndexOf('\n', jsonl.length - 2)));
    expect(await run(at('kept'))).toMatchObject(
      said(
        2,
        /data.jsonl is not what it was when campaign tiny began here: it lacks 1 of its materials: restore it, or use another/,
      ),
    );
    writeFileSync(data, jsonl);
    expect(await run(at('kept'))).toMatchObject({ code: 0 });
  });

  it('goes on with more data in a file, which counts from the next round on and leaves the test set as it was', async () => {
    const data = at('input/data.jsonl');
    const [jsonl, yaml] = [readFileSync(data, 'utf8'), readFileSync(campaign.file, 'utf8')];
    const told = async () => {
      const { stdout } = await runCli(['export', '--dir', at('grown'), '--what', 'rounds', '--format', 'jsonl']);
      return stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
    };
    expect(await run(at('grown'))).toMatchObject({ code: 0 });
    const before = await told();
    const more = exampleLines().slice(200, 230).join('\n');
    // One of those that are known has another value now.
    const corrected = jsonl.replace(/"g_vrh":\s*[\d.]+/, '"g_vrh": 77.125');
    writeFileSync(data, `${more}\n${corrected}`);
    const edited = at('input/longer.yaml');
    writeFileSync(edited, yaml.replace(/rounds: \d+/, 'rounds: 4'));
    const aloud = () => runCli(args(at('grown'), edited).filter((arg) => arg !== '--quiet'));
    const grown = await aloud();
    expect([grown.code, grown.stderr]).toEqual([
      0,
      expect.stringContaining('data.jsonl has grown since tiny began: what is new in it counts from the next round on'),
    ]);
    expect(grown.stderr).toContain('data.jsonl: 30 materials, 30 labels');
    const { material_id: known } = JSON.parse(exampleLines()[0]!);
    expect(grown.stderr).toContain(
      `1 of data.jsonl differ from what tiny began with (${known}): they stay as they were`,
    );
    const after = await told();
    expect(after.slice(0, before.length)).toEqual(before);
    expect(after[before.length].labels - before.at(-1).labels).toBeGreaterThan(20);
    // Once is enough.
    expect((await aloud()).stderr).not.toContain('has grown');
    writeFileSync(data, jsonl);
  });

  it('is not needed to learn that LightGBM is missing', async () => {
    const env = { LIGHTGBM_LIBRARY: '/nonexistent' };
    expect(await runCli(args(at('without')), { env })).toMatchObject(
      said(1, /LIGHTGBM_LIBRARY names \/nonexistent, which cannot be read/),
    );
  });
});
