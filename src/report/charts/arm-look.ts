import type { SymbolType } from '@observablehq/plot';
import type { ReportModel } from '../report-model.ts';
import { ARM_COLOURS } from './chart-style.ts';

/** How an arm is drawn everywhere: colours that the colour-blind tell apart, and marks and dashes that do in grey too. */
export interface ArmLook {
  /** The name of its colour in the page's style. */
  readonly name: string;
  readonly colour: string;
  readonly symbol: SymbolType;
  readonly dash: string;
}

const SYMBOLS: readonly SymbolType[] = ['circle', 'square', 'triangle', 'diamond'];
export const DASHED = '7 4';

/** Seeds of one strategy look the same. */
export function armLook({ arms }: ReportModel, arm: number): ArmLook {
  const strategies = [...new Set(arms.map(({ strategy }) => strategy))];
  const place = strategies.indexOf(arms[arm]!.strategy);
  const name = `arm${(place % ARM_COLOURS) + 1}`;
  const dash = place % 2 === 1 ? DASHED : 'none';
  return { name, colour: `var(--${name})`, symbol: SYMBOLS[place % SYMBOLS.length]!, dash };
}
