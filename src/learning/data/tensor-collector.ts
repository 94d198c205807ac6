import { cartesianRotations } from '../../kernels/elasticity/cartesian-rotations.ts';
import { elasticProperties } from '../../kernels/elasticity/elastic-properties.ts';
import { fitStiffness, strainRays } from '../../kernels/elasticity/fit-stiffness.ts';
import { missingStrains } from '../../kernels/elasticity/missing-strains.ts';
import { strainStates } from '../../kernels/elasticity/strain-states.ts';
import type { CollectedTensor, TensorCollector } from '../../model/collected-tensor.ts';
import { contentHash } from '../../model/content-hash.ts';
import { type Deformation, deformationsHash } from '../../model/deformation.ts';
import type { ElasticRun } from '../../model/elastic-run.ts';
import { createElasticTensor } from '../../model/elastic-tensor.ts';
import { compareIds } from '../../model/id-order.ts';
import { methodFields } from '../../model/label.ts';
import { RejectedInput, type RejectionCode } from '../../model/rejection.ts';
import { isSameLattice, isSameSites, type MatchedRun, matchParent, undeformedLattice } from './parent-match.ts';

export interface TensorCollectorOptions {
  /** How many strains each axis needs: 4 make the 24 of the Materials Project. */
  readonly statesPerAxis: number;
  /** Within which the relaxed cell's symmetry is found. */
  readonly symprecAngstrom: number;
}

const DEFAULTS: TensorCollectorOptions = { statesPerAxis: 4, symprecAngstrom: 0.1 };
/** Gradients whose entries differ by less are one deformation. */
const SAME_GRADIENT = 1e-5;
/** Third-order elasticity bends a stress by a tenth at a strain of 0.01; a wrong unit or sign by far more. */
const MISFIT_MAX = 0.4;

/**
 * Decides what the runs of elastic workflows give.
 *
 * 1. The outcome depends on the set of runs, never on their order, nor on how often each came.
 * 2. A run belongs to the relaxed cell that its gradient or its lattice names, never to one of the same formula only.
 * 3. Nothing is fitted while a strain is missing, and nothing around a failed run.
 */
export function createTensorCollector(options: Partial<TensorCollectorOptions> = {}): TensorCollector {
  const runs = new Map<string, ElasticRun>();
  return {
    take: (run) => void runs.set(contentHash('elastic-run', contentOf(run)), run),
    outcomes: () =>
      outcomesOf(
        [...runs].sort(([a], [b]) => compareIds(a, b)).map(([, run]) => run),
        { ...DEFAULTS, ...options },
      ),
  };
}

function contentOf({ id, role, structure, gradient, stress, method, failure, completedAt }: ElasticRun) {
  const { lattice, atomicNumbers, fracCoords } = structure;
  const cell = [lattice.matrix, atomicNumbers, fracCoords];
  return [
    id,
    role,
    ...cell,
    gradient ?? null,
    stress ?? null,
    methodFields(method),
    failure ?? null,
    completedAt ?? null,
  ];
}

function outcomesOf(runs: readonly ElasticRun[], options: TensorCollectorOptions): CollectedTensor[] {
  const parents = distinctParents(runs.filter(({ role }) => role === 'parent'));
  const matched = new Map<ElasticRun, MatchedRun[]>(parents.map((parent) => [parent, []]));
  const orphans: ElasticRun[] = [];
  for (const run of runs) {
    if (run.role !== 'deformed') continue;
    const match = matchParent(run, parents);
    if (match) matched.get(match.parent)!.push(match);
    else orphans.push(run);
  }
  const found = [...matched].map(([parent, own]) => outcomeOf(parent, own, options));
  return [...found, ...orphaned(orphans)].sort((a, b) => compareIds(nameOf(a), nameOf(b)));
}

function nameOf({ parent, deformations }: CollectedTensor): string {
  return parent?.id ?? deformations[0]!;
}

/** Of several runs that ended in one lattice the one that ended last. */
function distinctParents(runs: readonly ElasticRun[]): ElasticRun[] {
  const kept: ElasticRun[] = [];
  for (const run of [...runs].sort(latestFirst)) {
    const isKnown = kept.some(
      ({ structure }) =>
        isSameSites(structure, run.structure) && isSameLattice(structure.lattice.matrix, run.structure.lattice.matrix),
    );
    if (!isKnown) kept.push(run);
  }
  return kept;
}

/** Good runs before failed ones, later before earlier, then by id. */
function latestFirst(a: ElasticRun, b: ElasticRun): number {
  const good = Number(a.failure !== undefined) - Number(b.failure !== undefined);
  return good || compareIds(b.completedAt ?? '', a.completedAt ?? '') || compareIds(a.id, b.id);
}

function orphaned(runs: readonly ElasticRun[]): CollectedTensor[] {
  const groups: ElasticRun[][] = [];
  for (const run of runs) {
    const own = groups.find(
      ([first]) =>
        isSameSites(first!.structure, run.structure) &&
        isSameLattice(undeformedLattice(first!), undeformedLattice(run)),
    );
    if (own) own.push(run);
    else groups.push([run]);
  }
  return groups.map((group) => {
    const ids = idsOf(group);
    const failed = group.find(({ failure }) => failure !== undefined);
    const also = failed ? `; besides, ${failed.id} failed: ${failed.failure}` : '';
    const message = `no relaxation is here whose cell ${ids.join(', ')} deform${ids.length === 1 ? 's' : ''}, so there is no symmetry, no stress at rest and no tensor: add the optimization task${also}`;
    return { deformations: ids, problem: { code: 'missing_parent', message }, notes: [] };
  });
}

function idsOf(runs: readonly ElasticRun[]): string[] {
  return [...new Set(runs.map(({ id }) => id))].sort(compareIds);
}

function outcomeOf(
  parent: ElasticRun,
  matched: readonly MatchedRun[],
  options: TensorCollectorOptions,
): CollectedTensor {
  const { kept, notes } = distinctDeformations(matched);
  const base = { parent, deformations: idsOf(kept.map(({ run }) => run)), notes };
  if (kept.length === 0) return base;
  const refused = (code: RejectionCode, message: string) => ({ ...base, problem: { code, message } });
  const failed = [parent, ...kept.map(({ run }) => run)].filter(({ failure }) => failure !== undefined);
  if (failed.length > 0) {
    const reasons = failed.map(({ id, failure }) => `${id}: ${failure}`).join('; ');
    return refused('failed_run', `a tensor is not fitted around a failed run: ${reasons}; run it again`);
  }
  const other = kept.find(({ run }) => String(methodFields(run.method)) !== String(methodFields(kept[0]!.run.method)));
  if (other || parent.method.functional !== kept[0]!.run.method.functional) {
    const ids = `${other ? kept[0]!.run.id : parent.id} and ${(other ?? kept[0]!).run.id}`;
    return refused('inconsistent_runs', `${ids} were calculated by different methods: fit runs of one method`);
  }
  try {
    return fitted(base, kept, options);
  } catch (error) {
    if (!(error instanceof RejectedInput)) throw error;
    return refused(error.code, error.message);
  }
}

/** @throws RejectedInput `missing_strains`, `inconsistent_runs`, `asymmetric_tensor`, `too_costly` */
function fitted(
  base: CollectedTensor & { parent: ElasticRun },
  kept: readonly MatchedRun[],
  { statesPerAxis, symprecAngstrom }: TensorCollectorOptions,
): CollectedTensor {
  const { parent } = base;
  const measured = kept.map(({ run, gradient }) => ({ gradient, cauchy: run.stress! }));
  const rays = strainRays(strainStates(measured, cartesianRotations(parent.structure, symprecAngstrom)));
  const missing = missingStrains(rays, statesPerAxis);
  if (missing.length > 0) {
    const message = `its ${kept.length} deformations and their symmetry leave strains missing: ${missing.join(', ')}`;
    throw new RejectedInput('missing_strains', `${message}; run them, nothing is fitted from the rest`);
  }
  const { stiffness, unsymmetrized, misfit } = fitStiffness(rays, parent.stress);
  if (!(misfit <= MISFIT_MAX)) {
    const off = `a stress is off the fitted line by ${Math.round(100 * misfit)} % of the largest stress`;
    throw new RejectedInput('inconsistent_runs', `${off}: is one of the runs another cell's, or in another unit?`);
  }
  // Refuses what is far from symmetric.
  createElasticTensor(unsymmetrized);
  const { stable, voigt } = elasticProperties(stiffness);
  const { bulk, shear } = stable?.hill ?? voigt;
  const deformations = kept.map(({ run, gradient }): Deformation => {
    return { gradient, stress: voigtStress(run.stress!), provenance: run.id };
  });
  const method = kept[0]!.run.method;
  const values = { g_vrh: shear, k_vrh: bulk };
  return { ...base, label: { method, values, tensor: stiffness, deformationsHash: deformationsHash(deformations) } };
}

function voigtStress(s: Float64Array): Float64Array {
  return Float64Array.of(s[0]!, s[4]!, s[8]!, s[5]!, s[2]!, s[1]!);
}

/** Of several runs of one deformation the good one that ended last; sorted, so that sums have one order. */
function distinctDeformations(matched: readonly MatchedRun[]): { kept: MatchedRun[]; notes: string[] } {
  const kept: MatchedRun[] = [];
  const notes: string[] = [];
  for (const match of matched.toSorted((a, b) => latestFirst(a.run, b.run))) {
    const known = kept.find(({ gradient }) =>
      gradient.every((value, i) => Math.abs(value - match.gradient[i]!) < SAME_GRADIENT),
    );
    if (!known) kept.push(match);
    else if (known.run.id !== match.run.id) {
      const better = match.run.failure === undefined || known.run.failure !== undefined ? 'later' : 'good';
      notes.push(`${match.run.id} is passed over: ${known.run.id} is the same deformation, and ${better}`);
    }
  }
  return { kept: kept.sort((a, b) => byGradient(a.gradient, b.gradient)), notes: notes.sort(compareIds) };
}

function byGradient(a: Float64Array, b: Float64Array): number {
  const at = a.findIndex((value, i) => value !== b[i]);
  return at < 0 ? 0 : a[at]! - b[at]!;
}
