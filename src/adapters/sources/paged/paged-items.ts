import type { ParsedMaterial } from '../../../formats/input-unit.ts';
import { isJsonObject } from '../../../formats/json-fields.ts';
import { quote } from '../../../formats/located-rejection.ts';
import { RejectedInput } from '../../../model/rejection.ts';
import type { MaterialSource } from '../../../ports/material-source.ts';
import { type FileSourceOptions, sourceItems } from '../files/file-source.ts';
import { itemOf } from '../files/materials-of.ts';
import { createSeenIds } from '../files/seen-ids.ts';

/** A source whose documents come page by page; a bad document is a rejection, and the others are read. */
export function pagedItems(
  id: string,
  pages: (signal: AbortSignal) => AsyncIterable<readonly unknown[]>,
  parse: (document: unknown) => ParsedMaterial,
  { moduliOf }: Pick<FileSourceOptions, 'moduliOf'>,
): MaterialSource {
  return {
    id,
    async *read(signal = new AbortController().signal) {
      const seen = createSeenIds();
      let number = 0;
      for await (const documents of pages(signal)) {
        for (const document of documents) {
          const item = itemOf(id, nameOf(document, ++number), () => parsed(document, parse));
          yield* sourceItems(item, seen, { unit: undefined, moduliOf });
        }
      }
      return {};
    },
  };
}

function parsed(document: unknown, parse: (document: unknown) => ParsedMaterial): ParsedMaterial {
  if (isJsonObject(document)) return parse(document);
  throw new RejectedInput('bad_syntax', `the document is ${quote(document)} and no object`);
}

/** By its id, which stays the same where pages are cut otherwise. */
function nameOf(document: unknown, number: number): string {
  const id = isJsonObject(document) ? (document.material_id ?? document.id) : undefined;
  return typeof id === 'string' ? id.slice(0, 128) : `entry ${number}`;
}
