import { describe, expect, it } from 'vitest';
import { createServiceLogger, type ServiceLoggerOptions } from '../../../src/adapters/pino/service-logger.ts';
import { AppError } from '../../../src/model/app-error.ts';
import { createVirtualClock } from '../../support/simulation/virtual-clock.ts';

const PASSING = new AppError('unavailable', 'broker 2 is not there', { retryable: true });

function open(change: Partial<ServiceLoggerOptions> = {}) {
  const clock = createVirtualClock(Date.parse('2026-01-02T03:04:05.678Z'));
  const written: string[] = [];
  const destination = { write: (line: string) => void written.push(line) };
  const logger = createServiceLogger({ service: 'ingestion', node: 'node-1', clock, destination, ...change });
  const lines = () => written.map((line) => JSON.parse(line) as Record<string, unknown>);
  return { clock, logger, written, lines };
}

describe('service logger', () => {
  it('writes a JSON object per line', () => {
    const { logger, written, lines } = open();
    logger.log('info', 'ready', { partitions: 8, trace_id: 'a', span_id: 'b' });
    expect(written).toHaveLength(1);
    expect(written[0]).toMatch(/^[^\n]+\n$/);
    expect(lines()).toEqual([
      {
        ...{ level: 'info', time: '2026-01-02T03:04:05.678Z', service: 'ingestion', node: 'node-1' },
        ...{ msg: 'ready', partitions: 8, trace_id: 'a', span_id: 'b' },
      },
    ]);
  });

  it('leaves out what is below its level', () => {
    const { logger, lines } = open({ level: 'warn' });
    for (const level of ['debug', 'info', 'warn', 'error'] as const) logger.log(level, level);
    expect(lines().map(({ msg }) => msg)).toEqual(['warn', 'error']);
  });

  it('says of an error its code and words, and where it came from if it is a fault of ours', () => {
    const { logger, lines } = open();
    logger.log('warn', 'a', { err: PASSING, attempt: 1 });
    logger.log('error', 'b', { err: new AppError('internal', 'models differ') });
    logger.log('error', 'c', { err: new TypeError('x is not a function') });
    logger.log('error', 'd', { err: 'thrown as text' });
    expect(lines().map(({ err }) => err)).toEqual([
      { code: 'unavailable', retryable: true, message: 'broker 2 is not there' },
      {
        code: 'internal',
        retryable: false,
        message: 'models differ',
        stack: expect.stringContaining('service-logger'),
      },
      { ...{ code: 'internal', retryable: false, message: 'x is not a function' }, stack: expect.any(String) },
      { code: 'internal', retryable: false, message: 'thrown as text' },
    ]);
    expect(lines()[0]).toMatchObject({ attempt: 1 });
  });

  it('keeps secrets, wherever they stand', () => {
    const { logger, written, lines } = open();
    const error = new AppError('unavailable', 'nats://user:hunter2@host:4222 refuses');
    logger.log('info', 'connecting to https://default:hunter2@tables:8443/?a=@b', {
      ...{ password: 'hunter2', nkeySeed: 'hunter2', key: Buffer.from('hunter2'), bytes: Buffer.from('hunter2') },
      kafka: [{ security: { sasl: { username: 'hunter2' }, tls: { KEY: 'hunter2', ca: 'public' } } }],
      cause: new Error('at amqp://:hunter2@host'),
      err: error,
    });
    expect(written.join()).not.toContain('hunter2');
    expect(written.join()).not.toContain(Buffer.from('hunter2').toString('base64'));
    expect(lines()).toMatchObject([
      {
        msg: 'connecting to https://[secret]@tables:8443/?a=@b',
        kafka: [{ security: { sasl: '[secret]', tls: { ca: 'public' } } }],
        err: { message: 'nats://[secret]@host:4222 refuses' },
      },
    ]);
  });

  it('writes what JSON has no words for', () => {
    const { logger, lines } = open();
    const cyclic: { offset: bigint; self?: unknown } = { offset: 2n ** 60n };
    cyclic.self = cyclic;
    logger.log('info', 'odd', { cyclic });
    expect(lines()).toMatchObject([
      { cyclic: { offset: '1152921504606846976', self: { offset: '1152921504606846976' } } },
    ]);
  });
});

describe('an error that repeats', () => {
  it('is said once in 30 s, with how many were left out', async () => {
    const { clock, logger, lines } = open();
    for (let second = 0; second < 60; second++) {
      logger.log('warn', 'no connection', { err: PASSING, second });
      await clock.advance(1000);
    }
    expect(lines().map(({ second, left_out }) => [second, left_out])).toEqual([
      [0, undefined],
      [30, 29],
    ]);
    logger.close();
    logger.close();
    expect(lines().slice(2)).toMatchObject([{ msg: 'no connection', second: 59, left_out: 29 }]);
  });

  it('is another where level, message, code or words differ', () => {
    const { logger, lines } = open();
    logger.log('warn', 'a', { err: PASSING });
    logger.log('warn', 'b', { err: PASSING });
    logger.log('error', 'a', { err: PASSING });
    logger.log('warn', 'a', { err: new AppError('closed', PASSING.message) });
    logger.log('warn', 'a', { err: new AppError('unavailable', 'broker 3 is not there') });
    expect(lines()).toHaveLength(5);
    logger.log('warn', 'a', { err: new AppError('unavailable', 'broker 3 is not there') });
    expect(lines()).toHaveLength(5);
  });

  it('is counted at the next line where it does not come again', async () => {
    const { clock, logger, lines } = open();
    for (let i = 0; i < 5; i++) logger.log('warn', 'no connection', { err: PASSING });
    await clock.advance(29_000);
    logger.log('info', 'early');
    await clock.advance(1000);
    logger.log('info', 'late');
    logger.log('info', 'later');
    expect(lines().map(({ msg, left_out }) => [msg, left_out])).toEqual([
      ['no connection', undefined],
      ['early', undefined],
      ['late', undefined],
      ['no connection', 4],
      ['later', undefined],
    ]);
  });

  it('is forgotten, with its count said, where a thousand others came since', () => {
    const { logger, lines } = open();
    const fault = (offset: number) => logger.log('warn', 'x', { err: new AppError('unavailable', `at ${offset}`) });
    for (let i = 0; i < 3; i++) fault(0);
    for (let offset = 1; offset < 1000; offset++) fault(offset);
    expect(lines()).toHaveLength(1000);
    fault(1000);
    expect(lines().at(-1)).toMatchObject({ err: { message: 'at 0' }, left_out: 2 });
    fault(0);
    expect(lines().at(-1)).toMatchObject({ err: { message: 'at 0' } });
    expect(lines().at(-1)).not.toHaveProperty('left_out');
  });

  it('does not hide lines without an error', () => {
    const { logger, lines } = open();
    for (let i = 0; i < 3; i++) logger.log('info', 'round opened');
    expect(lines()).toHaveLength(3);
  });
});
