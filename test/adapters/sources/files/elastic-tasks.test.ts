import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { scratchDirectory } from '../../../../deploy/local/scratch.ts';
import { openFileSource } from '../../../../src/adapters/sources/files/file-source.ts';
import { createTensorCollector } from '../../../../src/learning/data/tensor-collector.ts';
import type { ElasticRun } from '../../../../src/model/elastic-run.ts';
import type { SourceItem } from '../../../../src/ports/material-source.ts';
import { CRYSTALS } from '../../../support/crystals.ts';
import { reduced, standardGradients, workflowRuns } from '../../../support/elastic-workflow.ts';
import { cubic, largestDifference } from '../../../support/elasticity.ts';
import { collected } from '../../../support/events.ts';
import { itWithShared } from '../../../support/shared-data.ts';
import { taskDocOf } from '../../../support/task-docs.ts';

const scratch = scratchDirectory();
afterAll(() => scratch.remove());

const SALT = CRYSTALS['rocksalt NaCl']!.structure;
const runs = workflowRuns('salt', SALT, cubic(49, 12.5, 12.8), reduced(standardGradients(), SALT));

function write(name: string, content: string | Uint8Array): string {
  const path = join(scratch.path, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, content);
  return path;
}

const lines = (docs: readonly object[]) => docs.map((doc) => `${JSON.stringify(doc)}\n`).join('');
const documents = (all: readonly ElasticRun[]) => all.map((run) => taskDocOf(run));

async function read(path: string | string[]): Promise<SourceItem[]> {
  return collected((await openFileSource(path, { tensors: createTensorCollector })).read());
}

/** `salt-relaxed 24.7/14.8 GPa`, or a rejection's code and place. */
const word = (item: SourceItem) => {
  if (item.kind === 'rejection') return `${item.rejection.code} at ${item.rejection.locator}`;
  const { g_vrh: g, k_vrh: k } = item.label?.values ?? {};
  return item.label ? `${item.material.id} ${k!.toFixed(1)}/${g!.toFixed(1)} GPa` : item.material.id;
};

describe('task documents in a file', () => {
  it('become their relaxed cell with the fitted tensor, and where it comes from', async () => {
    const path = write('tasks.json', JSON.stringify(documents(runs)));
    const [item, ...others] = await read(path);
    expect(others).toEqual([]);
    if (item?.kind !== 'material') throw new Error('no material');
    expect(item.material.id).toBe('salt-relaxed');
    const { provenance, method, deformationsHash, tensor } = item.label!;
    expect(provenance).toBe(`${path}: deformations of salt-relaxed`);
    expect(method).toEqual({ kind: 'dft', code: 'VASP 6.4.2', functional: 'PBE', relaxedIon: true });
    expect(deformationsHash).toMatch(/^h1:[0-9a-f]{64}$/);
    expect(largestDifference(tensor!, cubic(49, 12.5, 12.8))).toBeLessThan(0.01);
  });

  it('may lie in lines, in several files, compressed, in any order, beside other materials', async () => {
    const other = {
      material_id: 'na',
      lattice: [
        [3, 0, 0],
        [0, 3, 0],
        [0, 0, 3],
      ],
      species: ['Na'],
      frac_coords: [[0, 0, 0]],
    };
    const docs = documents(runs);
    const folder = join(scratch.path, 'runs');
    write('runs/a.jsonl.gz', gzipSync(lines([...docs.slice(3), other])));
    write('runs/b.json', JSON.stringify(docs.slice(0, 5).reverse()));
    expect((await read(folder)).map(word)).toEqual(['na', 'salt-relaxed 24.7/14.8 GPa']);
  });

  it('give what is missing as a rejection of the relaxed cell', async () => {
    const path = write('missing.json', JSON.stringify(documents(runs.slice(0, -1))));
    expect((await read(path)).map(word)).toEqual(['salt-relaxed', 'missing_strains at deformations of salt-relaxed']);
  });

  it('that failed refuse the whole set, each by its own reason', async () => {
    const failing = async (change: object) => {
      const docs = documents(runs);
      const path = write('failed.json', JSON.stringify(docs.with(2, { ...docs[2]!, ...change })));
      const [, refused] = await read(path);
      return refused?.kind === 'rejection' ? `${refused.rejection.code}: ${refused.rejection.message}` : 'none';
    };
    const steps = (ionic: number, electronic: number) => ({
      calcs_reversed: [
        {
          output: {
            ionic_steps: Array.from({ length: ionic }, () => ({ electronic_steps: Array(electronic).fill({}) })),
          },
        },
      ],
    });
    const base = /^failed_run: a tensor is not fitted around a failed run: salt-strain-1: /;
    for (const [change, reason] of [
      [{ state: 'failed' }, 'its state is "failed"'],
      [{ analysis: { errors: ['non-converging'] } }, 'its analysis names errors: "non-converging"'],
      [steps(3, 60), 'its electrons are not converged: the last of its 3 ionic steps took all 60 electronic steps'],
      [steps(99, 5), 'its ions are not converged: it took all 99 ionic steps'],
    ] as const) {
      expect(await failing(change)).toMatch(base);
      expect(await failing(change)).toContain(reason);
    }
  });

  itWithShared('of emmet-core give six labels; a deformation alone is refused with its reason', async (shared) => {
    const six = await read(shared('data/vasp/emmet-SiC_tasks.json.gz'));
    expect(six.map(word)).toEqual([
      'mp-ffhdk 213.2/188.0 GPa',
      'mp-fgddy 213.3/188.7 GPa',
      'mp-fmsoh 213.1/188.2 GPa',
      'mp-fsxpj 212.7/187.2 GPa',
      'mp-ftmyy 213.6/186.5 GPa',
      'mp-fwugc 252.7/221.3 GPa',
    ]);
    const alone = await read(shared('data/vasp/emmet-failed_elastic_task.json.gz'));
    expect(alone.map(word)).toEqual(['missing_parent at task mp-2345130']);
  });
});
