import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { scratchDirectory } from '../../deploy/local/scratch.ts';
import { exampleLines } from '../support/campaign-files.ts';
import { runCli } from '../support/cli.ts';
import { describeWithLightGbm } from '../support/tiny-campaign.ts';

const FILES = ['study.html', 'study.json', 'study.csv', 'loops.csv', 'report.html'];

describeWithLightGbm('elastream study paper', () => {
  const scratch = scratchDirectory();
  const data = join(scratch.path, 'data.jsonl');
  writeFileSync(data, exampleLines().slice(0, 150).join('\n'));
  afterAll(() => scratch.remove());
  const study = (directory: string, more: readonly string[] = [], options = {}) =>
    runCli(['study', 'paper', '--data', data, '--dir', directory, '--members', '2', ...more], options);
  const content = (directory: string, name: string) => readFileSync(join(directory, name), 'utf8');

  it('sets every number beside the paper, whether it was stopped in between or not', async () => {
    const [whole, stopped] = [join(scratch.path, 'whole'), join(scratch.path, 'stopped')];
    const { code, stdout } = await study(whole, ['--json']);
    expect(code).toBe(0);
    const { rows, loops, importances, notes, settings } = JSON.parse(stdout);
    expect(settings).toEqual({ data, members: 2, preset: 'short', focus: 'Na', seed: 1 });
    expect(new Set(rows.map(({ part }: { part: string }) => part))).toEqual(
      new Set(['database', 'features', 'sampling', 'threshold', 'uncertainty', 'loop', 'batches']),
    );
    expect(rows).toContainEqual(
      expect.objectContaining({ campaign: 'paper-features-all', target: 'g_vrh', quantity: 'R2', paper: 0.734 }),
    );
    // The pool is smaller than the loop's limit: it ends where the pool does.
    expect(Math.max(...loops.map(({ added }: { added: number }) => added))).toBe(58);
    expect(importances).toHaveLength(50);
    expect(notes).toEqual([expect.stringContaining('fewer than 50')]);
    for (const name of FILES) expect(existsSync(join(whole, name))).toBe(true);

    const first = await study(stopped, [], { signalAfter: { output: /part 2 of 6/ } });
    expect([first.code, first.stderr]).toEqual([130, expect.stringContaining('the same command goes on from there')]);
    const second = await study(stopped);
    expect([second.code, second.stdout]).toEqual([0, expect.stringContaining('Sampling models (Fig. 4, S2)')]);
    for (const name of ['study.html', 'study.json', 'study.csv', 'loops.csv']) {
      expect(content(stopped, name)).toBe(content(whole, name));
    }
    // Nothing is left to do: what came is told again.
    expect(await study(stopped, ['--json', '--quiet'])).toMatchObject({ code: 0, stderr: '', stdout });
  });

  it('refuses another study in the same directory, and an element that is none', async () => {
    const other = await study(join(scratch.path, 'whole'), ['--seed', '2']);
    expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining('holds a study with other data, members') });
    const { code, stderr } = await study(join(scratch.path, 'none'), ['--focus', 'Xx']);
    expect([code, stderr]).toEqual([2, 'elastream: --focus is Xx: there is no such element; write it as in Na\n']);
    expect(existsSync(join(scratch.path, 'none'))).toBe(false);
  });
});
