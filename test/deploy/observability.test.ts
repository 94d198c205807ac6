import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { shownSeries } from '../support/driven-metrics.ts';
import { itUnless } from '../support/needs.ts';

const ROOT = join(import.meta.dirname, '../..');
const ALERTS = join(ROOT, 'deploy/prometheus/alerts.yaml');

interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly runbook_url: string; readonly description?: string };
}
interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description: string;
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
}

const alerts = (parse(readFileSync(ALERTS, 'utf8')) as { groups: { rules: Alert[] }[] }).groups.flatMap(
  ({ rules }) => rules,
);
const dashboard = JSON.parse(readFileSync(join(ROOT, 'deploy/grafana/elastream.json'), 'utf8')) as {
  readonly uid: string;
  readonly panels: readonly Panel[];
};
const graphs = dashboard.panels.filter(({ type }) => type !== 'row');

/** What Prometheus itself adds to each series, and `up`. */
const ADDED = ['job', 'instance'];

let series: ReadonlyMap<string, ReadonlySet<string>>;
beforeAll(async () => {
  series = await shownSeries();
});

/** What a query names that no process shows. */
function unknown(expr: string): string[] {
  const selectors = [...expr.matchAll(/\b(elastream_\w+|process_\w+|nodejs_\w+)(?:\{([^}]*)\})?/g)];
  const names = selectors.map(([, name]) => name!);
  const labelsOf = (name: string) => [...(series.get(name) ?? []), ...ADDED];
  const wrong = selectors.flatMap(([, name, matchers = '']) => [
    ...(series.has(name!) ? [] : [`${name} is no metric`]),
    ...[...matchers.matchAll(/(\w+)\s*[=!]~?/g)]
      .map(([, label]) => label!)
      .filter((label) => !labelsOf(name!).includes(label))
      .map((label) => `${name} has no label ${label}`),
  ]);
  const grouped = [...expr.matchAll(/\b(?:by|on|without)\s*\(([^)]*)\)/g)].flatMap(([, list]) =>
    list!.split(',').map((label) => label.trim()),
  );
  return [
    ...wrong,
    ...grouped.filter((label) => names.some((name) => !labelsOf(name).includes(label))).map((label) => `by ${label}`),
  ];
}

describe('deploy/prometheus/alerts.yaml', () => {
  it('asks for metrics and labels that the program shows', () => {
    expect(alerts.length).toBeGreaterThan(10);
    expect(alerts.flatMap(({ alert, expr }) => unknown(expr).map((text) => `${alert}: ${text}`))).toEqual([]);
    expect(unknown('sum by (nobody) (elastream_nothing{campaign="a"})')).toHaveLength(3);
  });

  it.each(alerts)('$alert has a severity, a summary and a runbook that exists', ({ alert, labels, annotations }) => {
    expect(alert).toMatch(/^Elastream[A-Z][A-Za-z]+$/);
    expect(['critical', 'warning', 'info']).toContain(labels.severity);
    expect(annotations.summary).toMatch(/^\S.{10,}$/);
    expect(existsSync(join(ROOT, annotations.runbook_url)), annotations.runbook_url).toBe(true);
  });

  const hasPromtool = spawnSync('promtool', ['--version']).status === 0;
  itUnless(hasPromtool ? undefined : 'apt-get install prometheus', 'passes promtool', () => {
    expect(execFileSync('promtool', ['check', 'rules', ALERTS], { encoding: 'utf8' })).toContain(
      `${alerts.length} rules found`,
    );
  });
});

describe('deploy/grafana/elastream.json', () => {
  it('asks for metrics and labels that the program shows', () => {
    const wrong = graphs.flatMap(({ title, targets = [] }) =>
      targets.flatMap(({ expr }) => unknown(expr).map((text) => `${title}: ${text}`)),
    );
    expect(wrong).toEqual([]);
  });

  it('shows every metric of ours', () => {
    const asked = graphs.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)).join('\n');
    const names = [...series.keys()].filter((name) => name.startsWith('elastream_'));
    const bases = new Set(names.map((name) => name.replace(/_(bucket|sum|count)$/, '')));
    expect([...bases].filter((name) => !asked.includes(name))).toEqual([]);
  });

  it('has panels that say what they show, each of its own id and place', () => {
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    for (const { title, description, targets, gridPos } of graphs) {
      expect(description, title).toMatch(/\.$/);
      expect(targets!.length, title).toBeGreaterThan(0);
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
    }
    const places = graphs.map(({ gridPos: { x, y } }) => `${x} ${y}`);
    expect(new Set(places).size).toBe(places.length);
  });
});
