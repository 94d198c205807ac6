import type { SymbolType } from '@observablehq/plot';
import type { ParityPoint } from '../report-model.ts';
import type { ArmLook } from './arm-look.ts';

/** The test set last, so that its fewer points lie above. */
export const SETS = ['candidates', 'test'] as const;

export interface SetLook {
  readonly fill: string;
  readonly fillOpacity: number;
  readonly symbol: SymbolType;
}

/** Colour and mark of the two sets that have known values. */
export function setLook({ colour }: ArmLook): Readonly<Record<ParityPoint['set'], SetLook>> {
  return {
    candidates: { fill: 'var(--neutral)', fillOpacity: 0.65, symbol: 'square' },
    test: { fill: colour, fillOpacity: 0.7, symbol: 'circle' },
  };
}
