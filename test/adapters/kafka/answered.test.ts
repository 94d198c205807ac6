import type { Cluster } from 'kafkajs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { answered } from '../../../src/adapters/kafka/answered.ts';
import type { Coordinator } from '../../../src/adapters/kafka/cluster.ts';
import { createGroupProtocol } from '../../../src/adapters/kafka/group-protocol.ts';
import { retried } from '../../../src/adapters/kafka/retried.ts';
import { AppError } from '../../../src/model/app-error.ts';
import { createVirtualClock } from '../../support/simulation/virtual-clock.ts';

const lost = new Promise<never>(() => {});
const unavailable = { code: 'unavailable', retryable: true };

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

describe('answered', () => {
  it('gives the answer, or the refusal', async () => {
    await expect(answered('asking', Promise.resolve(1))).resolves.toBe(1);
    await expect(answered('asking', Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('does not wait for ever', async () => {
    const waiting = expect(answered('asking', lost)).rejects.toMatchObject(unavailable);
    await vi.advanceTimersByTimeAsync(20_000);
    await waiting;
  });
});

describe('a clock of its own', () => {
  it('says when to give up, and when to try again', async () => {
    const clock = createVirtualClock();
    let attempts = 0;
    const failing = () => {
      attempts++;
      return Promise.reject(new AppError('unavailable', 'not now', { retryable: true }));
    };
    const trying = expect(retried('asking', failing, { tryMs: 5000, timing: clock })).rejects.toThrow('not now');
    await clock.advance(10_000);
    await trying;
    // After 50, 100, 200, 400, 800 ms, and then each second.
    expect(attempts).toBe(10);
    const unanswered = expect(retried('asking', () => lost, { tryMs: 0, timing: clock })).rejects.toMatchObject(
      unavailable,
    );
    await clock.advance(46_000);
    await unanswered;
    expect(clock.sleepers).toBe(0);
  });
});

describe('a request that kafkajs has lost', () => {
  it('is tried again', async () => {
    let attempts = 0;
    const trying = retried('asking', () => (++attempts === 1 ? lost : Promise.resolve('answer')), { tryMs: 60_000 });
    await vi.advanceTimersByTimeAsync(46_000);
    await expect(trying).resolves.toBe('answer');
  });

  it('does not hold a member of a group', async () => {
    const silent = { heartbeat: () => lost, offsetCommit: () => lost, leaveGroup: () => lost, joinGroup: () => lost };
    const coordinator = silent as unknown as Coordinator;
    const cluster = { findGroupCoordinator: async () => coordinator } as unknown as Cluster;
    const protocol = createGroupProtocol(cluster, { group: 'g', topics: ['t'] }, async () => 1);
    const seat = { coordinator, memberId: 'm', generation: 1, assigned: [] };
    const asked = [
      protocol.commit(seat, { topic: 't', partition: 0, offset: 1 }),
      protocol.heartbeat(seat),
      protocol.leave(seat),
      protocol.join({ memberId: '', held: [] }, () => {}),
    ];
    const refused = Promise.all(asked.map((one) => expect(one).rejects.toMatchObject(unavailable)));
    await vi.advanceTimersByTimeAsync(20_000);
    await refused;
  });
});
