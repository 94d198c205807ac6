import { createHash } from 'node:crypto';
import { createSeenIds, type StructureOrigin } from '../../adapters/sources/files/seen-ids.ts';
import type { Rejection } from '../../model/rejection.ts';

/** What a run remembers of the structures it has met, in input order. */
export interface Ledger {
  /** How many there were, rejected ones included. */
  readonly structures: number;
  /** Enters the next one; returns its rejection where it could not be read, or where its id has been met before. */
  enter(item: { readonly origin?: StructureOrigin; readonly rejection?: Rejection }): Rejection | undefined;
  /** SHA-256 over all so far, hexadecimal. */
  hash(): string;
}

export function createLedger(): Ledger {
  const seen = createSeenIds();
  const hash = createHash('sha256');
  let structures = 0;
  // Hashing many short texts at once costs a tenth of hashing each.
  let unhashed = '';
  return {
    get structures() {
      return structures;
    },
    enter({ origin, rejection }) {
      structures++;
      if (!origin) {
        unhashed += `${rejection?.code} ${rejection?.source} ${rejection?.locator}\n`;
        return rejection;
      }
      unhashed += `${origin.id} ${origin.fingerprint}\n`;
      return seen.admit(origin) ?? rejection;
    },
    hash() {
      hash.update(unhashed);
      unhashed = '';
      return hash.copy().digest('hex');
    },
  };
}
