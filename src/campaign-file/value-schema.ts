import { z } from 'zod';
import { atomicNumber } from '../model/element-symbols.ts';
import { targetNameProblem } from '../model/target.ts';

const TEXT_CHARACTERS_MAX = 200;
/** No number of anything is larger, so nobody is told of this limit. */
export const COUNT_MAX = 1_000_000_000;
/** `Selected` and `RoundClosed` list a round's whole batch and must stay below 1 MiB. */
export const BATCH_MAX = 2_000;

export const text = z.string().trim().min(1).max(TEXT_CHARACTERS_MAX);
export const count = (min: number, max = COUNT_MAX) => z.number().int().min(min).max(max);
export const openFraction = z.number().gt(0).lt(1);

export const element = z
  .string()
  .refine((symbol) => atomicNumber(symbol) !== undefined, 'no such element; write it as in Na')
  .meta({ form: 'symbol', example: 'Na' });

export const targetName = z
  .string()
  .refine((name) => targetNameProblem(name) === undefined, {
    error: ({ input }) => targetNameProblem(String(input)) ?? '',
  })
  .meta({ form: '1 to 63 of a-z, 0-9, _; begins with a letter' });
