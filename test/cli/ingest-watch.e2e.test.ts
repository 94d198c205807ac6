import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { openEventLog } from '../../src/adapters/lmdb/event-log.ts';
import { directoryPlaces } from '../../src/cli/campaign/campaign-directory.ts';
import { TOPICS } from '../../src/reading/campaign-log.ts';
import { rangesToEnd } from '../../src/reading/ranges-to-end.ts';
import { decodeRecords } from '../../src/runtime/decode-records.ts';
import { cliMain, runCli } from '../support/cli.ts';
import { eventually } from '../support/eventually.ts';
import { startNode } from '../support/node-process.ts';
import { IONIC, MODULI, outcarText, TOTAL } from '../support/runs/outcar-text.ts';
import { describeWithLightGbm, tinyCampaign } from '../support/tiny-campaign.ts';

describeWithLightGbm('elastream ingest --watch', () => {
  const campaign = tinyCampaign({ rounds: 1 });
  const { directory, file } = campaign;
  afterAll(() => campaign.remove());
  const runs = join(dirname(file), 'runs');
  const outcar = (edge: string) =>
    outcarText({
      ibrion: 6,
      moduli: { [IONIC]: MODULI, [TOTAL]: MODULI },
      steps: [{ lattice: [`${edge} 0.0 0.0`, `0.0 ${edge} 0.0`, `0.0 0.0 ${edge}`] }],
    });
  const write = (name: string, text: string) => {
    mkdirSync(join(runs, dirname(name)), { recursive: true });
    writeFileSync(join(runs, name), text);
  };
  const watch = () =>
    startNode([
      ...[cliMain(), 'ingest', '--dir', directory, '--label-set', 'mine', '--watch', '--every', '0.2', '--json', runs],
    ]);

  /** How often the log holds each material of the runs, each label, each refusal. */
  async function counted(): Promise<Record<string, number>> {
    const log = openEventLog({ directory: directoryPlaces(directory).log });
    const counts: Record<string, number> = {};
    try {
      for (const topic of [TOPICS.materials, TOPICS.labels, TOPICS.rejections]) {
        for await (const batch of log.read(await rangesToEnd(log, topic.name))) {
          for (const { event } of decodeRecords(batch).received) {
            if (!('source' in event) || !String(event.source).startsWith('watch:')) {
              if (event.type !== 'InputRejected' || !event.rejection.source.startsWith(runs)) continue;
            }
            const what =
              event.type === 'MaterialIngested'
                ? `material ${event.material.id}`
                : event.type === 'LabelIngested'
                  ? `label ${event.label.materialId}`
                  : `refused ${event.type === 'InputRejected' ? event.rejection.materialId : event.type}`;
            counts[what] = (counts[what] ?? 0) + 1;
          }
        }
      }
    } finally {
      await log.close();
    }
    return counts;
  }

  it('takes each run once, while they appear and after kill -9', async () => {
    expect((await campaign.run()).code).toBe(0);
    const expected: Record<string, number> = { 'refused bad': 1 };
    write('bad/OUTCAR', outcarText({ steps: [{ ending: 'not reached' }] }));
    let next = 0;
    const finishSome = (count: number) => {
      for (const end = next + count; next < end; next++) {
        write(`run-${next}/POSCAR`, 'half a fi');
        write(`run-${next}/OUTCAR`, outcar((4 + next / 100).toFixed(6)));
        Object.assign(expected, { [`material run-${next}`]: 1, [`label run-${next}`]: 1 });
      }
    };
    for (const killAt of [1, 9, 14]) {
      finishSome(6);
      const process = watch();
      const lines = () => process.stdout().split('\n').length - 1;
      await eventually(() => lines() >= 1, 60_000);
      finishSome(2);
      if (killAt > 1) await eventually(() => lines() >= 6, 60_000);
      process.process.kill('SIGKILL');
      await process.ended;
    }
    write('open/OUTCAR', outcar('9.0').slice(0, 500));
    const last = watch();
    await eventually(() => last.stderr().includes('watching'), 60_000);
    finishSome(1);
    await eventually(() => last.stdout().includes(`run-${next - 1}`), 60_000);
    // A second look, in which nothing may be taken again.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    last.process.kill('SIGINT');
    expect(await last.ended).toMatchObject({ code: 0, stderr: expect.stringContaining('1 runs are not finished') });
    expect(await counted()).toEqual(expected);
  });

  it('says what it cannot watch', async () => {
    const args = ['ingest', '--dir', directory, '--label-set', 'mine', '--watch'];
    expect(await runCli([...args, 'nowhere'])).toMatchObject({ code: 2, stderr: expect.stringContaining('nowhere') });
    expect(await runCli([...args, '--dry-run', runs])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('exclude each other'),
    });
  });
});
