import { type Composition, compositionOf, createComposition } from '../../model/composition.ts';
import { atomicNumber } from '../../model/element-symbols.ts';
import { ELEMENT_STRIDE } from '../../model/elements.ts';
import type { Material } from '../../model/material.ts';
import { RejectedInput } from '../../model/rejection.ts';
import { isJsonObject, type JsonObject } from '../json-fields.ts';
import { quote } from '../located-rejection.ts';

/** The fields in which databases name the formula of what was calculated. */
const FORMULA_FIELDS = ['formula', 'formula_pretty', 'pretty_formula', 'composition', 'composition_reduced'] as const;
const FORMULA_CHARACTERS_MAX = 200;
const NESTING_MAX = 8;

/**
 * Refuses the label of a row that says itself that it is none: of another composition than its structure, not
 * converged, or failed.
 * @throws RejectedInput `composition_mismatch`, `unconverged`
 */
export function assertOwnLabel(row: JsonObject, { id, structure }: Material): void {
  const own = compositionOf(structure);
  for (const field of FORMULA_FIELDS) {
    const stated = statedComposition(row[field]);
    if (stated === undefined || isSame(stated, own)) continue;
    const message = `${field} of ${id} is ${quote(row[field])}, but its structure has another composition`;
    throw new RejectedInput('composition_mismatch', `${message}: give the structure that was calculated`);
  }
  if (row.converged === false || row.state === 'failed') {
    const field = row.converged === false ? 'converged is false' : 'state is "failed"';
    throw new RejectedInput('unconverged', `${field} of ${id}: its moduli mean nothing; calculate it again`);
  }
}

function isSame(a: Composition, b: Composition): boolean {
  const sameElements = String(a.atomicNumbers) === String(b.atomicNumbers);
  return sameElements && a.amounts.every((amount, i) => amount === b.amounts[i]);
}

/** The composition that a formula or a table of amounts states; undefined if it states none of whole numbers. */
function statedComposition(value: unknown): Composition | undefined {
  const counts = new Float64Array(ELEMENT_STRIDE);
  if (typeof value === 'string') {
    if (!countFormula(value, counts)) return undefined;
  } else if (isJsonObject(value)) {
    for (const [symbol, amount] of Object.entries(value)) {
      const z = atomicNumber(symbol);
      if (z === undefined || typeof amount !== 'number') return undefined;
      counts[z]! += amount;
    }
  }
  const isWhole = counts.every((count) => Number.isSafeInteger(count) && count >= 0 && count <= 1e6);
  return isWhole && counts.some((count) => count > 0) ? createComposition(counts) : undefined;
}

/** Adds the atoms of `Lu(FeB)2`; false if the text is no such formula. */
function countFormula(text: string, counts: Float64Array): boolean {
  if (text.length > FORMULA_CHARACTERS_MAX) return false;
  const stack = [counts];
  const tokens = text.replace(/\s+/g, '').matchAll(/([A-Z][a-z]?)(\d*)|(\()|\)(\d*)|(.)/g);
  for (const [, symbol, amount, opening, times, other] of tokens) {
    if (other !== undefined || stack.length > NESTING_MAX) return false;
    if (opening) stack.push(new Float64Array(counts.length));
    else if (symbol) {
      const z = atomicNumber(symbol);
      if (z === undefined) return false;
      stack.at(-1)![z]! += Number(amount || 1);
    } else {
      const inner = stack.pop()!;
      const outer = stack.at(-1);
      if (!outer) return false;
      inner.forEach((count, z) => {
        outer[z]! += count * Number(times || 1);
      });
    }
  }
  return stack.length === 1;
}
