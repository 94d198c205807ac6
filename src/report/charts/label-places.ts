export interface PointLabel {
  readonly words: string;
  /** Of the point, pixels from the upper left corner of a square frame. */
  readonly x: number;
  readonly y: number;
}

export interface PlacedLabel {
  readonly words: string;
  readonly textAnchor: 'start' | 'middle' | 'end';
  /** From the point to the label, pixels. */
  readonly dx: number;
  readonly dy: number;
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Of an average character at 11 px; too wide is better than a collision. */
const CHARACTER_PX = 6.4;
const HEIGHT_PX = 13;
const DISTANCES_PX = [11, 24, 38, 52];
const CHARACTERS_MAX = 24;

/**
 * Each label beside its point: the first place of right, left, below and above, near and then further, where it meets
 * neither the frame nor an earlier label nor another of the points; where there is none, the first.
 */
export function placedLabels(labels: readonly PointLabel[], size: number): PlacedLabel[] {
  const taken: Box[] = labels.map(({ x, y }) => ({ left: x - 6, right: x + 6, top: y - 6, bottom: y + 6 }));
  return labels.map(({ words: all, x, y }) => {
    const words = all.length > CHARACTERS_MAX ? `${all.slice(0, CHARACTERS_MAX - 1)}\u2026` : all;
    const options = placesOf(words).map((place) => ({ place, box: boxOf(place, x, y) }));
    const free = options.find(({ box }) => inFrame(box, size) && !taken.some((other) => overlap(box, other)));
    const { place, box } = free ?? options.find(({ box: some }) => inFrame(some, size)) ?? options[0]!;
    taken.push(box);
    return place;
  });
}

function placesOf(words: string): PlacedLabel[] {
  return DISTANCES_PX.flatMap((away) => {
    const rise = away - DISTANCES_PX[0]!;
    return [
      ...[rise, -rise].flatMap((dy) => [
        { words, textAnchor: 'start' as const, dx: 10, dy },
        { words, textAnchor: 'end' as const, dx: -10, dy },
      ]),
      { words, textAnchor: 'middle' as const, dx: 0, dy: away + 3 },
      { words, textAnchor: 'middle' as const, dx: 0, dy: -away - 3 },
    ];
  });
}

function boxOf({ words, textAnchor, dx, dy }: PlacedLabel, x: number, y: number): Box {
  const width = words.length * CHARACTER_PX;
  const left = x + dx - (textAnchor === 'start' ? 0 : textAnchor === 'end' ? width : width / 2);
  return { left, right: left + width, top: y + dy - HEIGHT_PX / 2, bottom: y + dy + HEIGHT_PX / 2 };
}

function inFrame({ left, right, top, bottom }: Box, size: number): boolean {
  return left >= 0 && right <= size && top >= 0 && bottom <= size;
}

function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}
