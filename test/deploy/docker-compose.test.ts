import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { CLICKHOUSE_IMAGE } from '../../deploy/local/clickhouse/clickhouse-container.ts';
import { readingProfile } from '../../deploy/local/clickhouse/server-users.ts';
import { SERVICES } from '../../deploy/local/running-cluster.ts';
import { VARIABLES } from '../../services/wiring/environment.ts';
import { readConfig } from '../../services/wiring/read-config.ts';

const ROOT = join(import.meta.dirname, '../..');
const compose = parse(readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8'), { merge: true });
const image = readFileSync(join(ROOT, 'Dockerfile'), 'utf8');

/** Without a container engine here, what can be checked of both files is checked. */
describe('docker-compose.yml', () => {
  it.each(SERVICES)('starts %s by its main', (service) => {
    const { command, environment } = compose.services[service];
    expect(command).toEqual([`dist/services/${service}/main.js`]);
    expect(existsSync(join(ROOT, `services/${service}/main.ts`))).toBe(true);
    expect(Object.keys(environment).filter((name) => !(name in VARIABLES))).toEqual([]);
    // Complete and without contradiction, as the service itself will read it.
    expect(readConfig({ environment, node: service }).insecure).toBe(true);
  });

  it('reaches what it names', () => {
    const { environment } = compose.services.gateway;
    const named = `${environment.KAFKA_BROKERS},${environment.NATS_URL},${environment.CLICKHOUSE_URL}`;
    const hosts = [...named.matchAll(/([a-z][a-z\d-]+):\d+/g)].map(([, host]) => host);
    expect(hosts).toEqual(['kafka-1', 'kafka-2', 'kafka-3', 'nats', 'clickhouse']);
    for (const host of hosts) expect(compose.services).toHaveProperty(host!);
  });

  it('has the ClickHouse that the tests run where there is a container engine', () => {
    expect(compose.services.clickhouse.image).toBe(`\${CLICKHOUSE_IMAGE:-${CLICKHOUSE_IMAGE}}`);
  });

  it('names every image by its exact version, and lets another one be named', () => {
    const all = Object.values<{ image: string }>(compose.services).map((service) => service.image);
    const others = [...new Set(all)].filter((one) => one !== 'elastream');
    expect(others).toHaveLength(3);
    for (const one of others) expect(one).toMatch(/^\$\{[A-Z]+_IMAGE:-[a-z/-]+:\d+\.\d+\.\d+[.\d]*(-alpine)?\}$/);
    const { NODE_IMAGE } = compose.services.gateway.build.args;
    expect(image).toContain(`\nARG NODE_IMAGE=${NODE_IMAGE.replace(/^\$\{NODE_IMAGE:-(.*)\}$/, '$1')}\n`);
  });

  it('lets people ask as a user who may only read, within the limits that the tests attack', () => {
    const { content } = compose.configs['clickhouse-users'];
    const profile = /<elastream_reading>([\s\S]*)<\/elastream_reading>/.exec(content)![1]!;
    const limits = [...profile.matchAll(/<(\w+)>(\w+)<\/\1>/g)].map(([, name, value]) => [name, value]);
    const promised = Object.entries(readingProfile()).map(([name, value]) => [name, String(value)]);
    expect(Object.fromEntries(limits)).toEqual(Object.fromEntries(promised));
    const { CLICKHOUSE_READER_USERNAME: reader } = compose.services.gateway.environment;
    const user = new RegExp(`<${reader}>([\\s\\S]*)</${reader}>`).exec(content)![1]!;
    expect([...user.matchAll(/<(?:query|profile)>(.*?)</g)].map(([, text]) => text)).toEqual([
      'elastream_reading',
      'GRANT SELECT ON default.*',
    ]);
  });

  it('shows nothing beyond this machine', () => {
    const all = Object.values<{ ports?: string[] }>(compose.services).flatMap(({ ports = [] }) => ports);
    expect(all.length).toBeGreaterThan(0);
    expect(all.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  });
});

describe('Dockerfile', () => {
  it('copies what is there, and what .dockerignore lets through', () => {
    const copied = [...image.matchAll(/^COPY (?!--from)(.+)$/gm)].flatMap(([, words]) =>
      words!.split(' ').slice(0, -1),
    );
    const allowed = readFileSync(join(ROOT, '.dockerignore'), 'utf8');
    expect(copied.length).toBeGreaterThan(5);
    for (const file of copied) {
      expect(existsSync(join(ROOT, file)), file).toBe(true);
      expect(allowed).toContain(`!${file}\n`);
    }
  });

  it('runs as nobody in particular, on the Node that is tested', () => {
    // By number: Kubernetes cannot tell of a name that it is not root.
    expect(image).toMatch(/^USER 1000:1000$/m);
    expect(image.match(/^FROM .*$/gm)).toEqual([`FROM \${NODE_IMAGE} AS build`, 'FROM scratch']);
    expect(image).toMatch(/^ARG NODE_IMAGE=node:24\.\d+\.\d+-bookworm-slim$/m);
    expect(image).toMatch(/^HEALTHCHECK /m);
  });
});
