import { describe, expect, it } from 'vitest';
import { needsPlace, takesCluster, withPlaceFirst } from '../../../src/cli/place/place-argument.ts';

const URL = 'grpc://127.0.0.1:7400';

describe('withPlaceFirst', () => {
  it.each([
    [`status --cluster ${URL} --json`, `status ${URL} --json`],
    [`status --cluster=${URL}`, `status ${URL}`],
    [`--cluster ${URL} status`, `status ${URL}`],
    [`sql --cluster ${URL} SELECT`, `sql ${URL} SELECT`],
    [`pause quickstart --cluster grpcs://gateway:1`, `pause grpcs://gateway:1 quickstart`],
    [`run campaign.yaml --cluster ${URL} --json`, `run campaign.yaml --json --dir ${URL}`],
    [`sql dir -- --cluster ${URL}`, `sql dir -- --cluster ${URL}`],
    ['status directory', 'status directory'],
    ['status --dir directory --json', 'status directory --json'],
    ['export --what rounds --dir=a', 'export a --what rounds'],
    ['predict --dir a POSCAR', 'predict a POSCAR'],
    ['sql --dir a -- --dir', 'sql a -- --dir'],
    ['submit POSCAR --dir a', 'submit a POSCAR'],
    ['run campaign.yaml --dir a', 'run campaign.yaml --dir a'],
    ['doctor --dir a', 'doctor --dir a'],
    ['', ''],
  ])('%s is %s', (given, expected) => {
    expect(withPlaceFirst(given.split(' '))).toEqual(expected.split(' '));
  });

  it.each([
    ['status --cluster', 'grpcs://host:port, not nothing'],
    ['status --cluster http://host:1', 'not http://host:1'],
    ['status --cluster=', 'not '],
    [`featurize cifs --cluster ${URL}`, 'elastream featurize works without a cluster: leave --cluster out'],
    [`--cluster ${URL}`, 'works without a cluster'],
    ['status --dir', '--dir needs a directory'],
    [`pause --dir a --cluster ${URL} steel`, '--dir and --cluster name two places: give one of them'],
    [`run a.yaml --dir a --cluster ${URL}`, '--dir and --cluster name two places: give one of them'],
  ])('%s is refused', (given, text) => {
    const refused = { code: 'invalid_argument', message: expect.stringContaining(text) };
    expect(() => withPlaceFirst(given.split(' '))).toThrow(expect.objectContaining(refused));
  });
});

it('knows which commands take a cluster, and which need a place', () => {
  expect(['run', 'submit', 'pause', 'doctor'].filter(needsPlace)).toEqual(['submit', 'pause']);
  expect(['run', 'status', 'cancel', 'featurize', 'doctor'].filter(takesCluster)).toEqual(['run', 'status', 'cancel']);
});
