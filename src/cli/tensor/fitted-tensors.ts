import { stat } from 'node:fs/promises';
import { materialsOf } from '../../adapters/sources/files/materials-of.ts';
import { openInputs } from '../../adapters/sources/files/open-inputs.ts';
import { parseElasticTask } from '../../formats/emmet/task-doc.ts';
import type { StructureItem } from '../../formats/input-unit.ts';
import { crystalDensity } from '../../kernels/elasticity/crystal-density.ts';
import { elasticProperties } from '../../kernels/elasticity/elastic-properties.ts';
import { tensorSymmetry } from '../../kernels/elasticity/tensor-symmetry.ts';
import { createTensorCollector } from '../../learning/data/tensor-collector.ts';
import type { CollectedTensor, TensorCollector } from '../../model/collected-tensor.ts';
import { createElasticTensor } from '../../model/elastic-tensor.ts';
import { RejectedInput, type Rejection } from '../../model/rejection.ts';
import { type TensorReport, tensorJson, tensorTable } from '../../text/tensor-report.ts';
import { wrapped } from '../../text/text-style.ts';

/** What the deformation tasks of one crystal gave. */
export interface FittedTensor {
  readonly outcome: CollectedTensor;
  /** Absent if there is no tensor. */
  readonly report?: TensorReport;
}

/** Of files that may hold task documents; others, and standard input, hold one tensor. */
const MAY_HOLD_TASKS = /\.(jsonl?|ndjson|gz)$/i;

/** The tensors that the task documents of a file or folder give; none if it holds no such document. */
export async function fittedTensors(path: string): Promise<FittedTensor[]> {
  if (path === '-' || !(MAY_HOLD_TASKS.test(path) || (await isFolder(path)))) return [];
  const collector = createTensorCollector();
  const unreadable: CollectedTensor[] = [];
  for await (const unit of openInputs([path])) {
    for (const item of materialsOf(unit)) {
      const refusal = item.kind === 'rejection' ? item.rejection : refusalOf(item, collector);
      if (!refusal) continue;
      const { code, message, materialId, locator = 'the file' } = refusal;
      unreadable.push({ deformations: [materialId ?? locator], problem: { code, message }, notes: [] });
    }
  }
  const outcomes = collector.outcomes();
  // Files without tasks are read otherwise, and then say what is wrong with them.
  if (outcomes.length === 0) return [];
  return [...outcomes, ...unreadable].map((outcome) => ({ outcome, ...reportOf(path, outcome) }));
}

type Refusal = Pick<Rejection, 'code' | 'message' | 'locator' | 'materialId'>;

/** Why a task is not taken; undefined if it is, or is none. */
function refusalOf(item: StructureItem & { kind: 'material' }, collector: TensorCollector): Refusal | undefined {
  try {
    const run = item.json && parseElasticTask(item.json);
    if (run) collector.take(run);
    return undefined;
  } catch (error) {
    if (!(error instanceof RejectedInput)) throw error;
    return { code: error.code, message: error.message, materialId: item.material.id };
  }
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}

function reportOf(path: string, { parent, label }: CollectedTensor): { report?: TensorReport } {
  if (!parent || !label) return {};
  const stiffness = label.tensor;
  const density = crystalDensity(parent.structure);
  const file = { raw: stiffness, tensor: createElasticTensor(stiffness) };
  const properties = elasticProperties(stiffness, density);
  return {
    report: { source: `${parent.id} in ${path}`, file, symmetry: tensorSymmetry(stiffness), properties, density },
  };
}

/** One object per crystal. */
export function fittedJson(all: readonly FittedTensor[]): string {
  const lines = all.map(({ outcome, report }) => {
    const { parent, deformations, problem, label, notes } = outcome;
    const fit = { task_id: parent?.id ?? null, deformation_tasks: deformations, problem: problem ?? null, notes };
    const method = label && { method: label.method, deformations_hash: label.deformationsHash };
    return JSON.stringify({ ...fit, ...method, ...(report && JSON.parse(tensorJson(report))) });
  });
  return `${lines.join('\n')}\n`;
}

/** Tables of what was fitted, then what was not. */
export function fittedTables(all: readonly FittedTensor[], columns: number): string {
  const tables = all.flatMap(({ outcome, report }) => {
    if (!report) return [];
    const fit = `Fitted to ${outcome.deformations.length} deformations and their images under the crystal's symmetry.`;
    return [
      `${tensorTable(report, columns)}${[fit, ...outcome.notes.map(noteText)].map((line) => wrapped(line, columns, 0)).join('\n')}\n`,
    ];
  });
  const others = all.flatMap(({ outcome: { parent, deformations, problem, label } }) => {
    if (label) return [];
    const why = problem ? `${problem.message} (${problem.code})` : 'it has no deformations';
    return [wrapped(`No tensor of ${parent?.id ?? deformations.join(', ')}: ${why}.`, columns, 2)];
  });
  return `${[...tables, ...(others.length > 0 ? [`${others.join('\n')}\n`] : [])].join('\n')}`;
}

function noteText(note: string): string {
  return `Note: ${note}.`;
}
