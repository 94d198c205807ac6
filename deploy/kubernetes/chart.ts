import { join } from 'node:path';
import { RELEASE } from './node.ts';

const CHART = join(import.meta.dirname, '../../helm/elastream');

/** Release, chart and values of the laboratory, for `helm install` and `helm upgrade`. */
export const CHART_ARGS = [
  ...[RELEASE, CHART, '--timeout', '8m'],
  ...['-f', join(CHART, 'values-trial.yaml'), '-f', join(import.meta.dirname, 'values.yaml')],
];
