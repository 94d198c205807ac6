import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PlacedLabel, type PointLabel, placedLabels } from '../../../src/report/charts/label-places.ts';

const SIZE = 380;
const left = ({ words, textAnchor, dx }: PlacedLabel, x: number) =>
  x + dx - { start: 0, middle: 0.5, end: 1 }[textAnchor] * words.length * 6.4;

describe('placedLabels', () => {
  it('puts a label to the right of its point, or to the left where the frame ends', () => {
    const [inside, outside] = [
      { words: 'NaCl', x: 100, y: 100 },
      { words: 'Na5SmSi4O12', x: 370, y: 200 },
    ];
    expect(placedLabels([inside, outside], SIZE)).toEqual([
      { words: 'NaCl', textAnchor: 'start', dx: 10, dy: 0 },
      { words: 'Na5SmSi4O12', textAnchor: 'end', dx: -10, dy: 0 },
    ]);
  });

  it('keeps five labels of one place apart', () => {
    const labels = Array.from({ length: 5 }, (_, i) => ({ words: `NaCl${i}`, x: 190, y: 190 }));
    const places = placedLabels(labels, SIZE).map((label) => `${label.textAnchor} ${label.dx} ${label.dy}`);
    expect(new Set(places).size).toBe(5);
  });

  it('cuts long names, and never leaves the frame', () => {
    const pixel = fc.double({ min: 0, max: SIZE, noNaN: true });
    const label: fc.Arbitrary<PointLabel> = fc.record({ words: fc.string({ maxLength: 60 }), x: pixel, y: pixel });
    fc.assert(
      fc.property(fc.array(label, { maxLength: 5 }), (labels) => {
        placedLabels(labels, SIZE).forEach((placed, i) => {
          expect(placed.words.length).toBeLessThanOrEqual(24);
          const from = left(placed, labels[i]!.x);
          expect(from).toBeGreaterThanOrEqual(-1e-9);
          expect(from + placed.words.length * 6.4).toBeLessThanOrEqual(SIZE + 1e-9);
        });
      }),
    );
  });
});
