import { isAscii, isUtf8 } from 'node:buffer';
import { basename } from 'node:path';
import { parseCif } from '../../../formats/cif/parse-cif.ts';
import type {
  DocumentEntry,
  DocumentUnit,
  EntriesUnit,
  InputUnit,
  ParsedMaterial,
  RowsUnit,
  RunUnit,
  StructureItem,
  TableUnit,
} from '../../../formats/input-unit.ts';
import { parseJsonDocument, parseListEntry } from '../../../formats/json/parse-json-document.ts';
import { parseRow } from '../../../formats/json/parse-row.ts';
import { labelOfRun } from '../../../formats/label-of-run.ts';
import { LocatedRejection, locate } from '../../../formats/located-rejection.ts';
import { parsePoscar } from '../../../formats/poscar/parse-poscar.ts';
import { parseTableRow } from '../../../formats/tables/parse-table-row.ts';
import { assertUsable } from '../../../model/calculation-run.ts';
import type { Material } from '../../../model/material.ts';
import { parseMaterialId } from '../../../model/material-id.ts';
import { RejectedInput, type Rejection } from '../../../model/rejection.ts';

const LF = 10;

/**
 * Yields the materials and rejections of a unit, in order. The caller checks for duplicate ids, since only the caller
 * sees all units.
 */
export function* materialsOf(unit: InputUnit): Generator<StructureItem, void, void> {
  if (unit.kind === 'rejection') yield unit;
  else if (unit.kind === 'rows') yield* rowsOf(unit);
  else if (unit.kind === 'item') yield unit.item;
  else if (unit.kind === 'run') yield itemOf(unit.source, unit.locator, () => materialOfRun(unit));
  else if (unit.kind === 'table') yield* tableOf(unit);
  else if (unit.kind === 'entries') yield* listOf(unit);
  else yield* documentOf(unit);
}

function* rowsOf({ source, firstLine, bytes }: RowsUnit): Generator<StructureItem, void, void> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isAllAscii = isAscii(buffer);
  for (let start = 0, line = firstLine; start < buffer.length; line++) {
    const lineFeed = buffer.indexOf(LF, start);
    const end = lineFeed < 0 ? buffer.length : lineFeed;
    if (!isBlank(buffer, start, end)) {
      const [from, to] = [start, end];
      yield itemOf(source, `line ${line}`, () => {
        if (isAllAscii) return parseRow(buffer.toString('latin1', from, to));
        if (isUtf8(buffer.subarray(from, to))) return parseRow(buffer.toString('utf8', from, to));
        throw notUtf8();
      });
    }
    start = end + 1;
  }
}

function* listOf({ source, entries, idHint }: EntriesUnit): Generator<StructureItem, void, void> {
  for (const { number, entry } of entries) {
    yield itemOf(source, `entry ${number}`, () => {
      if (entry === undefined)
        throw new RejectedInput('too_large', 'the entry is longer than 16 MiB; write one structure to an entry');
      if (!isUtf8(entry)) throw notUtf8();
      return parseListEntry(
        Buffer.from(entry.buffer, entry.byteOffset, entry.byteLength).toString('utf8'),
        `${idHint}#${number}`,
      );
    });
  }
}

function* tableOf({ source, counts, columns, idHint, rows }: TableUnit): Generator<StructureItem, void, void> {
  for (const row of rows) {
    yield itemOf(source, `${counts} ${row.number}`, () => {
      const { file } = row;
      return parseTableRow(row, columns, idHint, file && (() => onlyMaterial(file)));
    });
  }
}

/** The material of a file that a row names. */
function onlyMaterial(file: InputUnit): Material {
  const [item, second] = materialsOf(file);
  if (item?.kind === 'material' && second === undefined) return item.material;
  if (item?.kind === 'rejection') {
    const { code, message, source, locator } = item.rejection;
    const place = [file.kind === 'rejection' ? undefined : basename(source), locator].filter(Boolean).join(', ');
    throw new RejectedInput(code, place === '' ? message : `${place}: ${message}`);
  }
  throw new RejectedInput('bad_syntax', 'its structure file holds several structures; give one file per row');
}

function isBlank(buffer: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (buffer[i]! > 32) return false;
  return true;
}

function* documentOf(unit: DocumentUnit): Generator<StructureItem, void, void> {
  const buffer = Buffer.from(unit.bytes.buffer, unit.bytes.byteOffset, unit.bytes.byteLength);
  try {
    if (!isUtf8(buffer)) throw notUtf8();
    for (const entry of entriesOf(unit, buffer.toString('utf8'))) yield itemOf(unit.source, entry.locator, entry.parse);
  } catch (error) {
    yield { kind: 'rejection', rejection: rejectionOf(error, unit.source) };
  }
}

function entriesOf({ format, idHint }: DocumentUnit, text: string): Iterable<DocumentEntry> {
  if (format === 'cif') return parseCif(text, idHint);
  if (format === 'json') return parseJsonDocument(text, idHint);
  const parse = () => {
    const id = parseMaterialId(idHint);
    return { material: { id, structure: locate({ materialId: id }, () => parsePoscar(text)) } };
  };
  return [{ parse }];
}

function materialOfRun({ run, idHint }: RunUnit): ParsedMaterial {
  const id = parseMaterialId(idHint);
  return locate({ materialId: id }, () => {
    assertUsable(run);
    const label = labelOfRun(run);
    return { material: { id, structure: run.structure }, ...(label !== undefined && { label }) };
  });
}

/** Returns what `parse` reads, or why it refuses. */
export function itemOf(source: string, locator: string | undefined, parse: () => ParsedMaterial): StructureItem {
  try {
    const { material, json, label, badLabel } = parse();
    return {
      kind: 'material',
      material,
      source,
      ...(locator !== undefined && { locator }),
      ...(json !== undefined && { json }),
      ...(label !== undefined && { label }),
      ...(badLabel !== undefined && { badLabel }),
    };
  } catch (error) {
    return { kind: 'rejection', rejection: rejectionOf(error, source, locator) };
  }
}

function notUtf8(): RejectedInput {
  return new RejectedInput(
    'bad_encoding',
    'the text is not UTF-8; convert it, for example with iconv -f latin1 -t utf-8',
  );
}

/** Any other error than a RejectedInput is a defect of this program and must not count as bad input. */
function rejectionOf(error: unknown, source: string, locator?: string): Rejection {
  if (!(error instanceof RejectedInput)) throw error;
  const place = error instanceof LocatedRejection ? error : undefined;
  const where = locator ?? place?.locator;
  return {
    code: error.code,
    message: error.message,
    source,
    ...(where !== undefined && { locator: where }),
    ...(place?.materialId !== undefined && { materialId: place.materialId }),
  };
}
