import { describe, expect, it } from 'vitest';
import { takesCluster, withClusterAsPlace } from '../../../src/cli/cluster/cluster-argument.ts';

const URL = 'grpc://127.0.0.1:7400';

describe('withClusterAsPlace', () => {
  it.each([
    [`status --cluster ${URL} --json`, `status ${URL} --json`],
    [`status --cluster=${URL}`, `status ${URL}`],
    [`--cluster ${URL} status`, `status ${URL}`],
    [`sql --cluster ${URL} SELECT`, `sql ${URL} SELECT`],
    [`pause quickstart --cluster grpcs://gateway:1`, `pause grpcs://gateway:1 quickstart`],
    [`run campaign.yaml --cluster ${URL} --json`, `run campaign.yaml --json --dir ${URL}`],
    [`sql dir -- --cluster ${URL}`, `sql dir -- --cluster ${URL}`],
    ['status directory', 'status directory'],
    ['', ''],
  ])('%s is %s', (given, expected) => {
    expect(withClusterAsPlace(given.split(' '))).toEqual(expected.split(' '));
  });

  it.each([
    ['status --cluster', 'grpcs://host:port, not nothing'],
    ['status --cluster http://host:1', 'not http://host:1'],
    ['status --cluster=', 'not '],
    [`featurize cifs --cluster ${URL}`, 'elastream featurize works without a cluster: leave --cluster out'],
    [`--cluster ${URL}`, 'works without a cluster'],
  ])('%s is refused', (given, text) => {
    const refused = { code: 'invalid_argument', message: expect.stringContaining(text) };
    expect(() => withClusterAsPlace(given.split(' '))).toThrow(expect.objectContaining(refused));
  });
});

it('knows which commands take a cluster', () => {
  expect(['run', 'status', 'cancel', 'featurize', 'doctor'].filter(takesCluster)).toEqual(['run', 'status', 'cancel']);
});
