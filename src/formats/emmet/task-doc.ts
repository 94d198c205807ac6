import type { ElasticRun } from '../../model/elastic-run.ts';
import type { LabelMethod } from '../../model/label.ts';
import { parseMaterialId } from '../../model/material-id.ts';
import { parsePymatgenStructure } from '../json/pymatgen-structure.ts';
import { isJsonObject, type JsonObject, parseRows3 } from '../json-fields.ts';
import { locate, quote } from '../located-rejection.ts';

/** VASP writes kbar, positive if the cell would expand. */
const GPA_PER_VASP_STRESS = -0.1;
/** IBRION of runs in which ions move to where no force is left. */
const RELAXING = [1, 2, 3];

/** Whether an object is an emmet TaskDoc: it has `task_id`, and `output.structure`. */
export function isTaskDoc(doc: JsonObject): doc is JsonObject & { output: { structure: JsonObject } } {
  return typeof doc.task_id === 'string' && isJsonObject(doc.output) && isJsonObject(doc.output.structure);
}

/**
 * Reads a TaskDoc of an elastic workflow: the optimization of a cell, or a deformation of one.
 * @returns undefined for tasks of other kinds
 * @throws RejectedInput with the task's id
 */
export function parseElasticTask(doc: JsonObject): ElasticRun | undefined {
  if (!isTaskDoc(doc)) return undefined;
  const id = parseMaterialId(doc.task_id);
  return locate({ materialId: id }, () => {
    const history = historyOf(doc);
    const role = roleOf(doc, history);
    if (role === undefined) return undefined;
    const { output } = doc as { output: JsonObject };
    const gradient = history.length === 1 ? parseRows3(history[0]!.deformation, 'deformation') : undefined;
    const stress = (output.stress ?? undefined) && parseRows3(output.stress, 'output.stress');
    const failure = failureOf(doc, history) ?? (stress ? undefined : 'its output holds no stress');
    return {
      id,
      role,
      structure: parsePymatgenStructure(doc.output.structure),
      method: methodOf(doc),
      ...(gradient && { gradient }),
      ...(stress && { stress: stress.map((value) => GPA_PER_VASP_STRESS * value) }),
      ...(failure !== undefined && { failure }),
      ...(typeof doc.completed_at === 'string' && { completedAt: doc.completed_at }),
    };
  });
}

/** The deformations that were applied to the cell before the run. */
function historyOf({ transformations }: JsonObject): JsonObject[] {
  const history = isJsonObject(transformations) ? transformations.history : undefined;
  if (!Array.isArray(history)) return [];
  return history.filter(isJsonObject).filter((step) => step['@class'] === 'DeformStructureTransformation');
}

function roleOf(doc: JsonObject, history: readonly JsonObject[]): ElasticRun['role'] | undefined {
  const type = [doc.task_type, doc.calc_type, doc.task_label].filter((word) => typeof word === 'string').join(' ');
  if (history.length > 0 || /deformation/i.test(type)) return 'deformed';
  return /structure optimization|relax/i.test(type) || incarOf(doc).ISIF === 3 ? 'parent' : undefined;
}

function failureOf(doc: JsonObject, history: readonly JsonObject[]): string | undefined {
  if (history.length > 1)
    return `its cell was deformed ${history.length} times, and only one deformation is understood`;
  if (doc.state !== undefined && doc.state !== 'successful') return `its state is ${JSON.stringify(doc.state)}`;
  const errors = isJsonObject(doc.analysis) && Array.isArray(doc.analysis.errors) ? doc.analysis.errors : [];
  if (errors.length > 0) return `its analysis names errors: ${errors.map(quote).join('; ').slice(0, 200)}`;
  const calculation = lastCalculation(doc);
  const done = calculation?.has_vasp_completed;
  if (done !== undefined && done !== true && done !== 'successful') return 'VASP did not come to its end';
  return unconverged(doc, calculation);
}

/** VASP stops after NELM electronic and NSW ionic steps, converged or not. */
function unconverged(doc: JsonObject, calculation: JsonObject | undefined): string | undefined {
  const output = calculation?.output;
  const steps = isJsonObject(output) && Array.isArray(output.ionic_steps) ? output.ionic_steps : [];
  const last: unknown = steps.at(-1);
  if (!isJsonObject(last)) return undefined;
  const { NELM, NSW } = { ...parametersOf(doc), ...incarOf(doc) };
  const electronic = Array.isArray(last.electronic_steps) ? last.electronic_steps.length : 0;
  if (typeof NELM === 'number' && electronic >= NELM) {
    return `its electrons are not converged: the last of its ${steps.length} ionic steps took all ${NELM} electronic steps (NELM)`;
  }
  if (typeof NSW === 'number' && NSW > 1 && steps.length >= NSW) {
    return `its ions are not converged: it took all ${NSW} ionic steps (NSW)`;
  }
  return undefined;
}

function methodOf(doc: JsonObject): LabelMethod {
  const version = lastCalculation(doc)?.vasp_version;
  const { IBRION, NSW } = { ...parametersOf(doc), ...incarOf(doc) };
  const functional = functionalOf(doc);
  return {
    kind: 'dft',
    code: typeof version === 'string' ? `VASP ${version}` : 'VASP',
    ...(functional !== undefined && { functional }),
    ...(typeof IBRION === 'number' && { relaxedIon: RELAXING.includes(IBRION) && NSW !== 0 }),
  };
}

/** `PBE` for emmet's run type GGA, unless INCAR names another one. */
function functionalOf(doc: JsonObject): string | undefined {
  const type = typeof doc.run_type === 'string' ? doc.run_type : lastCalculation(doc)?.run_type;
  if (typeof type !== 'string') return undefined;
  const { GGA } = incarOf(doc);
  return GGA === undefined || /^(pe|--)?$/i.test(String(GGA))
    ? type.replace(/^GGA\b/, 'PBE')
    : `${type} ${String(GGA)}`;
}

function lastCalculation({ calcs_reversed: all }: JsonObject): JsonObject | undefined {
  const last: unknown = Array.isArray(all) ? all[0] : undefined;
  return isJsonObject(last) ? last : undefined;
}

function incarOf({ input }: JsonObject): JsonObject {
  return isJsonObject(input) && isJsonObject(input.incar) ? input.incar : {};
}

function parametersOf({ input }: JsonObject): JsonObject {
  return isJsonObject(input) && isJsonObject(input.parameters) ? input.parameters : {};
}
