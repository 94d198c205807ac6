import { atomicNumber } from '../../model/element-symbols.ts';
import { RejectedInput } from '../../model/rejection.ts';
import { espressoFunctional } from './espresso-units.ts';

/** What the head of a pseudopotential file in UPF says. */
export interface UpfHeader {
  readonly element: string;
  /** `LDA`, `PBE`. */
  readonly functional: string;
  /** Whether the density needs a larger cutoff than four times that of the wave functions. */
  readonly isAugmented: boolean;
}

const HEADER_CHARACTERS_MAX = 20_000;

/**
 * Reads the header of UPF version 1 or 2.
 * @param text the file, or its beginning
 * @throws RejectedInput `unsupported_format`, `missing_field`
 */
export function upfHeader(text: string): UpfHeader {
  const at = text.search(/<PP_HEADER[\s>]/);
  if (at < 0) throw new RejectedInput('unsupported_format', 'there is no <PP_HEADER>: it is no pseudopotential in UPF');
  const head = text.slice(at, at + HEADER_CHARACTERS_MAX);
  const fields = head.startsWith('<PP_HEADER>') ? fieldsOfLines(head) : fieldsOfAttributes(head);
  const element = (fields.element ?? '').trim();
  if (atomicNumber(element) === undefined) {
    throw new RejectedInput('missing_field', `its header names the element ${JSON.stringify(element.slice(0, 20))}`);
  }
  const functional = espressoFunctional(fields.functional ?? '');
  if (functional === undefined) throw new RejectedInput('missing_field', 'its header names no functional');
  return { element, functional, isAugmented: !/^(?:NC|SL|1\/r)$/i.test((fields.type ?? '').trim()) };
}

interface Fields {
  readonly element?: string | undefined;
  readonly functional?: string | undefined;
  readonly type?: string | undefined;
}

/** Version 2: `<PP_HEADER element="Si" pseudo_type="NC" functional=" SLA  PZ   NOGX NOGC" ... />`. */
function fieldsOfAttributes(head: string): Fields {
  const named = (name: string) => new RegExp(`\\s${name}\\s*=\\s*(["'])(.*?)\\1`, 's').exec(head)?.[2];
  return { element: named('element'), functional: named('functional'), type: named('pseudo_type') };
}

/** Version 1: one value a line, its meaning behind it. */
function fieldsOfLines(head: string): Fields {
  const before = (meaning: RegExp) => {
    const line = head.split('\n').find((text) => meaning.test(text));
    return line?.slice(0, line.search(meaning)).trim();
  };
  // The four parts of the functional stand before its short name.
  const functional = before(/Exchange-Correlation/)
    ?.split(/\s+/)
    .slice(0, 4)
    .join(' ');
  const type = before(/Norm\s*-?\s*Conserving|Ultrasoft|Projector/i);
  return { element: before(/Element/), functional, type };
}
