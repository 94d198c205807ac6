import { describe, expect, it } from 'vitest';
import { readConfig } from '../../../services/wiring/read-config.ts';

const otlpOf = (environment: Record<string, string>) =>
  readConfig({ environment: { KAFKA_BROKERS: '127.0.0.1:1', ...environment }, node: 'n' }).otlp;

describe('where traces go', () => {
  it("is told by OpenTelemetry's own variable, or by elastream's, which wins; nowhere unless told", () => {
    const [standard, own] = ['http://127.0.0.1:4318', 'http://127.0.0.1:1'];
    expect(otlpOf({})).toEqual({ ratio: 1 });
    expect(otlpOf({ OTEL_EXPORTER_OTLP_ENDPOINT: standard })).toEqual({ endpoint: standard, ratio: 1 });
    expect(otlpOf({ OTEL_EXPORTER_OTLP_ENDPOINT: standard, ELASTREAM_OTLP_ENDPOINT: own })).toMatchObject({
      endpoint: own,
    });
  });

  it('is refused where it is no address, the part is none, or others could read along', () => {
    expect(() => otlpOf({ ELASTREAM_OTLP_ENDPOINT: 'collector' })).toThrow(/ELASTREAM_OTLP_ENDPOINT\) must be a URL/);
    expect(() => otlpOf({ ELASTREAM_OTLP_RATIO: '2' })).toThrow(/ELASTREAM_OTLP_RATIO\) must be a number from 0 to 1/);
    expect(() => otlpOf({ ELASTREAM_OTLP_ENDPOINT: 'http://u:p@collector:4318' })).toThrow(
      /otlp.endpoint http:\/\/collector:4318: not https/,
    );
    expect(otlpOf({ ELASTREAM_OTLP_ENDPOINT: 'http://collector:4318', ELASTREAM_INSECURE: '1' })).toBeDefined();
  });
});
