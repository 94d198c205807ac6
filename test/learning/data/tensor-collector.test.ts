import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTensorCollector } from '../../../src/learning/data/tensor-collector.ts';
import type { CollectedTensor } from '../../../src/model/collected-tensor.ts';
import type { ElasticRun } from '../../../src/model/elastic-run.ts';
import { parseMaterialId } from '../../../src/model/material-id.ts';
import { CRYSTALS } from '../../support/crystals.ts';
import { reduced, standardGradients, symmetrized, workflowRuns } from '../../support/elastic-workflow.ts';
import { cubic, largestDifference, TRICLINIC } from '../../support/elasticity.ts';

const SALT = CRYSTALS['rocksalt NaCl']!.structure;
const QUARTZ = CRYSTALS['alpha quartz']!.structure;
const saltTensor = cubic(49, 12.5, 12.8);
const quartzTensor = symmetrized(TRICLINIC, QUARTZ);
const salt = workflowRuns('salt', SALT, saltTensor, reduced(standardGradients(), SALT));
const quartz = workflowRuns('quartz', QUARTZ, quartzTensor, reduced(standardGradients(), QUARTZ));

function outcomes(runs: readonly ElasticRun[]): CollectedTensor[] {
  const collector = createTensorCollector();
  for (const run of runs) collector.take(run);
  return collector.outcomes();
}

/** `salt-relaxed: fitted`, `quartz-relaxed: missing_strains` */
const words = (found: readonly CollectedTensor[]) =>
  found.map(
    ({ parent, label, problem }) => `${parent?.id ?? 'none'}: ${label ? 'fitted' : (problem?.code ?? 'alone')}`,
  );
const change = (runs: readonly ElasticRun[], at: number, to: Partial<ElasticRun>) =>
  runs.map((run, i) => (i === at ? { ...run, ...to } : run));

describe('createTensorCollector', () => {
  it('fits each relaxed cell of a mixed set', () => {
    const found = outcomes([...salt, ...quartz]);
    expect(words(found)).toEqual(['quartz-relaxed: fitted', 'salt-relaxed: fitted']);
    expect(largestDifference(found[0]!.label!.tensor!, quartzTensor)).toBeLessThan(0.01);
    expect(largestDifference(found[1]!.label!.tensor!, saltTensor)).toBeLessThan(0.01);
  });

  it('finds the relaxed cell by the lattice where no gradient is recorded', () => {
    const without = [...salt, ...quartz].map(({ gradient: _, ...run }) => run);
    const found = outcomes(without);
    expect(words(found)).toEqual(['quartz-relaxed: fitted', 'salt-relaxed: fitted']);
    expect(largestDifference(found[1]!.label!.tensor!, saltTensor)).toBeLessThan(0.01);
  });

  it('gives the same bits for any order and any doubling, and fits nothing on the way', () => {
    const all = [...salt, ...quartz];
    const whole = outcomes(all);
    const positions = fc.shuffledSubarray(
      all.map((_, i) => i),
      { minLength: all.length },
    );
    fc.assert(
      fc.property(positions, fc.array(fc.nat(all.length - 1), { maxLength: 20 }), (order, again) => {
        const runs = order.map((i) => all[i]!);
        expect(outcomes([...runs, ...again.map((i) => all[i]!)])).toEqual(whole);
        const part = words(outcomes(runs.slice(0, -1)));
        expect(part.filter((word) => word.endsWith('fitted'))).toHaveLength(1);
      }),
      { numRuns: 30 },
    );
  });

  it('refuses a set of which a run failed, and takes it once that run is done again', () => {
    const failed = change(salt, 2, { failure: 'its electrons are not converged' });
    const [refused] = outcomes(failed);
    expect(refused!.problem!.code).toBe('failed_run');
    expect(refused!.problem!.message).toContain('salt-strain-1: its electrons are not converged');
    const again = { ...salt[2]!, id: parseMaterialId('salt-again') };
    const [found] = outcomes([...failed, again]);
    expect(words([found!])).toEqual(['salt-relaxed: fitted']);
    expect(found!.notes).toEqual(['salt-strain-1 is passed over: salt-again is the same deformation, and good']);
    expect(words(outcomes(change(salt, 0, { failure: 'its ions are not converged' })))).toEqual([
      'salt-relaxed: failed_run',
    ]);
  });

  it('of two runs of one deformation takes the later, in any order', () => {
    const early = { ...salt[1]!, id: parseMaterialId('salt-early'), completedAt: '2026-01-01T00:00:00Z' };
    const late = { ...salt[1]!, completedAt: '2026-02-01T00:00:00Z' };
    const wrong = { ...early, stress: early.stress!.map((value) => 1.2 * value) };
    const runs = [...salt.toSpliced(1, 1), late];
    const [expected] = outcomes(runs);
    for (const order of [
      [wrong, ...runs],
      [...runs, wrong],
    ]) {
      const [found] = outcomes(order);
      expect(found!.label).toEqual(expected!.label);
      expect(found!.notes).toEqual(['salt-early is passed over: salt-strain-0 is the same deformation, and later']);
    }
  });

  it('refuses runs of two methods, a stress in another unit, and one of another sign', () => {
    const method = { ...salt[1]!.method, functional: 'PBEsol' };
    expect(words(outcomes(change(salt, 1, { method })))).toEqual(['salt-relaxed: inconsistent_runs']);
    const scaled = (factor: number) => change(salt, 1, { stress: salt[1]!.stress!.map((value) => factor * value) });
    expect(words(outcomes(scaled(10)))).toEqual(['salt-relaxed: inconsistent_runs']);
    expect(words(outcomes(scaled(-1)))).toEqual(['salt-relaxed: inconsistent_runs']);
  });

  it('leaves deformations without a relaxed cell, relaxed cells without deformations, and other crystals apart', () => {
    expect(words(outcomes(salt.slice(1)))).toEqual(['none: missing_parent']);
    expect(words(outcomes(salt.slice(0, 1)))).toEqual(['salt-relaxed: alone']);
    expect(words(outcomes([salt[0]!, ...quartz.slice(1)]))).toEqual(['none: missing_parent', 'salt-relaxed: alone']);
    expect(outcomes([])).toEqual([]);
  });
});
