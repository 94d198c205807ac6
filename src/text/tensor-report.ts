import type { TensorFile } from '../formats/tensor/tensor-file.ts';
import type { CrystalDensity, ElasticProperties } from '../kernels/elasticity/elastic-properties.ts';
import { PUGH_LIMIT } from '../kernels/elasticity/isotropic.ts';
import type { TensorSymmetry } from '../kernels/elasticity/tensor-symmetry.ts';
import { wrapped } from './text-style.ts';

/** What `elastream tensor` found, to be printed as a table or as JSON. */
export interface TensorReport {
  /** The file, as the user named it. */
  readonly source: string;
  readonly file: TensorFile;
  readonly symmetry: TensorSymmetry;
  readonly properties: ElasticProperties;
  readonly density?: CrystalDensity;
  /** Known of the output of a run only. */
  readonly relaxedIon?: boolean;
}

const AXES = ['XX', 'YY', 'ZZ', 'YZ', 'ZX', 'XY'] as const;
/** Twice diamond's C11, the largest known: an entry above it has another unit. */
const PLAUSIBLE_GPA = 2000;
const LABEL_WIDTH = 14;

const UNITS = {
  elastic_tensor: 'GPa',
  compliance_tensor: '1/TPa',
  eigenvalues: 'GPa',
  bulk_modulus: 'GPa',
  shear_modulus: 'GPa',
  young_modulus: 'GPa',
  vickers_hardness: 'GPa',
  density: 'g/cm^3',
  sound_velocity: 'm/s',
  debye_temperature: 'K',
} as const;

/** Why a property is missing or a number is doubtful; one sentence each. */
function warningsOf({ file, properties, density, relaxedIon }: TensorReport): string[] {
  const warnings: string[] = [];
  const { stable, stability } = properties;
  if (stable === undefined) {
    const lowest = stability.eigenvalues[0]!.toPrecision(4);
    warnings.push(
      `mechanically unstable: the smallest eigenvalue is ${lowest} GPa and leading minor ${stability.violatedMinor} is not ` +
        'positive, so Reuss and Hill averages and all that builds on them mean nothing',
    );
  } else {
    if (stable.vickersHardnessChen < 0) warnings.push("Chen's hardness is negative: too soft for that fit");
    if (density === undefined) warnings.push('sound velocities and Debye temperature need --structure FILE');
  }
  if (relaxedIon === false) {
    warnings.push(
      'the ions were held in place (no contribution from ionic relaxation): the shear moduli come out too high',
    );
  }
  const largest = file.raw.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (largest > PLAUSIBLE_GPA) {
    warnings.push(`an entry of ${largest} GPa is beyond any known solid: is the file in kbar (--unit kbar)?`);
  }
  return warnings;
}

/** One JSON object, named as emmet's ElasticityDoc where it has the property; null where a property has no meaning. */
export function tensorJson(report: TensorReport): string {
  const { source, file, symmetry, properties, density } = report;
  const { stability, voigt, stable, acoustic } = properties;
  const chen = stable !== undefined && stable.vickersHardnessChen >= 0 ? stable.vickersHardnessChen : null;
  const document = {
    source,
    elastic_tensor: { raw: rows(file.raw), symmetrized: rows(file.tensor.stiffness) },
    compliance_tensor: stable ? { symmetrized: rows(stable.compliance.map((s) => 1000 * s)) } : null,
    symmetry: {
      pattern: symmetry.pattern,
      axis: symmetry.axis ?? null,
      independent_constants: symmetry.independentConstants,
      deviation: symmetry.deviation,
      asymmetry: file.tensor.asymmetry,
    },
    mechanical_stability: {
      stable: stability.stable,
      eigenvalues: Array.from(stability.eigenvalues),
      violated_leading_minor: stability.violatedMinor ?? null,
      softest_strain: Array.from(stability.softestStrain),
    },
    bulk_modulus: { voigt: voigt.bulk, reuss: stable?.reuss.bulk ?? null, vrh: stable?.hill.bulk ?? null },
    shear_modulus: { voigt: voigt.shear, reuss: stable?.reuss.shear ?? null, vrh: stable?.hill.shear ?? null },
    young_modulus: stable?.youngModulus ?? null,
    homogeneous_poisson: stable?.poissonRatio ?? null,
    pugh_ratio: stable?.pughRatio ?? null,
    universal_anisotropy: stable?.universalAnisotropy ?? null,
    vickers_hardness: { chen, tian: stable?.vickersHardnessTian ?? null },
    density: density?.gramPerCm3 ?? null,
    sound_velocity: acoustic?.soundVelocities ?? null,
    debye_temperature: acoustic?.debyeTemperature ?? null,
    units: UNITS,
    warnings: warningsOf(report),
  };
  return `${JSON.stringify(document)}\n`;
}

/** Of a column of numbers; the smaller one for a terminal of 60 columns. */
const CELL_WIDTH = { usual: 10, narrow: 8, narrowBelow: 66 };

/** The same for people: aligned, rounded, with units. */
export function tensorTable(report: TensorReport, columns: number = Number.POSITIVE_INFINITY): string {
  const width = columns < CELL_WIDTH.narrowBelow ? CELL_WIDTH.narrow : CELL_WIDTH.usual;
  const lines = [
    `Elastic tensor of ${report.source} (GPa, Voigt order)`,
    '',
    `  ${' '.repeat(4)}${AXES.map((axis) => axis.padStart(width)).join('')}`,
    ...rows(report.file.tensor.stiffness).map(
      (row, i) => `  ${AXES[i]!.padEnd(4)}${row.map((c) => cell(c, width)).join('')}`,
    ),
    '',
    ...characterLines(report),
    '',
    ...averageLines(report.properties, width),
    '',
    ...derivedLines(report, width),
    ...warningsOf(report).map((warning, i) => `${i === 0 ? '\n' : ''}Note: ${warning}.`),
  ];
  return `${lines.map((line) => wrapped(line, columns, LABEL_WIDTH)).join('\n')}\n`;
}

function characterLines({ file, symmetry, properties }: TensorReport): string[] {
  const { stability } = properties;
  const axis = symmetry.axis === undefined ? '' : ` about ${symmetry.axis}`;
  const verdict = stability.stable
    ? 'stable: positive definite (Born)'
    : `UNSTABLE: not positive definite (Born); softest strain ${strain(stability.softestStrain)}`;
  return [
    entry('Pattern', `${symmetry.pattern}${axis}, ${symmetry.independentConstants} constants, in the axes given`),
    entry(
      '',
      `kept to ${round(symmetry.deviation, 3)} GPa; largest |Cij - Cji| ${round(file.tensor.asymmetry, 3)} GPa`,
    ),
    entry('Mechanically', verdict),
    entry('Eigenvalues', `${Array.from(stability.eigenvalues, (value) => round(value, 2)).join('  ')} GPa`),
  ];
}

function averageLines({ voigt, stable }: ElasticProperties, width: number): string[] {
  const line = (label: string, values: readonly (number | undefined)[]) =>
    `${label.padEnd(28)}${values.map((value) => cell(value, width)).join('')}  GPa`;
  return [
    `${' '.repeat(28)}${['Voigt', 'Reuss', 'Hill'].map((name) => name.padStart(width)).join('')}`,
    line('Bulk modulus K', [voigt.bulk, stable?.reuss.bulk, stable?.hill.bulk]),
    line('Shear modulus G', [voigt.shear, stable?.reuss.shear, stable?.hill.shear]),
  ];
}

function derivedLines({ properties, density }: TensorReport, width: number): string[] {
  const { stable, acoustic } = properties;
  const line = (label: string, value: number | undefined, digits: number, note = '') =>
    `${label.padEnd(28)}${cell(value, width, digits)}  ${note}`.trimEnd();
  const pugh = stable === undefined ? '' : `${stable.pughRatio > PUGH_LIMIT ? 'above' : 'below'} ${PUGH_LIMIT}: `;
  const tendency = stable === undefined ? '' : stable.pughRatio > PUGH_LIMIT ? 'ductile' : 'brittle';
  const chen = stable?.vickersHardnessChen;
  return [
    line("Young's modulus E", stable?.youngModulus, 2, 'GPa'),
    line("Poisson's ratio", stable?.poissonRatio, 4),
    line("Pugh's ratio K/G", stable?.pughRatio, 4, `${pugh}${tendency}`),
    line('Universal anisotropy A^U', stable?.universalAnisotropy, 4),
    line('Vickers hardness, Chen 2011', chen !== undefined && chen >= 0 ? chen : undefined, 2, 'GPa'),
    line('Vickers hardness, Tian 2012', stable?.vickersHardnessTian, 2, 'GPa'),
    line('Density', density?.gramPerCm3, 4, 'g/cm^3'),
    line('Sound, longitudinal', acoustic?.soundVelocities.longitudinal, 1, 'm/s'),
    line('Sound, transverse', acoustic?.soundVelocities.transverse, 1, 'm/s'),
    line('Sound, mean', acoustic?.soundVelocities.mean, 1, 'm/s'),
    line('Debye temperature', acoustic?.debyeTemperature, 1, 'K'),
  ];
}

function entry(label: string, text: string): string {
  return `${label.padEnd(LABEL_WIDTH)}${text}`;
}

/** `n/a` where there is no value; a number too long for its column still keeps a space before it. */
function cell(value: number | undefined, width: number, digits = 2): string {
  return ` ${(value === undefined ? 'n/a' : round(value, digits)).padStart(width - 1)}`;
}

/** Fixed digits, without the minus of a rounded zero. */
function round(value: number, digits: number): string {
  return value.toFixed(digits).replace(/^-(0\.?0*)$/, '$1');
}

/** A unit strain as its larger parts: `0.71 XX - 0.71 YY`. */
function strain(components: Float64Array): string {
  const parts = AXES.flatMap((axis, i) => {
    const size = components[i]!;
    return Math.abs(size) < 0.1 ? [] : [`${size < 0 ? '- ' : '+ '}${Math.abs(size).toFixed(2)} ${axis}`];
  });
  return parts.join(' ').replace(/^\+ /, '');
}

function rows(matrix: ArrayLike<number>): number[][] {
  return Array.from({ length: 6 }, (_, i) => Array.from({ length: 6 }, (_, j) => matrix[6 * i + j]!));
}
