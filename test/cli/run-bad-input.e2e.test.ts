import { once } from 'node:events';
import { createWriteStream, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createGzip, gzipSync } from 'node:zlib';
import { afterEach, expect, it } from 'vitest';
import { openEventLog } from '../../src/adapters/lmdb/event-log.ts';
import { directoryPlaces } from '../../src/cli/campaign/campaign-directory.ts';
import { TOPICS } from '../../src/reading/campaign-log.ts';
import type { CampaignFilesOptions } from '../support/campaign-files.ts';
import { type CliResult, runCli } from '../support/cli.ts';
import { describeWithLightGbm, type TinyCampaign, tinyCampaign } from '../support/tiny-campaign.ts';

const TINY = { rows: 150, candidates: 50, rounds: 1, trees: 5 };

describeWithLightGbm('elastream run with bad input', () => {
  let campaign: TinyCampaign | undefined;
  afterEach(() => campaign?.remove());

  async function run(options: CampaignFilesOptions): Promise<CliResult> {
    campaign = tinyCampaign({ ...TINY, ...options });
    return campaign.run(['--no-tables', '--no-report']);
  }

  /** With the data in other bytes, or under another name. */
  async function runOn(name: string, content: (jsonl: string) => string | Uint8Array): Promise<CliResult> {
    campaign = tinyCampaign({ ...TINY, edit: (yaml) => yaml.replace('data.jsonl', name) });
    const folder = dirname(campaign.file);
    writeFileSync(join(folder, name), content(readFileSync(join(folder, 'data.jsonl'), 'utf8')));
    return campaign.run(['--no-tables', '--no-report']);
  }

  async function exportedRejections(): Promise<string[]> {
    const { stdout } = await runCli(['export', campaign!.directory, '--what', 'rejections']);
    return stdout.trimEnd().split('\n').slice(1);
  }

  const firstLabel = (value: string) => (jsonl: string) => jsonl.replace(/"g_vrh":[^,]*/, `"g_vrh":${value}`);
  const rowAgain = (change: (row: string) => string) => (jsonl: string) =>
    `${jsonl}${change(jsonl.slice(0, jsonl.indexOf('\n')))}\n`;

  it.for([
    ['NaN', firstLabel('NaN'), /^bad_number,data.jsonl,line 1,mp-10003,"?g_vrh of mp-10003 is ""NaN""; give a number/],
    [
      'a unit error',
      firstLabel('4e7'),
      /^out_of_range,.*is 40000000 GPa; at most 10000 GPa are believable; is the unit GPa\?/,
    ],
    [
      'a row twice',
      rowAgain((row) => row),
      /^duplicate_id,.*line 151.*with the very same structure; remove one of the two/,
    ],
    ['two labels for one id', rowAgain(firstLabel('5')), /^conflicting_label,.*g_vrh was 97.14.* GPa and is 5 GPa/],
    ['text in no encoding', (jsonl: string) => jsonl, /^bad_encoding,.*line 151.*not UTF-8; convert it/],
    ['a line cut off', rowAgain((row) => row.slice(0, 99)), /^bad_syntax,.*line 151/],
  ] as const)('refuses %s by name, and goes on', async ([what, editData, rejection]) => {
    const { code, stderr } =
      what === 'text in no encoding'
        ? await runOn('data.jsonl', (jsonl) => Buffer.concat([Buffer.from(jsonl), Buffer.from('caf\xe9\n', 'latin1')]))
        : await run({ editData });
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(
      /data.jsonl: 150 materials, 1\d\d labels, 1 rejected\n1 rejected \(\w+ 1\); see them with elastream rejections/,
    );
    expect(await exportedRejections()).toEqual([expect.stringMatching(rejection)]);
  });

  it('refuses what is no physics, keeps what is doubtful, and lists both with reasons', async () => {
    const unstable = Array.from({ length: 6 }, (_, i) =>
      Array.from({ length: 6 }, (__, j) => (i === j ? 9 - 2 * i : 0)),
    );
    const { code, stderr } = await run({
      editData: (jsonl) => {
        const rows = jsonl
          .trimEnd()
          .split('\n')
          .map((row) => JSON.parse(row) as Record<string, unknown>);
        Object.assign(rows[0]!, { elastic_tensor: unstable });
        Object.assign(rows[1]!, { formula: 'NaCl2' });
        Object.assign(rows[2]!, { relaxed_ion: false });
        return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
      },
    });
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/data.jsonl: 150 materials, 148 labels, 2 rejected/);
    const listed = await runCli(['rejections', '--dir', campaign!.directory]);
    expect(listed.stdout).toMatch(
      /^2 refused\n\n1 composition_mismatch: structure and label are not of one material; /,
    );
    expect(listed.stdout).toContain('\n1 unstable_tensor: the tensor is not positive definite (Born)');
    expect(listed.stdout).toMatch(/\n {2}data.jsonl: line 1 \(mp-\d+\): the tensor of mp-\d+ is mechanically unstable/);
    expect(listed.stdout).toMatch(/\n1 kept in doubt\n\n1 clamped_ions: /);
    const json = await runCli(['rejections', '--dir', campaign!.directory, '--json', '--code', 'unstable_tensor']);
    expect(JSON.parse(json.stdout)).toMatchObject({ code: 'unstable_tensor', kept: false, count: 1 });
  });

  it('asks back on moduli in another unit, and takes them when it is said', async () => {
    const inKbar = (jsonl: string) =>
      jsonl
        .replace(/"elastic_tensor":\[\[.*?\]\],?/g, '')
        .replace(/"(g_vrh|k_vrh)":([-\d.e]+)/g, (_, name: string, value: string) => `"${name}":${10 * Number(value)}`);
    const asked = await run({ editData: inKbar });
    expect(asked.code).toBe(2);
    expect(asked.stderr).toContain('as kbar the median shear modulus G is');
    expect(asked.stderr).toContain('say which it is: unit: kbar to have them converted, unit: GPa to take them');
    campaign!.remove();
    const edit = (yaml: string) => yaml.replace('path: data.jsonl', 'path: data.jsonl\n    unit: kbar');
    const { code, stderr } = await run({ editData: inKbar, edit });
    expect(code, stderr).toBe(0);
  });

  it('keeps what stands before the end of a cut file, and says so', async () => {
    const { code, stderr } = await runOn('data.jsonl.gz', (jsonl) => {
      const whole = gzipSync(`${jsonl}${jsonl.replaceAll('"mp-', '"other-')}`);
      return whole.subarray(0, whole.length - 500);
    });
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/1 rejected \(truncated 1\)/);
    expect(await exportedRejections()).toEqual([
      expect.stringMatching(/^truncated,.*ends early; what stood before is kept/),
    ]);
  });

  it('reads past a line of 300 MB', async () => {
    campaign = tinyCampaign({ ...TINY, edit: (yaml) => yaml.replace('data.jsonl', 'data.jsonl.gz') });
    const folder = dirname(campaign.file);
    const gzip = createGzip({ level: 1 });
    const written = once(gzip.pipe(createWriteStream(join(folder, 'data.jsonl.gz'))), 'close');
    gzip.write('{"material_id":"');
    const megabyte = Buffer.alloc(2 ** 20, '0');
    for (let i = 0; i < 300; i++) if (!gzip.write(megabyte)) await once(gzip, 'drain');
    gzip.end(`"}\n${readFileSync(join(folder, 'data.jsonl'), 'utf8')}`);
    await written;
    const env = { NODE_OPTIONS: '--max-old-space-size=200' };
    const { code, stderr } = await campaign.run(['--no-tables', '--no-report'], { env });
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/150 materials, 150 labels, 1 rejected\n1 rejected \(too_large 1\)/);
  });

  it('reads a folder, and names what it passes over', async () => {
    campaign = tinyCampaign({ ...TINY, edit: (yaml) => yaml.replace('data.jsonl', 'data') });
    const folder = dirname(campaign.file);
    const lines = readFileSync(join(folder, 'data.jsonl'), 'utf8').split('\n');
    mkdirSync(join(folder, 'data'));
    writeFileSync(join(folder, 'data', 'a.jsonl'), lines.slice(0, 70).join('\n'));
    writeFileSync(join(folder, 'data', 'b.jsonl'), lines.slice(70).join('\n'));
    writeFileSync(join(folder, 'data', 'notes.txt'), 'of no interest');
    const { code, stderr } = await campaign.run(['--no-tables', '--no-report']);
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(
      /^data: 150 materials, 150 labels\ndata: passed over, being of no known kind: .*data\/notes.txt$/m,
    );
  });

  it('counts the labels that the filters leave out', async () => {
    // Without its tensor, which says otherwise.
    const withoutTensor = (jsonl: string) => jsonl.replace(/,\s*"elastic_tensor":\s*\[\[.*?\]\]/, '');
    const { code, stderr } = await run({ editData: (jsonl) => withoutTensor(firstLabel('-40')(jsonl)) });
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/^labels left out by data_filters: negative_modulus 1, radioactive_element 2$/m);
  });

  it.for([
    ['an empty file', '', /data.jsonl holds no material that can be used: the input is empty/],
    ['UTF-16', undefined, /data.jsonl holds no material that can be used: the text is UTF-16; save it as UTF-8/],
    [
      'no line of use',
      'a\nb\n',
      /no material that can be used: 2 rejected \(bad_syntax 2\); one of them, at line \d: not valid JSON/,
    ],
  ] as const)('ends at %s with what is wrong', async ([, content, message]) => {
    const { code, stderr } = await runOn('data.jsonl', (jsonl) => content ?? Buffer.from(`\ufeff${jsonl}`, 'utf16le'));
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(message);
    expect(code).toBe(2);
  });

  const withoutLabels = (keys: RegExp) => (jsonl: string) => jsonl.replace(keys, '');
  const setting = (key: string, value: string) => (yaml: string) =>
    yaml.replace(new RegExp(`${key}: .*`), `${key}: ${value}`);

  it.for([
    [
      'no label',
      { editData: withoutLabels(/"(g_vrh|k_vrh)":[^,]*,/g) },
      /no material of data has a label .*: give g_vrh or k_vrh in GPa/,
    ],
    [
      'no label of one target',
      { editData: withoutLabels(/"k_vrh":[^,]*,/g) },
      /none of the \d+ labels to train on knows k_vrh: take it out/,
    ],
    [
      'everything hidden',
      { candidates: 5000 },
      /no label is left to train on: of \d+, \d+ are .*: lower candidates.count/,
    ],
    [
      'too few rows',
      { rows: 40, candidates: 25 },
      /member \d would train g_vrh on \d+ of \d+ labels, and no tree splits fewer than 10/,
    ],
    [
      'no candidate',
      { edit: setting('count', '50\n  element: Og') },
      /there is no candidate to choose: .* none is left that holds Og/,
    ],
    [
      'no test set',
      { edit: setting('test_fraction', '0.00001') },
      /none of \d+ labels is in the test set.*: raise sampling.test_fraction/,
    ],
    [
      'nothing but a test set',
      { edit: setting('test_fraction', '0.9999999') },
      /all of \d+ labels are in the test set: lower/,
    ],
  ] as const)('does not begin with %s, and says what to change', async ([, options, message]) => {
    const { code, stderr } = await run(options);
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(/^elastream: campaign tiny cannot begin: /);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
    // What has been ingested is not read again, and no campaign is there that would differ from a corrected file.
    expect(await campaign!.run()).toMatchObject({ code: 2, stderr: expect.stringMatching(message) });
  });

  it('begins in the same directory once the campaign file is corrected', async () => {
    await run({ candidates: 5000 });
    const corrected = readFileSync(campaign!.file, 'utf8').replace('count: 5000', 'count: 50');
    writeFileSync(campaign!.file, corrected);
    const { code, stderr } = await campaign!.run();
    expect(code, stderr).toBe(0);
  });

  it('passes over messages in the log that nobody understands, and notes them', async () => {
    campaign = tinyCampaign(TINY);
    const log = openEventLog({ directory: directoryPlaces(campaign.directory).log });
    const { materials, labels, results, calculations, training } = TOPICS;
    const poisoned = [materials, labels, results, calculations, training];
    await log.declare(Object.values(TOPICS));
    for (const { name: topic } of poisoned) {
      const envelope = { key: Buffer.from('x'), source: '/x', time: new Date().toISOString(), contentType: 'x' };
      const garbage = { ...envelope, id: 'garbage', type: 'elastream.v1.MaterialIngested', value: Buffer.alloc(50, 7) };
      const foreign = { ...envelope, id: 'foreign', type: 'com.example.Other', value: Buffer.from('x') };
      await log.append({ topic, partition: 3 }, [garbage, foreign]);
    }
    await log.close();
    const { code, stderr } = await campaign.run(['--no-tables', '--no-report']);
    expect(code, stderr).toBe(0);
    const noted = await exportedRejections();
    for (const { name } of poisoned)
      expect(noted.filter((line) => line.startsWith(`bad_message,${name},`))).toHaveLength(2);
  });
});
