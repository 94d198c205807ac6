import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkHistory } from '../support/history/check-history.ts';
import { createOperationHistory, type OperationHistory } from '../support/history/operation-history.ts';

const KEY = 'k';
const write = (history: OperationHistory, client: string, ...values: string[]) =>
  history.ask(client, KEY, { kind: 'write', values });
const read = (history: OperationHistory, client: string) => history.ask(client, KEY, { kind: 'read' });

function check(
  tell: (history: OperationHistory) => void,
  effects: readonly string[],
  reads: 'fresh' | 'trailing' = 'fresh',
) {
  const history = createOperationHistory();
  tell(history);
  return checkHistory(history.operations, new Map([[KEY, effects]]), { reads });
}

describe('a history that fits', () => {
  it('may leave open what nobody answered, and hold a value twice', () => {
    const tell = (history: OperationHistory) => {
      const lost = write(history, 'a', '1', '2');
      write(history, 'b', '3').acknowledged();
      lost.unknown();
      write(history, 'a', '1', '2').acknowledged();
      read(history, 'b').acknowledged({ values: ['1', '3', '2'] });
      write(history, 'c', '4');
    };
    expect(check(tell, ['1', '3', '1', '2'])).toEqual([]);
    expect(check(tell, ['1', '3', '2', '4'])).toEqual([]);
  });

  it('may have reads that trail behind, each client by itself', () => {
    const tell = (history: OperationHistory) => {
      write(history, 'a', '1').acknowledged();
      read(history, 'b').acknowledged({ values: ['1'] });
      read(history, 'c').acknowledged({ values: [] });
    };
    expect(check(tell, ['1'], 'trailing')).toEqual([]);
    expect(check(tell, ['1'], 'fresh')).toHaveLength(2);
  });

  it('is one of clients before one honest register, whatever is interleaved', () => {
    const steps = fc.array(fc.tuple(fc.nat(3), fc.constantFrom('ask', 'apply', 'answer', 'lose', 'read')), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(steps, (plan) => {
        const effects: string[] = [];
        let n = 0;
        const tell = (history: OperationHistory) => {
          const open = new Map<number, { value: string; applied: boolean; asked: ReturnType<typeof write> }>();
          for (const [client, step] of plan) {
            const mine = open.get(client);
            if (step === 'read') read(history, `c${client}`).acknowledged({ values: [...effects] });
            else if (step === 'ask' && !mine) {
              const value = String(n++);
              open.set(client, { value, applied: false, asked: write(history, `c${client}`, value) });
            } else if (step === 'apply' && mine && !mine.applied) {
              effects.push(mine.value);
              mine.applied = true;
            } else if ((step === 'answer' && mine?.applied) || (step === 'lose' && mine)) {
              if (step === 'answer') mine.asked.acknowledged();
              else mine.asked.unknown();
              open.delete(client);
            }
          }
        };
        expect(check(tell, effects)).toEqual([]);
      }),
    );
  });
});

describe('a history is refused', () => {
  it('that lost what was acknowledged', () => {
    expect(check((history) => write(history, 'a', '1').acknowledged(), [])).toEqual([
      'k: 1 was acknowledged and is not in effect',
    ]);
  });

  it('with effects that nobody asked for, or that had failed', () => {
    expect(check(() => {}, ['1'])).toEqual(['k: 1 is in effect and nobody asked for it']);
    expect(check((history) => write(history, 'a', '1').failed(), ['1'])).toEqual(['k: 1 failed and is in effect']);
  });

  it('in another order than it was acknowledged in', () => {
    const tell = (history: OperationHistory) => {
      write(history, 'a', '1').acknowledged();
      write(history, 'b', '2').acknowledged();
    };
    expect(check(tell, ['2', '1'])).toEqual(['k: 1 was acknowledged before 2 was asked for and stands behind it']);
  });

  it('with a write in another order, or with a gap', () => {
    const tell = (history: OperationHistory) => write(history, 'a', '1', '2', '3').unknown();
    expect(check(tell, ['2', '1', '3'])).toEqual(['k: 2 is in effect without 1 before it']);
    expect(check(tell, ['1', '3'])).toEqual(['k: 3 is in effect without 2 before it']);
  });

  it('with a read of what is not in effect, or of what came later', () => {
    const other = (history: OperationHistory) => {
      write(history, 'a', '1').unknown();
      read(history, 'b').acknowledged({ values: ['1'] });
    };
    expect(check(other, [])).toEqual(['k: b read 1 where nothing is in effect']);
    const early = (history: OperationHistory) => {
      read(history, 'b').acknowledged({ values: ['1'] });
      write(history, 'a', '1').acknowledged();
    };
    expect(check(early, ['1'])).toEqual(['k: b read 1 before anybody had asked for it']);
  });

  it('whose reads go back, of values or of how many', () => {
    const tell = (history: OperationHistory) => {
      write(history, 'a', '1').unknown();
      write(history, 'a', '2').unknown();
      read(history, 'b').acknowledged({ count: 2 });
      read(history, 'b').acknowledged({ values: ['1'] });
    };
    expect(check(tell, ['1', '2'], 'trailing')).toEqual(['k: b read 1 after 2 had been read']);
  });

  it('whose fresh reads miss what was acknowledged', () => {
    const tell = (history: OperationHistory) => {
      write(history, 'a', '1').acknowledged();
      read(history, 'b').acknowledged({ values: [] });
    };
    expect(check(tell, ['1'])).toEqual(['k: b read 0 where 1 had been acknowledged']);
  });

  it('in which one operation ends twice', () => {
    const asked = write(createOperationHistory(), 'a', '1');
    asked.unknown();
    expect(() => asked.acknowledged()).toThrow('ended twice');
  });
});
