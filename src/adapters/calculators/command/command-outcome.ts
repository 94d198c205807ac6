import { z } from 'zod';
import { RETRY_CLASSES } from '../../../model/execution.ts';
import type { LabelMethod } from '../../../model/label.ts';
import { knownTarget, MODULI, measuredValues, type TargetValue } from '../../../model/target.ts';
import type { EndedRun, NextStep, RetryClass } from '../../../ports/simulation-code.ts';

export const RESULT_FILE = 'result.json';

const number = z.number({ error: 'must be a number' });
const row = z.array(number).length(6, 'must have 6 rows of 6 numbers');
const result = z.looseObject({
  g_vrh: number.optional(),
  k_vrh: number.optional(),
  elastic_tensor: z.array(row).length(6, 'must have 6 rows of 6 numbers').optional(),
  values: z.record(z.string(), z.strictObject({ value: number, unit: z.string() })).optional(),
  material_id: z.string().optional(),
  failed: z.string().optional(),
  retry: z.enum(RETRY_CLASSES).optional(),
});

interface Expected {
  readonly method: LabelMethod;
  readonly materialId: string;
  readonly program: string;
}

const EXIT_NOT_FOUND = 127;
const EXIT_NOT_EXECUTABLE = 126;
const TAIL_CHARACTERS = 300;

/** What a program that has ended by itself says: its result, its own word of failure, or its exit code. */
export function commandOutcome(run: EndedRun, { method, materialId, program }: Expected): NextStep {
  const { exitCode = 0, outputs } = run;
  const failed = (reason: string, retry: RetryClass): NextStep => ({
    ...{ kind: 'failed', reason, retry },
  });
  const said = outputs.get(RESULT_FILE) ?? (exitCode === 0 ? outputs.get('stdout.txt') : undefined);
  const parsed = said === undefined ? undefined : result.safeParse(jsonOf(said));
  if (parsed?.data?.failed !== undefined) return failed(parsed.data.failed, parsed.data.retry ?? 'retry');
  if (exitCode === EXIT_NOT_FOUND || exitCode === EXIT_NOT_EXECUTABLE) {
    const why = exitCode === EXIT_NOT_FOUND ? 'was not found' : 'cannot be executed';
    return failed(`${program} ${why} where it ran: install it there, or mend calculator.argv${tail(run)}`, 'never');
  }
  if (exitCode !== 0) return failed(`${program} ended with code ${exitCode}${tail(run)}`, 'retry');
  if (!parsed?.success) {
    const [issue] = parsed?.error.issues ?? [];
    const what = issue && issue.path.length > 0 ? `${issue.path.join('.')} ${issue.message}` : 'it is no JSON object';
    const remedy = `write {"g_vrh": GPa, "k_vrh": GPa} to ${RESULT_FILE} or to standard output`;
    return failed(`${program} gave no result that can be read: ${what}; ${remedy}${tail(run)}`, 'never');
  }
  const { material_id: of, elastic_tensor: tensor } = parsed.data;
  if (of !== undefined && of !== materialId) {
    return failed(`the result is of ${JSON.stringify(of).slice(0, 100)} and not of ${materialId}`, 'never');
  }
  const values = valuesOf(parsed.data);
  if (values.length === 0)
    return failed(`${program} gave neither ${MODULI.join(' nor ')}: at least one is needed`, 'never');
  const completed = { outcome: 'completed', method, ...measuredValues(values) } as const;
  return { kind: 'completed', result: tensor ? { ...completed, tensor: Float64Array.from(tensor.flat()) } : completed };
}

function valuesOf({ values = {}, ...moduli }: z.output<typeof result>): TargetValue[] {
  const known = MODULI.flatMap((target) => {
    const value = moduli[target];
    return value === undefined ? [] : [{ target, value, unit: knownTarget(target)!.unit }];
  });
  return [...known, ...Object.entries(values).map(([target, { value, unit }]) => ({ target, value, unit }))];
}

/** The text as JSON, or else its last line: programs and their libraries print before it. */
function jsonOf(text: string): unknown {
  const last = text.trimEnd().split('\n').at(-1) ?? '';
  for (const candidate of [text, last]) {
    try {
      return JSON.parse(candidate);
    } catch {}
  }
  return undefined;
}

/** The end of what it printed as errors. */
function tail({ outputs }: EndedRun): string {
  const printed = (outputs.get('stderr.txt') ?? '').trim();
  const end = printed
    .slice(-TAIL_CHARACTERS)
    .replace(/[^\x20-\x7e\u00a0-\uffff]+/g, ' ')
    .toWellFormed();
  return end === '' ? '' : ` (${end})`;
}
