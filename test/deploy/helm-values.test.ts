import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { CLICKHOUSE_IMAGE } from '../../deploy/local/clickhouse/clickhouse-container.ts';
import { readingProfile } from '../../deploy/local/clickhouse/server-users.ts';
import { SERVICES } from '../../deploy/local/running-cluster.ts';
import { featureSchemaId } from '../../src/featurizers/feature-schema.ts';
import { createTopics } from '../../src/model/topics.ts';
import { WRONG_VALUES } from '../support/helm/wrong-values.ts';

const CHART = join(import.meta.dirname, '../../helm/elastream');
const read = (file: string) => readFileSync(join(CHART, file), 'utf8');
const defaults = parse(read('values.yaml'));
/** The very schema that helm checks values by, so that values are tested where there is no helm. */
const schema = z.fromJSONSchema(JSON.parse(read('values.schema.json')));

/** As helm lays one file over another: lists and texts replace, maps are merged. */
function laidOver(lower: Record<string, unknown>, upper: Record<string, unknown>): Record<string, unknown> {
  const result = { ...lower };
  for (const [key, value] of Object.entries(upper)) {
    const below = result[key];
    result[key] = isMap(below) && isMap(value) ? laidOver(below, value) : value;
  }
  return result;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

describe("the chart's values", () => {
  it.each(['trial', 'centre', 'cloud'])('of the site %s are valid', (site) => {
    const { error } = schema.safeParse(laidOver(defaults, parse(read(`values-${site}.yaml`))));
    expect(error?.issues ?? []).toEqual([]);
  });

  it.each(WRONG_VALUES.map(({ field, value }) => [field, value] as const))('refuse %s = %j by name', (field, value) => {
    const path = field.split('/');
    const wrong = path.reduceRight<unknown>((within, key) => ({ [key]: within }), value) as Record<string, unknown>;
    const { error } = schema.safeParse(laidOver(defaults, wrong));
    const named = (error?.issues ?? []).map((issue) =>
      [...issue.path, ...(issue.code === 'unrecognized_keys' ? issue.keys : [])].join('/'),
    );
    expect(named.some((name) => name.startsWith(field))).toBe(true);
  });

  it('are complete: each default has its schema, and none has another', () => {
    const keysOf = (value: unknown): string[] =>
      isMap(value)
        ? Object.entries(value).flatMap(([key, below]) => [key, ...keysOf(below).map((k) => `${key}.${k}`)])
        : [];
    const { properties } = JSON.parse(read('values.schema.json'));
    expect(
      Object.keys(properties)
        .filter((key) => key !== 'global')
        .toSorted(),
    ).toEqual(Object.keys(defaults).toSorted());
    expect(keysOf(defaults).length).toBeGreaterThan(100);
    expect(schema.safeParse(defaults).error).toBeUndefined();
  });
});

describe('the chart', () => {
  it('runs every service, and the images of docker-compose.yml', () => {
    expect(Object.keys(defaults.services).toSorted()).toEqual([...SERVICES].toSorted());
    const compose = readFileSync(join(CHART, '../../docker-compose.yml'), 'utf8');
    expect(defaults.clickhouse.builtIn.image).toBe(CLICKHOUSE_IMAGE);
    for (const server of ['kafka', 'nats'] as const) expect(compose).toContain(`:-${defaults[server].builtIn.image}}`);
  });

  it("names the program's topics with their partitions", () => {
    const { topics, writes } = parse(read('files/topics.yaml'));
    const own = Object.values(createTopics({ featureSchema: featureSchemaId('primitive') }));
    const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
    expect(topics.toSorted(byName)).toEqual(own.toSorted(byName));
    const names = new Set(own.map(({ name }) => name));
    expect(
      Object.values<string[]>(writes)
        .flat()
        .filter((name) => !names.has(name)),
    ).toEqual([]);
  });

  it.each(['files/clickhouse-users.xml', 'templates/clickhouse-operator.yaml'])(
    'lets people ask ClickHouse within the promised limits: %s',
    (file) => {
      const text = read(file);
      for (const [name, value] of Object.entries(readingProfile())) {
        expect(text).toMatch(new RegExp(`(<${name}>${value}<|elastream_reading/${name}: '?${value}'?\n)`));
      }
    },
  );

  it('has the version of the package', () => {
    const { version } = JSON.parse(readFileSync(join(CHART, '../../package.json'), 'utf8'));
    expect(parse(read('Chart.yaml')).appVersion).toBe(version);
  });
});
