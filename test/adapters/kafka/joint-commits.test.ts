import { describe, expect, it } from 'vitest';
import { createJointCommits } from '../../../src/adapters/kafka/joint-commits.ts';

const at = (partition: number) => ({ topic: 't', partition, offset: partition + 1 });
const seat = (memberId: string) => ({ memberId });

/** Exchanges that end when they are told to. */
function held() {
  const exchanges: { member: string; partitions: number[]; end: (error?: Error) => void }[] = [];
  const commit = createJointCommits(
    ({ memberId: member }: ReturnType<typeof seat>, places) =>
      new Promise((resolve, reject) => {
        const partitions = places.map(({ partition }) => partition);
        exchanges.push({ member, partitions, end: (error) => (error ? reject(error) : resolve()) });
      }),
  );
  return { commit, exchanges, partitions: () => exchanges.map(({ partitions }) => partitions) };
}

const soon = () => new Promise((resolve) => setImmediate(resolve));

describe('joint commits', () => {
  it('what comes while one is under way goes together in the next', async () => {
    const { commit, exchanges, partitions } = held();
    const member = seat('a');
    const first = commit(member, at(0));
    await soon();
    const [second, third] = [commit(member, at(1)), commit(member, at(2))];
    await soon();
    expect(partitions()).toEqual([[0]]);
    exchanges[0]!.end();
    await first;
    await soon();
    expect(partitions()).toEqual([[0], [1, 2]]);
    exchanges[1]!.end();
    await Promise.all([second, third]);
  });

  it('a failure is that of all that went with it, and of nobody after them', async () => {
    const { commit, exchanges, partitions } = held();
    const member = seat('a');
    const failing = [commit(member, at(0)), commit(member, at(1))];
    await soon();
    const next = commit(member, at(2));
    exchanges[0]!.end(new Error('gone'));
    const outcomes = await Promise.allSettled(failing);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await soon();
    expect(partitions()).toEqual([[0, 1], [2]]);
    exchanges[1]!.end();
    await next;
  });

  it('one that is never answered holds up nobody in another seat', async () => {
    const { commit, exchanges } = held();
    void commit(seat('lost'), at(0));
    await soon();
    const next = commit(seat('new'), at(0));
    await soon();
    expect(exchanges.map(({ member }) => member)).toEqual(['lost', 'new']);
    exchanges[1]!.end();
    await next;
  });
});
