import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COMPARED_STRATEGIES } from '../../src/learning/campaign/campaign-config.ts';
import { MODULI } from '../../src/model/target.ts';
import { renderReport } from '../../src/report/render-report.ts';
import type {
  FeatureImportance,
  MetricsRow,
  ParityPoint,
  ReportArm,
  ReportModel,
  SelectedRow,
  UncertaintyHistogram,
} from '../../src/report/report-model.ts';
import { comparisonModel } from '../support/report-models.ts';

const NOTHING: ReportArm = {
  name: 'exploration',
  strategy: 'exploration',
  seed: 1,
  rounds: [],
  parity: {},
  uncertainty: {},
  importances: {},
};
const small = comparisonModel({ rounds: 3, batch: 3, points: 12 });

function withArms(...arms: ReportArm[]): ReportModel {
  return { ...small, arms };
}

/** What a reader reads, without markup and style. */
function textOf(page: string): string {
  return page
    .replace(/<style>.*?<\/style>/gs, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&#39;/g, "'")
    .replace(/\s+/g, ' ');
}

function charts(page: string): string[] {
  return page.match(/<svg.*?<\/svg>/gs) ?? [];
}

describe('renderReport', () => {
  it('is the same page for the same model', () => {
    expect(renderReport(small)).toBe(renderReport(structuredClone(small)));
  });

  it('tells what happened in one sentence per arm and target, with the numbers of the test set', () => {
    const metrics = (mae: number): MetricsRow => ({ ...small.arms[0]!.rounds[0]!.metrics[0]!, mae });
    const rounds = (...maes: number[]) =>
      maes.map((mae, i) => ({
        round: i + 1,
        labels: 100 + 60 * i,
        added: 60 * i,
        metrics: [metrics(mae)],
        selected: [],
      }));
    const page = (...maes: number[]) => textOf(renderReport(withArms({ ...NOTHING, rounds: rounds(...maes) })));
    expect(page(14.2, 13, 12.1)).toContain(
      'After 120 labels exploration brings the test MAE of the shear modulus G from 14.20 to 12.10 GPa.',
    );
    expect(page(12.1, 14.2)).toContain(
      'exploration raises the test MAE of the shear modulus G from 12.10 to 14.20 GPa.',
    );
    expect(page(12.1, 12.2)).toContain("from 12.10 to 12.20 GPa, less than the members' STDEV of 0.35 GPa.");
    expect(page(12.101, 12.102)).toContain('exploration leaves the test MAE of the shear modulus G at 12.10 GPa');
    expect(page(12.1)).toContain('the test MAE of the shear modulus G is 12.10 GPa, from one round.');
    expect(page(12.1)).toContain('exploration : the bulk modulus K has no test error');
    expect(page(Number.NaN)).toContain('exploration : the shear modulus G has no test error');
  });

  it('escapes all that comes from data', () => {
    const evil = `"><script>alert('x')</script>&<b>`;
    const [arm] = small.arms;
    const model: ReportModel = {
      ...small,
      name: evil,
      generatedAt: evil,
      elastreamVersion: evil,
      status: evil,
      settings: [[evil, evil]],
      data: [[evil, evil]],
      credits: [evil],
      arms: [
        {
          ...arm!,
          name: evil,
          stopReason: evil,
          rounds: arm!.rounds.map((round) => ({
            ...round,
            selected: round.selected.map((row) => ({ ...row, materialId: evil, formula: evil, at: evil })),
          })),
          parity: { g_vrh: arm!.parity.g_vrh!.map((point) => ({ ...point, materialId: evil, formula: evil })) },
          importances: { g_vrh: arm!.importances.g_vrh!.map((row) => ({ ...row, feature: evil, unit: evil })) },
        },
      ],
    };
    const page = renderReport(model);
    expect(page).not.toContain('<script');
    expect(page).not.toContain('<b>');
    expect(
      page.split('&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;&lt;b&gt;').length,
    ).toBeGreaterThan(30);
    const [, base64] = /data:image\/svg\+xml;base64,([^"]+)/.exec(page)!;
    expect(Buffer.from(base64!, 'base64').toString('utf8')).not.toContain('<script');
  });

  it('says so first where labels are simulated', () => {
    expect(textOf(renderReport(small))).toMatch(/^.{0,80}Simulated labels, not DFT[.]/);
    expect(renderReport({ ...small, simulated: false })).not.toContain('Simulated labels');
    // A figure that leaves the page takes the warning along.
    expect(textOf(renderReport(small))).toMatch(/G by its label, partly simulated \(GPa\).* G simulated /);
    expect(textOf(renderReport({ ...small, simulated: false }))).toContain('G calculated (GPa)');
  });

  it('names the largest errors in the figure and in a table', () => {
    const points = small.arms[0]!.parity.g_vrh!.map((point, i) => {
      return { ...point, formula: `X${i}`, mean: point.actual + (i === 7 ? -40.04 : 1) };
    });
    const page = renderReport(withArms({ ...small.arms[0]!, parity: { g_vrh: points } }));
    const figure = charts(page).find((chart) => chart.includes('id="parity-g_vrh-1-title"'));
    expect(textOf(figure!)).toMatch(/ X7 /);
    expect(textOf(page)).toMatch(/ X7 mp-7 candidates [\d.]+ \S+ \u00b1 \S+ 40[.]0 /);
  });

  it('has logarithmic axes too where values span a wide range, and says which are which', () => {
    const parityOf = (...values: number[]) =>
      values.map((actual, i) => ({
        materialId: `m${i}`,
        actual,
        mean: actual,
        standardDeviation: 1,
        set: 'test' as const,
      }));
    const page = (...values: number[]) =>
      textOf(renderReport(withArms({ ...small.arms[0]!, parity: { g_vrh: parityOf(...values) } })));
    expect(page(20, 30, 90)).toContain('of the latest round, linear axes');
    expect(page(20, 30, 90)).not.toContain('logarithmic');
    const wide = page(2, 30, 90, -1);
    expect(wide).toContain('of the latest round, linear axes');
    expect(wide).toContain('of the latest round, logarithmic axes');
    expect(wide).toContain('Not drawn: 1, too near zero or below.');
    expect(wide).toContain(' 2 5 10 20 50 100 G by its label, partly simulated (GPa, log)');
  });

  it('says what each important feature is', () => {
    const importances = { g_vrh: [{ ...small.arms[0]!.importances.g_vrh![0]!, feature: 'MagpieData mean MeltingT' }] };
    const meaning = 'mean melting point';
    const page = renderReport(
      withArms({ ...small.arms[0]!, importances: { g_vrh: [{ ...importances.g_vrh[0]!, meaning }] } }),
    );
    expect(textOf(page)).toContain('mean MeltingT mean melting point');
    expect(textOf(page)).toContain('MagpieData mean MeltingT mean melting point');
  });

  it('draws several seeds of a strategy as one curve in a band from the lowest to the highest', () => {
    const seeded = [1, 2, 3].flatMap((seed) =>
      small.arms.map((arm) => ({
        ...arm,
        seed,
        name: `${arm.name}, seed ${seed}`,
        rounds: arm.rounds
          // The third seed is not as far as the others.
          .filter(({ round }) => seed < 3 || round < 3)
          .map((round) => ({
            ...round,
            metrics: round.metrics.map((row) => ({ ...row, mae: 10 + seed - round.round })),
          })),
      })),
    );
    const page = renderReport(withArms(...seeded));
    const [curve] = charts(page);
    expect(textOf(curve!)).toContain('exploration: from 11.00 GPa to 10.00 GPa with 3 labels added.');
    expect(textOf(curve!)).toContain('round 2: 10.00 GPa, 9.00 to 11.00 over the seeds, 3 labels added');
    expect(curve).toContain('exploration, 3 seeds');
    expect(textOf(page)).toContain('Of several seeds: the median of their MAE; band: from the lowest to the highest.');
  });

  it('has a sentence where there is nothing to draw', () => {
    const none = textOf(renderReport(withArms(NOTHING)));
    expect(none).toContain('exploration : no round is measured yet');
    expect(none).toContain('No error of G on the test set is known yet.');
    expect(none).toContain('no prediction of G can be compared with a known value yet.');
    expect(none).toContain("no candidate's STDEV of K is known yet.");
    expect(none).toContain('no feature importances for K yet.');
    expect(none).toContain('Nothing has been chosen yet.');
    expect(textOf(renderReport(withArms()))).toContain('The campaign has not begun.');
  });

  it('shows every chosen material, the latest round open', () => {
    const page = renderReport(comparisonModel({ rounds: 6, batch: 4 }));
    expect(page.match(/<details class="round"/g)?.length).toBe(10);
    expect(page.match(/<details class="round" open/g)?.length).toBe(2);
    expect(page.match(/<section id="selected">.*?<\/section>/s)?.[0].match(/<span class="id">/g)?.length).toBe(40);
    expect(textOf(page)).toContain('Round 5: 4 materials chosen,');
  });

  it('gives each chart a title, a description and a file of its own with all colours in it', () => {
    const page = renderReport(small);
    expect(charts(page).length).toBe(24);
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id!);
    expect(new Set(ids).size).toBe(ids.length);
    for (const chart of charts(page)) {
      const [, title, description] = /aria-labelledby="(\S+) (\S+)"/.exec(chart)!;
      expect(chart).toMatch(new RegExp(`<title id="${title}">[^<]+</title><desc id="${description}">[^<]+</desc>`));
    }
    for (const [, base64] of page.matchAll(/data:image\/svg\+xml;base64,([^"]+)/g)) {
      const file = Buffer.from(base64!, 'base64').toString('utf8');
      expect(file).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"/);
      expect(file).not.toContain('var(');
    }
  });

  it('keeps the page small with 10,000 points per chart, and says which error bars it draws', () => {
    const page = renderReport(comparisonModel({ points: 10_000 }));
    expect(page.length).toBeLessThan(3_000_000);
    expect(page).toContain('drawn for one in 20 of the 10,000 points');
  });
});

describe('charts of any model', () => {
  const number = fc.oneof(
    fc.double({ min: -1e4, max: 1e4 }),
    fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 5e-324, 1e-12),
  );
  const natural = fc.nat({ max: 100_000 });
  const target = fc.constantFrom(...MODULI);
  const set = fc.constantFrom('candidates' as const, 'test' as const);
  const word = fc.string({ unit: fc.constantFrom('a', '<', '"', '&', ' '), maxLength: 60 });
  const byTarget = <T>(value: fc.Arbitrary<T>) =>
    fc.record({ g_vrh: value, k_vrh: value }, { requiredKeys: [] }) as fc.Arbitrary<{ g_vrh?: T; k_vrh?: T }>;
  const metrics: fc.Arbitrary<MetricsRow> = fc.record({
    target,
    subset: set,
    count: natural,
    mae: number,
    rmse: number,
    r2: number,
    maeStandardDeviation: number,
    memberMae: number,
    memberR2: number,
    memberR2StandardDeviation: number,
  });
  const selected: fc.Arbitrary<SelectedRow> = fc.record({
    rank: natural,
    materialId: word,
    score: number,
    mean: fc.array(number, { maxLength: 2 }),
    standardDeviation: fc.array(number, { maxLength: 2 }),
    outcome: fc.constantFrom('labelled', 'pending', 'expired'),
  });
  const point: fc.Arbitrary<ParityPoint> = fc.record({
    materialId: word,
    actual: number,
    mean: number,
    standardDeviation: number,
    set,
  });
  const histogram: fc.Arbitrary<UncertaintyHistogram> = fc.record({
    binGpa: fc.constantFrom(0.5, 1),
    first: fc.array(natural, { maxLength: 81 }),
    last: fc.array(natural, { maxLength: 81 }),
  });
  const importance: fc.Arbitrary<FeatureImportance> = fc.record({
    feature: word,
    group: fc.constantFrom('mp', 'composition', 'structure'),
    gainShare: number,
  });
  const round = fc.record({
    round: natural,
    labels: natural,
    added: natural,
    metrics: fc.array(metrics, { maxLength: 5 }),
    selected: fc.array(selected, { maxLength: 3 }),
  });
  const arm: fc.Arbitrary<ReportArm> = fc.record({
    name: word,
    strategy: fc.constantFrom(...COMPARED_STRATEGIES, 'range' as const),
    seed: natural,
    rounds: fc.array(round, { maxLength: 4 }),
    parity: byTarget(fc.array(point, { maxLength: 20 })),
    uncertainty: byTarget(histogram),
    importances: byTarget(fc.array(importance, { maxLength: 30 })),
  });

  it('hold neither NaN nor Infinity, and close every element', () => {
    fc.assert(
      fc.property(fc.array(arm, { maxLength: 6 }), (arms) => {
        const page = renderReport(withArms(...arms));
        expect(page).not.toMatch(/NaN|Infinity|undefined/);
        for (const chart of charts(page)) expect(unclosed(chart)).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });
});

/** Names of the elements that are opened and not closed, or closed out of order. */
function unclosed(svg: string): string[] {
  const open: string[] = [];
  for (const [, closing, name, empty] of svg.matchAll(/<(\/?)([a-z]+)(?:\s[^>]*?)?(\/?)>/g)) {
    if (empty === '/') continue;
    if (closing !== '/') open.push(name!);
    else if (open.pop() !== name) return [`/${name}`];
  }
  return open;
}
