import { beforeEach, describe, expect, it } from 'vitest';
import { createServiceDirectory, type ServiceDirectory } from '../../../services/wiring/service-directory.ts';
import { AppError } from '../../../src/model/app-error.ts';
import type { ServiceNode } from '../../../src/ports/control-plane.ts';

const node = (id: string, change: Partial<ServiceNode> = {}): ServiceNode => {
  return { id, service: 'training-shard', engine: 'e', address: `${id}:1`, ...change };
};
const AWAY = new AppError('unavailable', 'NATS is not there', { retryable: true });

describe('a service directory', () => {
  let registered: ServiceNode[] | AppError;
  let opened: string[];
  let closed: string[];
  let reasons: (AppError | undefined)[];
  let directory: ServiceDirectory<string>;
  beforeEach(() => {
    [registered, opened, closed, reasons] = [[], [], [], []];
    const nodes = async () => {
      if (registered instanceof AppError) throw registered;
      return registered;
    };
    directory = createServiceDirectory({ nodes }, 'training-shard', (address) => {
      opened.push(address);
      return {
        calls: `calls of ${address}`,
        close(reason) {
          closed.push(address);
          reasons.push(reason);
        },
      };
    });
  });
  const found = async () => (await directory.nodes()).map(({ id, calls }) => [id, calls]);

  it('connects to the nodes of its service that can be reached, once each', async () => {
    const { address: _, ...unreachable } = node('c');
    registered = [node('a'), node('b'), node('g', { service: 'gateway' }), unreachable];
    const expected = [
      ['a', 'calls of a:1'],
      ['b', 'calls of b:1'],
    ];
    expect([await found(), await found()]).toEqual([expected, expected]);
    expect(opened).toEqual(['a:1', 'b:1']);
  });

  it('closes the connections to those that are gone, and to one that has come back elsewhere', async () => {
    registered = [node('a'), node('b')];
    await found();
    registered = [node('b', { address: 'b:2' })];
    expect(await found()).toEqual([['b', 'calls of b:2']]);
    expect(closed).toEqual(['a:1', 'b:1']);
    directory.close();
    expect(closed).toEqual(['a:1', 'b:1', 'b:2']);
  });

  it('ends the calls to those that are gone with an error that passes, and at its own end with none of its own', async () => {
    registered = [node('a'), node('b')];
    await found();
    registered = [node('b')];
    await found();
    directory.close();
    expect(reasons).toMatchObject([{ code: 'unavailable', retryable: true }, undefined]);
    expect(reasons[0]!.message).toContain('training-shard at a:1 is not announced any more');
  });

  it('takes those that it knew to live while the registry is away, and else says that it is', async () => {
    registered = AWAY;
    await expect(directory.nodes()).rejects.toBe(AWAY);
    registered = [node('a')];
    await found();
    registered = AWAY;
    expect(await found()).toEqual([['a', 'calls of a:1']]);
    registered = new AppError('invalid_argument', 'refused');
    await expect(directory.nodes()).rejects.toThrow('refused');
  });
});
