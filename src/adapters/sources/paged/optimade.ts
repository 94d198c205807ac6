import { parsedMaterial } from '../../../formats/json/parse-row.ts';
import { isJsonObject } from '../../../formats/json-fields.ts';
import { optimadeRow } from '../../../formats/optimade/structure-entry.ts';
import { AppError } from '../../../model/app-error.ts';
import type { MaterialSource } from '../../../ports/material-source.ts';
import type { FileSourceOptions } from '../files/file-source.ts';
import { createPageReader, type PageReaderParts, type ReadPage } from './page-reader.ts';
import { pagedItems } from './paged-items.ts';

export interface OptimadeOptions extends PageReaderParts, Pick<FileSourceOptions, 'moduliOf'> {}

/** The major version that is read; within it fields are only added. */
const VERSION = 'v1';

/**
 * Opens a provider of OPTIMADE as a source: its base address, perhaps with `?filter=...`. Pages follow by `links.next`.
 * @throws AppError `invalid_argument` for what is no address
 */
export function openOptimade(address: string, options: OptimadeOptions): MaterialSource {
  const readPage = createPageReader(options);
  const first = structuresUrl(address);
  const id = `optimade:${address}`;
  async function* pages(signal: AbortSignal): AsyncGenerator<readonly unknown[], void> {
    await assertVersion(first, readPage, signal);
    const met = new Set<string>();
    for (let url: string | undefined = first.href; url !== undefined; ) {
      if (met.has(url)) throw new AppError('unavailable', `${id}: links.next points back to ${url}: tell its provider`);
      met.add(url);
      const page = await readPage(url, {}, signal);
      if (!isJsonObject(page) || !Array.isArray(page.data)) {
        throw new AppError('unavailable', `${id}: the page ${met.size} has no list data`);
      }
      yield page.data as unknown[];
      url = nextOf(page.links, url, id);
    }
  }
  return pagedItems(id, pages, (entry) => parsedMaterial(optimadeRow(entry), undefined), options);
}

function structuresUrl(address: string): URL {
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    throw new AppError('invalid_argument', `optimade:${address} is no address: give optimade:https://...`);
  }
  if (!/^https?:$/.test(url.protocol)) {
    throw new AppError('invalid_argument', `optimade:${address}: only http and https are followed`);
  }
  if (!/\/structures\/?$/.test(url.pathname)) {
    const base = url.pathname.replace(/\/+$/, '');
    url.pathname = /\/v\d+$/.test(base) ? `${base}/structures` : `${base}/${VERSION}/structures`;
  }
  return url;
}

/** Providers tell their versions as CSV, at an address without one; where they do not, the first page decides. */
async function assertVersion(first: URL, readPage: ReadPage, signal: AbortSignal): Promise<void> {
  const info = new URL(first.href.replace(/\/structures\/?.*$/, '/info'));
  const page = await readPage(info.href, {}, signal);
  const meta = isJsonObject(page) && isJsonObject(page.meta) ? page.meta : {};
  const { api_version: version } = meta;
  if (typeof version !== 'string' || /^v?1\./.test(version)) return;
  throw new AppError('invalid_argument', `${first.origin} speaks OPTIMADE ${version}: only ${VERSION} is read`);
}

/** A text or `{href}`, whole or relative; null at the end. It stays at its provider: keys and filters go nowhere else. */
function nextOf(links: unknown, from: string, id: string): string | undefined {
  const next = isJsonObject(links) ? links.next : undefined;
  const href = isJsonObject(next) ? next.href : next;
  if (typeof href !== 'string' || href === '') return undefined;
  const url = new URL(href, from);
  if (url.host !== new URL(from).host) {
    throw new AppError('unavailable', `${id}: links.next leads to ${url.host}: name it by itself to read there`);
  }
  return url.href;
}
