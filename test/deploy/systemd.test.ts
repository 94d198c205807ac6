import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SERVICES } from '../../deploy/local/running-cluster.ts';
import { VARIABLES } from '../../services/wiring/environment.ts';

const UNITS = join(import.meta.dirname, '../../deploy/systemd');
const units = readdirSync(UNITS).filter((name) => name.endsWith('.service'));

describe('units for systemd', () => {
  it.each(units)('%s sets what the services read, and starts a main', (name) => {
    const text = readFileSync(join(UNITS, name), 'utf8');
    const variables = [...text.matchAll(/\b((?:ELASTREAM|KAFKA|NATS|CLICKHOUSE)_[A-Z_]+)=/g)].map(
      ([, variable]) => variable!,
    );
    expect(variables.length).toBeGreaterThan(1);
    expect(variables.filter((variable) => !(variable in VARIABLES))).toEqual([]);
    const service = /dist\/services\/(\S+)\/main\.js/.exec(text)![1]!;
    expect(service === '%i' || (SERVICES as readonly string[]).includes(service)).toBe(true);
  });

  it.each(units)('%s is restarted unless its configuration cannot be used, and given its time to stop', (name) => {
    const text = readFileSync(join(UNITS, name), 'utf8');
    expect(text).toMatch(/^RestartPreventExitStatus=2$/m);
    // The services end by themselves after 30 s.
    expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(text)![1])).toBeGreaterThan(30);
  });
});
