import { compliance, reussAverages, voigtAverages } from '../../kernels/elasticity/averages.ts';
import { bornStability } from '../../kernels/elasticity/stability.ts';
import { vacuumGap } from '../../kernels/vacuum-gap.ts';
import { createElasticTensor } from '../../model/elastic-tensor.ts';
import type { LabelMethod } from '../../model/label.ts';
import { RejectedInput, type RejectionCode } from '../../model/rejection.ts';
import type { Structure } from '../../model/structure.ts';
import type { TargetValues } from '../../model/target.ts';

/*
 * The physics gate: a pure function of a label and its structure, so every node decides alike, to the bit. It decides
 * about what comes in; what the log holds already stays as it was recorded.
 */

/** What the gate looks at. */
export interface GatedLabel {
  readonly materialId: string;
  readonly method: LabelMethod;
  readonly values: TargetValues;
  /** Float64Array[36], row-major, Voigt order, GPa. */
  readonly tensor?: Float64Array;
}

/** Published moduli are rounded to whole GPa, and some are of the tensor before it was made symmetric. */
const ROUNDING = { gigapascal: 1, relative: 0.02 };
/** No layers of a crystal are farther apart (cesium's are 5, those of molecules 7); boxes around sheets leave 10 to 20. */
const VACUUM_MIN_ANGSTROM = 10;

/**
 * Why a label is no physics of its material: the first of the reasons, or undefined.
 * @param structure absent where only the result is at hand
 */
export function labelProblem(
  label: GatedLabel,
  structure?: Structure,
): { code: RejectionCode; message: string } | undefined {
  try {
    if (label.tensor) assertTensor(label, label.tensor);
    const gap = structure && vacuumGap(structure);
    if (gap !== undefined && gap >= VACUUM_MIN_ANGSTROM) throw sheet(label.materialId, gap);
    return undefined;
  } catch (error) {
    if (!(error instanceof RejectedInput)) throw error;
    return { code: error.code, message: error.message };
  }
}

/** @throws RejectedInput `bad_number`, `out_of_range`, `asymmetric_tensor`, `unstable_tensor`, `moduli_disagree` */
function assertTensor({ materialId, values }: GatedLabel, tensor: Float64Array): void {
  const { stiffness } = createElasticTensor(tensor);
  const { stable, eigenvalues } = bornStability(stiffness);
  if (!stable) {
    const lowest = Number(eigenvalues[0]!.toPrecision(4));
    const what = `the tensor of ${materialId} is mechanically unstable: its smallest eigenvalue is ${lowest} GPa`;
    throw new RejectedInput('unstable_tensor', `${what}; relax the cell until it is stable, or leave the material out`);
  }
  const [voigt, reuss] = [voigtAverages(stiffness), reussAverages(compliance(stiffness))];
  assertBounds('k_vrh', materialId, values.k_vrh, { voigt: voigt.bulk, reuss: reuss.bulk });
  assertBounds('g_vrh', materialId, values.g_vrh, { voigt: voigt.shear, reuss: reuss.shear });
}

/**
 * Hill's theorem: any average lies between those of Reuss and Voigt.
 * @throws RejectedInput `moduli_disagree`
 */
export function assertBounds(
  target: string,
  materialId: string,
  value: number | undefined,
  { voigt, reuss }: { readonly voigt: number; readonly reuss: number },
): void {
  if (value === undefined) return;
  const slack = Math.max(ROUNDING.gigapascal, ROUNDING.relative * Math.abs(voigt));
  if (reuss <= voigt + slack && value >= reuss - slack && value <= voigt + slack) return;
  const bounds = `${text(reuss)} (Reuss) and ${text(voigt)} GPa (Voigt)`;
  const message = `${target} of ${materialId} is ${text(value)} GPa, but its tensor allows what lies between ${bounds}`;
  throw new RejectedInput('moduli_disagree', `${message}: give the moduli of this tensor, in GPa`);
}

function sheet(materialId: string, gap: number): RejectedInput {
  const what = `${materialId} is a sheet, chain or molecule in a box: ${text(gap)} Angstrom of its cell are empty`;
  const why = 'its moduli are those of the box, not of a material';
  return new RejectedInput('sheet_in_box', `${what}, so ${why}; leave the label out, or give a bulk crystal`);
}

function text(value: number): string {
  return String(Number(value.toPrecision(4)));
}

export const LABEL_WARNINGS = ['negative_modulus', 'soft_modulus', 'stiff_modulus', 'clamped_ions'] as const;
export type LabelWarning = (typeof LABEL_WARNINGS)[number];

/** The Materials Project doubts moduli outside of this band; diamond has 443 and 535. */
const BAND_GPA = { min: 2, max: 1000 };

/** What makes a label doubtful, but leaves it usable: campaigns drop such labels by their data filters, if at all. */
export function labelWarnings({ method, values }: Pick<GatedLabel, 'method' | 'values'>): LabelWarning[] {
  const moduli = [values.g_vrh, values.k_vrh].filter((value) => value !== undefined);
  const found: Record<LabelWarning, boolean> = {
    negative_modulus: moduli.some((value) => value < 0),
    soft_modulus: moduli.some((value) => value >= 0 && value < BAND_GPA.min),
    stiff_modulus: moduli.some((value) => value > BAND_GPA.max),
    clamped_ions: method.relaxedIon === false,
  };
  return LABEL_WARNINGS.filter((code) => found[code]);
}
