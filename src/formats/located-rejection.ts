import { RejectedInput, type RejectionCode } from '../model/rejection.ts';

/** A RejectedInput with its place in the source. */
export class LocatedRejection extends RejectedInput {
  /** `line 7`, `block data_NaCl`, `entry 3`. */
  readonly locator: string | undefined;
  readonly materialId: string | undefined;

  constructor(code: RejectionCode, message: string, place: { locator?: string; materialId?: string }) {
    super(code, message);
    this.locator = place.locator;
    this.materialId = place.materialId;
  }
}

/** Runs `parse` and adds the given place to a rejection that has none. Any other error passes unchanged. */
export function locate<T>(place: { locator?: string; materialId?: string }, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof RejectedInput)) throw error;
    throw new LocatedRejection(
      error.code,
      error.message,
      error instanceof LocatedRejection ? { ...place, ...known(error) } : place,
    );
  }
}

function known({ locator, materialId }: LocatedRejection): { locator?: string; materialId?: string } {
  return { ...(locator !== undefined && { locator }), ...(materialId !== undefined && { materialId }) };
}

const QUOTED_CHARACTERS_MAX = 60;

/** A value as messages show it: text in quotes, cut if it is long. */
export function quote(value: unknown): string {
  const isText = typeof value === 'string';
  const text = isText ? value : written(value);
  const shown = text.length > QUOTED_CHARACTERS_MAX ? `${text.slice(0, QUOTED_CHARACTERS_MAX)}...` : text;
  return isText ? `"${shown}"` : shown;
}

/** JSON.parse reads nesting of any depth, but JSON.stringify needs stack for each level. */
function written(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch (error) {
    if (error instanceof RangeError) return 'a list or object nested too deeply to show';
    throw error;
  }
}
