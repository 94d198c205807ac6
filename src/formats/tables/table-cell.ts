import { RejectedInput } from '../../model/rejection.ts';
import { isJsonObject, type JsonObject, parseJson } from '../json-fields.ts';
import { quote } from '../located-rejection.ts';
import { poscarHead } from '../poscar/poscar-head.ts';
import type { TableColumn } from './table-columns.ts';

/** What programs write where nothing is known. */
const UNKNOWN = /^(?:|nan|null|none|n\/?a|-+|\?)$/i;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eEdD][+-]?\d+)?$/;
const DECIMAL_COMMA = /^[+-]?\d*,\d+(?:[eE][+-]?\d+)?$/;
const NUMBER_CHARACTERS_MAX = 64;

export function isUnknown(cell: unknown): boolean {
  if (typeof cell === 'number') return Number.isNaN(cell);
  return cell === undefined || cell === null || (typeof cell === 'string' && UNKNOWN.test(cell.trim()));
}

/** Whether a text is a number with a comma before its decimals. */
export function hasDecimalComma(cell: unknown): boolean {
  return typeof cell === 'string' && cell.length <= NUMBER_CHARACTERS_MAX && DECIMAL_COMMA.test(cell.trim());
}

/**
 * The number in a cell; undefined where none is known.
 * @throws RejectedInput `bad_number`
 */
export function cellNumber(cell: unknown, { title }: TableColumn, isDecimalComma: boolean): number | undefined {
  if (isUnknown(cell)) return undefined;
  if (typeof cell === 'number' && Number.isFinite(cell)) return cell;
  const text = typeof cell === 'string' && cell.length <= NUMBER_CHARACTERS_MAX ? cell.trim() : '';
  const written = isDecimalComma && DECIMAL_COMMA.test(text) ? text.replace(',', '.') : text;
  if (NUMBER.test(written)) return Number(written.replace(/d/i, 'e'));
  const remedy = DECIMAL_COMMA.test(text)
    ? 'write a point before decimals, or say --decimal comma'
    : 'write a number alone, or leave the cell empty where unknown';
  throw new RejectedInput('bad_number', `column ${quote(title)} holds ${quote(cell)}; ${remedy}`);
}

/** A structure as a cell holds it. */
export type StructureCell =
  | { readonly format: 'json'; readonly json: JsonObject }
  | { readonly format: 'cif' | 'poscar'; readonly text: string };

/**
 * The structure in a cell: a pymatgen dict as object or JSON text, CIF text or POSCAR text.
 * @throws RejectedInput `missing_field`, `bad_syntax`, `unsupported_format`
 */
export function structureCell(cell: unknown, { title }: TableColumn): StructureCell {
  const field = `column ${quote(title)}`;
  if (isUnknown(cell)) throw new RejectedInput('missing_field', `${field} is empty; give the structure`);
  if (isJsonObject(cell)) return { format: 'json', json: cell };
  if (typeof cell !== 'string')
    throw new RejectedInput('unsupported_format', `${field} holds ${quote(cell)}; ${AS_TEXT}`);
  const trimmed = cell.trimStart();
  if (trimmed.startsWith('{')) return { format: 'json', json: jsonOf(trimmed, field) };
  // Some tables keep the text as a program prints it, its line ends as two characters.
  const text = cell.includes('\n') ? cell : cell.replace(/\\n/g, '\n');
  if (/^[ \t]*data_/im.test(text)) return { format: 'cif', text };
  if (poscarHead(text)) return { format: 'poscar', text };
  const remedy = /^(?:Full Formula|Structure Summary)/.test(trimmed)
    ? `it is pymatgen's summary for people; ${AS_TEXT}`
    : AS_TEXT;
  throw new RejectedInput('unsupported_format', `${field} holds ${quote(trimmed.replace(/\s+/g, ' '))}; ${remedy}`);
}

const AS_TEXT = "write json.dumps(structure.as_dict()), CIF text or POSCAR text, or a file's name with --structures";

function jsonOf(text: string, field: string): JsonObject {
  if (text.startsWith("{'")) {
    const remedy = 'write json.dumps(structure.as_dict())';
    throw new RejectedInput('bad_syntax', `${field} holds a dict as Python prints it, which is no JSON; ${remedy}`);
  }
  const value = parseJson(text);
  if (isJsonObject(value)) return value;
  throw new RejectedInput('bad_syntax', `${field} holds ${quote(value)}; ${AS_TEXT}`);
}

/** Whether a text may name a file: one line that is no structure itself. */
export function mayNameFile(cell: unknown): cell is string {
  return typeof cell === 'string' && cell.length <= 512 && !/[\n\r{]/.test(cell) && !cell.includes('\\n');
}
