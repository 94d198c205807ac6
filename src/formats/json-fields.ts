import { createLattice, type Lattice } from '../model/lattice.ts';
import { RejectedInput } from '../model/rejection.ts';
import { SITES_MAX } from '../model/structure.ts';
import { quote } from './located-rejection.ts';

/** The part of an invalid JSON text that is searched for the cause. */
const HINT_CHARACTERS_MAX = 100_000;

/** A label's field with its numbers, including values that JSON forbids but Python writes. */
const LABEL_FIELD = /"(?:g_vrh|k_vrh|elastic_tensor)"\s*:[-+.,\d\s[\]a-zA-Z]*/g;
const NO_NUMBER = /-?\b(?:NaN|Infinity)\b/g;

/** A JSON object whose fields nobody has checked yet. */
export type JsonObject = { readonly [field: string]: unknown };

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * JSON.parse whose errors are rejections, with a hint for Python's NaN. A NaN in a label's field is read as text: the
 * reader of the label rejects it, and the structure remains usable.
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const quoted = text.replace(LABEL_FIELD, (field) => field.replace(NO_NUMBER, '"$&"'));
    if (quoted !== text) return parseJson(quoted);
    const bare = /[[:,\s](-?(?:NaN|Infinity))[\s,}\]]/.exec(text.slice(0, HINT_CHARACTERS_MAX));
    if (bare) throw new RejectedInput('bad_number', `${bare[1]} is not a number in JSON; write null where unknown`);
    throw new RejectedInput('bad_syntax', `not valid JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Reads three rows of three numbers. */
export function parseLattice(value: unknown, field: string): Lattice {
  if (value === undefined || value === null)
    throw missing(field, 'give the vectors a, b, c as three rows of three numbers');
  const isList = Array.isArray(value) && value.length === 3;
  if (!isList)
    throw new RejectedInput('bad_lattice', `${field} must be three rows of three numbers, not ${quote(value)}`);
  return createLattice(parseRows3(value, field));
}

/**
 * Three rows of three numbers as Float64Array[9], row-major.
 * @throws RejectedInput `bad_number`
 */
export function parseRows3(value: unknown, field: string): Float64Array {
  const matrix = new Float64Array(9);
  if (!Array.isArray(value) || value.length !== 3) {
    throw new RejectedInput('bad_number', `${field} must be three rows of three numbers, not ${quote(value)}`);
  }
  for (let row = 0; row < 3; row++) {
    if (!copyVector(value[row], matrix, 3 * row)) throw badVector(value[row], `${field}[${row}]`);
  }
  return matrix;
}

/** Copies three numbers to `out` at `offset`; false if `vector` is anything else. */
export function copyVector(vector: unknown, out: Float64Array, offset: number): boolean {
  if (!Array.isArray(vector) || vector.length !== 3) return false;
  const [x, y, z] = vector as unknown[];
  if (typeof x !== 'number' || typeof y !== 'number' || typeof z !== 'number') return false;
  out[offset] = x;
  out[offset + 1] = y;
  out[offset + 2] = z;
  return true;
}

export function badVector(value: unknown, field: string): RejectedInput {
  return new RejectedInput('bad_number', `${field} must be three numbers, not ${quote(value)}`);
}

export function missing(field: string, remedy: string): RejectedInput {
  return new RejectedInput('missing_field', `${field} is missing or malformed; ${remedy}`);
}

export function tooManySites(n: number): RejectedInput {
  return new RejectedInput('too_many_sites', `${n} sites; at most ${SITES_MAX} are allowed`);
}
