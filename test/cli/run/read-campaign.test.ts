import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { scratchDirectory } from '../../../deploy/local/scratch.ts';
import { readCampaign, resolveDataPath } from '../../../src/cli/run/read-campaign.ts';

const folder = scratchDirectory();
afterAll(folder.remove);
const file = join(folder.path, 'campaign.yaml');
writeFileSync(join(folder.path, 'labels.jsonl'), '');

const GOOD = `# A comment
name: one
data:
  - path: labels.jsonl
    label_set: mine
candidates: {from: data, count: 5}
acquisition:
  batch: 5
calculator:
  kind: replay
`;

/** The message of a refusal, the folder's name left out. */
async function refusalOf(content: string | Uint8Array): Promise<string> {
  writeFileSync(file, content);
  const error = await readCampaign(file).catch((thrown: Error) => thrown);
  if (!(error instanceof Error)) throw new Error('it was accepted');
  return error.message.replaceAll(`${folder.path}/`, '');
}

describe('readCampaign', () => {
  it('gives configuration and text, paths as written', async () => {
    writeFileSync(file, GOOD);
    const { config, text } = await readCampaign(file);
    expect(text).toBe(GOOD);
    expect(config.data).toEqual([{ kind: 'file', path: 'labels.jsonl', labelSet: 'mine' }]);
    writeFileSync(file, `\ufeff${GOOD.replaceAll('\n', '\r\n')}`);
    expect((await readCampaign(file)).config).toEqual(config);
  });

  it.each<[string, string, string]>([
    ['a value', GOOD.replace('batch: 5', 'batch: 0'), ':8:3: acquisition.batch: is 0, must be at least 1'],
    ['a misspelt key', `${GOOD}  memebrs: 3\n`, ':11:3: calculator.memebrs: no such key here: correct its spelling'],
    [
      'a misspelt key with a near one',
      `${GOOD}ensemble:\n  memebrs: 3\n`,
      ':12:3: ensemble.memebrs: no such key here: did you mean members?',
    ],
    [
      'dashes for underscores',
      `${GOOD}data-filters: none\n`,
      ':11:1: data-filters: no such key here: did you mean data_f',
    ],
    ['a key in the wrong table', `${GOOD}batch: 5\n`, ':11:1: batch: no such key here: it belongs in acquisition'],
    [
      'a key of another form',
      `${GOOD}sampling: {model: 2, focus_element: Na}\n`,
      ':11:22: sampling.focus_element: no such key here: it does not go with the keys beside it',
    ],
    [
      'a missing key, at its table',
      GOOD.replace('  batch: 5', '  strategy: random'),
      ':7:1: acquisition.batch: is missing',
    ],
    [
      'a missing table, at the top',
      GOOD.replace(/calculator[\s\S]*/, ''),
      ':2:1: calculator: is missing: give a table',
    ],
    ['an entry of a list', `${GOOD}targets: [g_vrh,\n  c11]\n`, ':12:3: targets[1]: is "c11", must be one of'],
    ['an impossible combination', `${GOOD}stop: {labels: 4}\n`, ':8:3: acquisition.batch: a batch of 5 exceeds the 4'],
    [
      'a missing data file',
      GOOD.replace('labels.jsonl', 'label.jsonl'),
      ':4:5: data[0].path: cannot read label.jsonl: there is no such file: correct the path, which counts from',
    ],
    ['a doubled key', `${GOOD}name: two\n`, ':11:1: name is given twice: keep one of them'],
    ['a tab', GOOD.replace('  batch', '\tbatch'), ':8:1: a tab cannot indent YAML: use spaces'],
    ['a wrong indentation', GOOD.replace('data:', ' data:'), ':2:7: a key cannot begin here: mend the indentation'],
    ['an open bracket', `${GOOD}targets: [g_vrh\n`, ':12:1: not valid YAML: Flow sequence'],
    ['a second document', `${GOOD}---\n${GOOD}`, ':11:1: a second document begins here'],
    ['a tag', `${GOOD}seed: !secret 3\n`, ':11:7: not valid YAML: Unresolved tag: !secret'],
    ['an unknown alias', `${GOOD}seed: *s\n`, ':11:7: no & anchor of this name comes before'],
    ['an alias within itself', `${GOOD}labels: &l [*l]\n`, ':11:13: labels[0]: is a list, must be a table of keys'],
    ['a deep nesting', '['.repeat(1_000_000), ':1:51: over 50 tables and lists in one another'],
    ['no table', '- name\n', ':1:1: the file is a list, must be a table of keys'],
    ['an empty file', '', ":1:1: holds no campaign: 'elastream init FILE' writes one"],
    ['nothing but comments', '# name: x\n', ':1:1: holds no campaign'],
    ['control characters', 'name: \0\n', ':1:1: binary data'],
  ])('names file, line and remedy of %s', async (_, content, message) => {
    expect(await refusalOf(content)).toContain(`campaign.yaml${message}`);
  });

  it('refuses aliases that grow without end', async () => {
    const grow = (i: number) => `x${i}: &x${i} [${Array(10).fill(`*x${i - 1}`)}]\n`;
    expect(await refusalOf(`x0: &x0 [1]\n${[1, 2, 3, 4, 5, 6, 7, 8, 9].map(grow).join('')}`)).toContain(
      'over 100 repetitions by * aliases: write the values out',
    );
  });

  it('reports all mistakes at once, in the order of the lines, and not without end', async () => {
    const content = `${GOOD.replace('batch: 5', 'batch: x').replace('name: one', 'name: One')}name: two\n`;
    expect((await refusalOf(content)).split('\n')).toEqual([
      'campaign.yaml has 2 mistakes',
      'campaign.yaml:8:3: acquisition.batch: is "x", must be a number',
      'campaign.yaml:11:1: name is given twice: keep one of them',
    ]);
    const many = await refusalOf(`${GOOD}${Array.from({ length: 1000 }, (_, i) => `k${i}: 1\n`).join('')}`);
    expect(many.split('\n').slice(-2)).toEqual([
      expect.stringContaining('campaign.yaml:30:1: k19: no such key here'),
      'and 980 more',
    ]);
  });

  it('says why a file cannot be read', async () => {
    expect(await refusalOf(gzipSync(GOOD))).toContain('campaign.yaml: not UTF-8 text');
    expect(await refusalOf(Buffer.from(`\ufeff${GOOD}`, 'utf16le'))).toContain('campaign.yaml: not UTF-8 text');
    expect(await refusalOf('#'.repeat(2 ** 20 + 1))).toBe('campaign.yaml: over 1 MiB: this is no campaign file');
    mkdirSync(join(folder.path, 'directory'));
    await expect(readCampaign(join(folder.path, 'directory'))).rejects.toThrow('it is a folder: name a file');
    await expect(readCampaign(join(folder.path, 'none.yaml'))).rejects.toThrow('no such file: check the path');
  });
});

describe('resolveDataPath', () => {
  it("counts from the campaign file's folder", () => {
    expect(resolveDataPath('a/b/campaign.yaml', '../data.jsonl')).toBe('a/data.jsonl');
    expect(resolveDataPath('campaign.yaml', 'data.jsonl')).toBe('data.jsonl');
    expect(resolveDataPath('a/campaign.yaml', '/data.jsonl')).toBe('/data.jsonl');
  });
});
