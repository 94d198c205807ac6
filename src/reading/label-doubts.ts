import { LABEL_WARNINGS, labelWarnings } from '../learning/data/label-gate.ts';
import { compareIds } from '../model/id-order.ts';
import { type Label, methodFields } from '../model/label.ts';
import type { Modulus } from '../model/target.ts';
import { MODULI } from '../model/target.ts';
import type { Topics } from '../model/topics.ts';
import type { Projection } from './projection.ts';

export const LABEL_DOUBTS = [...LABEL_WARNINGS, 'conflict'] as const;
export type LabelDoubtCode = (typeof LABEL_DOUBTS)[number];

/** A label that is kept and used, and what speaks against it. */
interface LabelDoubt {
  readonly code: LabelDoubtCode;
  readonly materialId: string;
  /** The numbers, and where they come from. */
  readonly message: string;
}

/** Doubts of the labels in the log; the same for any order of arrival. */
export interface LabelDoubts extends Projection {
  all(): readonly LabelDoubt[];
}

/** Labels of one structure by one method that differ by more, relatively and in GPa, are in conflict. */
const CONFLICT = { relative: 0.05, gigapascal: 1 };

type Known = Pick<Label, 'id' | 'materialId' | 'provenance' | 'values'>;

export function createLabelDoubts({ labels }: Topics): LabelDoubts {
  /** By structure, label set and method: the first label by id, and all that differ from it. */
  const known = new Map<string, Known[]>();
  /** A correction is no conflict with what it corrects. */
  const superseded = new Set<string>();
  const doubts = new Map<string, LabelDoubt>();
  return {
    topics: [labels],
    types: ['LabelIngested'],
    take({ event }) {
      if (event.type !== 'LabelIngested') return;
      const { label } = event;
      if (label.supersedes !== undefined) superseded.add(label.supersedes);
      for (const code of labelWarnings(label)) {
        const message = `${valuesText(label)} by ${label.provenance}`;
        doubts.set(`${code} ${label.id}`, { code, materialId: label.materialId, message });
      }
      const key = [label.materialHash, label.labelSet, ...methodFields(label.method)].join(' ');
      const { id, materialId, provenance, values } = label;
      const alike = known.get(key) ?? [];
      if (alike.every((other) => other.id !== id)) known.set(key, [...alike, { id, materialId, provenance, values }]);
    },
    all: () => {
      const standing = [...known.values()].map((alike) => alike.filter(({ id }) => !superseded.has(id)));
      return [...doubts.values(), ...standing.flatMap(conflicts)].sort(byText);
    },
  };
}

function conflicts(alike: readonly Known[]): LabelDoubt[] {
  const [first, ...others] = alike.toSorted((a, b) => compareIds(a.id, b.id));
  return others
    .filter((other) => MODULI.some((target) => isApart(target, first!, other)))
    .map((other) => {
      const message = `${valuesText(first!)} by ${first!.provenance}, but ${valuesText(other)} by ${other.provenance}`;
      return { code: 'conflict', materialId: other.materialId, message };
    });
}

function isApart(target: Modulus, { values: a }: Known, { values: b }: Known): boolean {
  const [x, y] = [a[target], b[target]];
  if (x === undefined || y === undefined) return false;
  return Math.abs(x - y) > Math.max(CONFLICT.gigapascal, CONFLICT.relative * Math.max(Math.abs(x), Math.abs(y)));
}

function valuesText({ values }: Pick<Known, 'values'>): string {
  const parts = MODULI.flatMap((target) => (values[target] === undefined ? [] : [`${target} ${values[target]}`]));
  return `${parts.join(', ')} GPa`;
}

function byText(a: LabelDoubt, b: LabelDoubt): number {
  return compareIds(`${a.code} ${a.materialId} ${a.message}`, `${b.code} ${b.materialId} ${b.message}`);
}
