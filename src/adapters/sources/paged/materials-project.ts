import { parsedMaterial } from '../../../formats/json/parse-row.ts';
import { isJsonObject, type JsonObject } from '../../../formats/json-fields.ts';
import { AppError } from '../../../model/app-error.ts';
import type { MaterialSource } from '../../../ports/material-source.ts';
import type { FileSourceOptions } from '../files/file-source.ts';
import { createPageReader, type PageReaderParts } from './page-reader.ts';
import { pagedItems } from './paged-items.ts';

const ENDPOINT = 'https://api.materialsproject.org';
const PAGE_ROWS = 500;
const ROUTES = ['summary', 'elasticity'] as const;
const FIELDS = {
  summary: [
    ...['material_id', 'formula_pretty', 'structure', 'bulk_modulus', 'shear_modulus', 'deprecated'],
    ...['formation_energy_per_atom', 'energy_above_hull', 'band_gap'],
  ],
  elasticity: [
    ...['material_id', 'formula_pretty', 'structure', 'bulk_modulus', 'shear_modulus', 'elastic_tensor', 'state'],
    ...['fitting_data.failed_uuids', 'deprecated'],
  ],
} as const;

export interface MaterialsProjectOptions extends PageReaderParts, Pick<FileSourceOptions, 'moduliOf'> {
  readonly apiKey: string | undefined;
  readonly endpoint?: string | undefined;
}

/**
 * Opens the Materials Project as a source: `summary?elements=Na&k_vrh_min=10` or `elasticity?...`, with the API's own
 * filters. Pages are asked for by `_skip`, until one is empty or all have come.
 * @throws AppError `invalid_argument` for another route, a filter that pages, or without a key
 */
export function openMaterialsProject(query: string, options: MaterialsProjectOptions): MaterialSource {
  const [route = '', filters = ''] = query.split('?', 2);
  const known = ROUTES.find((one) => one === route);
  if (known === undefined) {
    throw new AppError('invalid_argument', `mp:${query}: give one of ${ROUTES.join(', ')}, perhaps with ?filters`);
  }
  const { apiKey, endpoint = ENDPOINT } = options;
  if (!apiKey)
    throw new AppError('invalid_argument', 'the Materials Project asks for a key: put yours into MP_API_KEY');
  const paging = [...new URLSearchParams(filters).keys()].find((name) => name.startsWith('_'));
  if (paging !== undefined) throw new AppError('invalid_argument', `mp:${query}: leave out ${paging}: pages are ours`);
  const readPage = createPageReader({ ...options, keyName: 'MP_API_KEY' });
  const id = `mp:${query}`;
  async function* pages(signal: AbortSignal): AsyncGenerator<readonly unknown[], void> {
    for (let skip = 0; ; ) {
      const url = new URL(`${endpoint}/materials/${known}/?${filters}`);
      url.searchParams.set('_fields', FIELDS[known!].join(','));
      url.searchParams.set('_limit', `${PAGE_ROWS}`);
      url.searchParams.set('_skip', `${skip}`);
      const page = await readPage(url.href, { 'X-API-KEY': apiKey! }, signal);
      const { data, meta } = isJsonObject(page) ? page : ({} as JsonObject);
      if (!Array.isArray(data)) throw new AppError('unavailable', `${id}: the page from ${skip} on has no list data`);
      if (data.length === 0) return;
      yield data as unknown[];
      skip += data.length;
      const total = isJsonObject(meta) ? meta.total_doc : undefined;
      if (typeof total === 'number' && skip >= total) return;
    }
  }
  return pagedItems(id, pages, (doc) => parsedMaterial(doc as JsonObject, undefined), options);
}
