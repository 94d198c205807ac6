import {
  type DotOptions,
  dot,
  type Markish,
  type MarkOptions,
  text,
  type VectorOptions,
  vector,
} from '@observablehq/plot';

export interface LegendEntry {
  readonly label: string;
  /** Marks of a sample that is at most 24 wide and 12 high, around a place. */
  readonly key: readonly ((place: LegendPlace) => Markish)[];
}

type LegendPlace = Required<Pick<DotOptions, 'frameAnchor' | 'dx' | 'dy'>>;

export const LEGEND_ROW_PX = 20;
/** Of an average character at the charts' 12 px; too wide is better than a collision. */
const CHARACTER_PX = 6.7;
const KEY_PX = 30;
const GAP_PX = 20;
const LABEL_CHARACTERS_MAX = 50;

/** A line as long as a sample. */
export function lineKey(style: VectorOptions) {
  return (place: LegendPlace) => vector([0], { ...style, ...place, length: 24, rotate: 90, shape: LINE });
}

export function dotKey(style: DotOptions) {
  return (place: LegendPlace) => dot([0], { ...style, ...place });
}

const LINE = {
  draw(context: { moveTo(x: number, y: number): void; lineTo(x: number, y: number): void }, length: number): void {
    context.moveTo(0, 0);
    context.lineTo(0, -length);
  },
};

/** The legend above the frame, where no data can be, from `left` of it on: as many entries in a row as fit into `width`. */
export function legendRows(
  legend: readonly LegendEntry[],
  left: number,
  width: number,
): { rows: number; marks: Markish[] } {
  let [row, at] = [0, left];
  const placed = legend.map(({ label, key }) => {
    const shown = label.length > LABEL_CHARACTERS_MAX ? `${label.slice(0, LABEL_CHARACTERS_MAX - 1)}\u2026` : label;
    const entryWidth = KEY_PX + shown.length * CHARACTER_PX + GAP_PX;
    if (at > left && at + entryWidth - GAP_PX > left + width) [row, at] = [row + 1, left];
    const entry = { row, at, shown, key };
    at += entryWidth;
    return entry;
  });
  const rows = legend.length === 0 ? 0 : row + 1;
  const marks = placed.flatMap((entry) => {
    const dy = -14 - LEGEND_ROW_PX * (rows - 1 - entry.row);
    const place = { frameAnchor: 'top-left', dy } as const;
    const label: MarkOptions = { dx: entry.at + KEY_PX };
    return [
      ...entry.key.map((mark) => mark({ ...place, dx: entry.at + KEY_PX / 2 - 3 })),
      text([entry.shown], { ...place, ...label, textAnchor: 'start', lineAnchor: 'middle' }),
    ];
  });
  return { rows, marks };
}
