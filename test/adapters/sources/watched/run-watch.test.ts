import { appendFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { scratchDirectory } from '../../../../deploy/local/scratch.ts';
import { createRunWatch } from '../../../../src/adapters/sources/watched/run-watch.ts';
import { moduliOfTensor } from '../../../../src/learning/data/tensor-moduli.ts';
import { IONIC, MODULI, outcarText, TOTAL } from '../../../support/runs/outcar-text.ts';
import { vasprunText } from '../../../support/runs/vasprun-text.ts';

const scratch = scratchDirectory();
afterAll(() => scratch.remove());
const ELASTIC = outcarText({ ibrion: 6, moduli: { [IONIC]: MODULI, [TOTAL]: MODULI } });
const POSCAR = 'x\n1.0\n4 0 0\n0 4 0\n0 0 4\nNa\n1\nDirect\n0 0 0\n';

function watched(name: string) {
  const root = join(scratch.path, name);
  mkdirSync(root);
  const watch = createRunWatch([root], { moduliOf: moduliOfTensor });
  return {
    watch,
    write(path: string, content: string) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), content);
    },
    root,
    async look() {
      const found: string[] = [];
      for await (const { items } of watch.look(new AbortController().signal)) {
        for (const item of items) {
          if (item.kind === 'rejection') found.push(`${item.rejection.materialId} ${item.rejection.code}`);
          else found.push(`${item.material.id}${item.label?.tensor ? ' with tensor' : ''}`);
        }
      }
      return found;
    },
  };
}

it('takes a run once it has ended and its folder is at rest, in whatever order its files arrive', async () => {
  const { write, look, watch, root } = watched('orders');
  write('mp-1/POSCAR', POSCAR);
  write('mp-1/OUTCAR', ELASTIC.slice(0, ELASTIC.length / 2));
  write('mp-2/vasprun.xml', vasprunText());
  expect([await look(), watch.waiting()]).toEqual([[], 2]);
  // Half an output is no bad input, and one that grew is looked at anew.
  appendFileSync(join(root, 'mp-1/OUTCAR'), ELASTIC.slice(ELASTIC.length / 2));
  write('mp-2/OUTCAR', ELASTIC);
  expect(await look()).toEqual([]);
  expect([await look(), watch.waiting()]).toEqual([['mp-1 with tensor', 'mp-2 with tensor'], 0]);
  write('mp-2/CONTCAR', POSCAR);
  expect([await look(), await look()]).toEqual([[], []]);
  write('mp-2/OUTCAR', `${ELASTIC}\n`);
  expect([await look(), await look(), await look()]).toEqual([[], ['mp-2 with tensor'], []]);
});

it('leaves a run that goes on, and refuses one that has failed', async () => {
  const { write, look, watch } = watched('failed');
  write('mp-1/OUTCAR', ELASTIC.slice(0, ELASTIC.length / 3));
  write('mp-2/OUTCAR', outcarText({ steps: [{ ending: 'not reached' }] }));
  write('mp-3/vasprun.xml', vasprunText().slice(0, 1000));
  await look();
  expect([await look(), watch.waiting()]).toEqual([['mp-2 unconverged'], 2]);
  expect(await look()).toEqual([]);
});

it('takes a folder that is moved into place, and forgets one that is gone', async () => {
  const { write, look, watch, root } = watched('moved');
  write('../elsewhere/OUTCAR', ELASTIC);
  expect(await look()).toEqual([]);
  renameSync(join(scratch.path, 'elsewhere'), join(root, 'mp-9'));
  expect([await look(), await look()]).toEqual([[], ['mp-9 with tensor']]);
  write('mp-10/OUTCAR', '');
  expect([await look(), await look(), watch.waiting()]).toEqual([[], [], 1]);
  rmSync(join(root, 'mp-10'), { recursive: true });
  expect([await look(), watch.waiting()]).toEqual([[], 0]);
});
