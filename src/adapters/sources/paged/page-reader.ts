import { AppError } from '../../../model/app-error.ts';
import type { Clock } from '../../../ports/clock.ts';

/*
 * Invariants:
 * 1. One request at a time, and a page at a time in memory, of at most PAGE_BYTES_MAX.
 * 2. What may pass (429, 5xx, a broken connection or page) is tried again as often and as late as the server says, and
 *    not for ever. What is refused (401, 400) is told at once.
 */

export interface PageReaderParts {
  readonly clock: Pick<Clock, 'sleep'>;
  readonly fetch?: typeof fetch;
  /** The variable of the environment that holds the key, for messages. */
  readonly keyName?: string;
}

export type ReadPage = (
  url: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
) => Promise<unknown>;

const ATTEMPTS_MAX = 6;
const FIRST_WAIT_MS = 1_000;
/** A server that asks for longer is tried again later by whoever asked. */
const WAIT_MS_MAX = 120_000;
const PAGE_BYTES_MAX = 128 * 2 ** 20;

export function createPageReader({ clock, fetch: get = fetch, keyName }: PageReaderParts): ReadPage {
  async function attempt(url: string, headers: Readonly<Record<string, string>>, signal: AbortSignal) {
    // A key must not follow to wherever a reply points.
    const redirect = Object.keys(headers).length > 0 ? 'manual' : 'follow';
    const response = await get(url, { headers: { accept: 'application/json', ...headers }, signal, redirect });
    const { status } = response;
    if (status === 429 || status >= 500) {
      await response.body?.cancel();
      return { problem: `answers ${status}`, waitMs: retryAfterMs(response.headers.get('retry-after')) };
    }
    if (!response.ok) {
      const said = (await bodyText(response).catch(() => '')).slice(0, 200).replace(/\s+/g, ' ');
      throw new AppError('invalid_argument', `${shown(url)} answers ${status}: ${remedy(status, keyName)} (${said})`);
    }
    try {
      return { page: JSON.parse(await bodyText(response)) as unknown };
    } catch (error) {
      if (error instanceof AppError) throw error;
      return { problem: `sends a broken page (${(error as Error).message})`, waitMs: undefined };
    }
  }

  return async (url, headers, signal) => {
    let last = '';
    for (let tries = 0; tries < ATTEMPTS_MAX; tries++) {
      const outcome = await attempt(url, headers, signal).catch((error: unknown) => {
        if (signal.aborted) throw new AppError('interrupted', `reading ${shown(url)} was interrupted`);
        if (error instanceof AppError) throw error;
        const cause = (error as Error).cause as Error | undefined;
        return { problem: `cannot be reached: ${cause?.message ?? (error as Error).message}`, waitMs: undefined };
      });
      if ('page' in outcome) return outcome.page;
      last = outcome.problem;
      const waitMs = outcome.waitMs ?? FIRST_WAIT_MS * 2 ** tries;
      if (waitMs > WAIT_MS_MAX) {
        throw new AppError('unavailable', `${shown(url)} ${last} and asks to wait ${waitMs / 1000} s: try again then`);
      }
      if (tries < ATTEMPTS_MAX - 1) await clock.sleep(waitMs, signal);
      if (signal.aborted) throw new AppError('interrupted', `reading ${shown(url)} was interrupted`);
    }
    throw new AppError('unavailable', `${shown(url)} ${last}, ${ATTEMPTS_MAX} times: try again later`);
  };
}

/** Seconds, or a date; undefined if nothing is said. */
function retryAfterMs(text: string | null): number | undefined {
  if (text === null || !/^\d+$/.test(text.trim())) return undefined;
  return 1_000 * Number(text);
}

async function bodyText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += (chunk as Uint8Array).length;
    if (size > PAGE_BYTES_MAX) {
      await response.body?.cancel().catch(() => {});
      throw new AppError('resource_exhausted', `a page has more than ${PAGE_BYTES_MAX} bytes: ask for smaller ones`);
    }
    chunks.push(chunk as Uint8Array);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

function remedy(status: number, keyName: string | undefined): string {
  if (status !== 401 && status !== 403) return 'correct the query';
  return keyName === undefined ? 'it is not open to everybody' : `put a valid key into ${keyName}`;
}

/** Without what may be secret or long. */
function shown(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}
