import { Metadata, status } from '@grpc/grpc-js';
import { expect, it } from 'vitest';
import { callFailure, StatusError, statusOf } from '../../../src/adapters/grpc/grpc-failure.ts';
import { AppError } from '../../../src/model/app-error.ts';
import { RejectedInput } from '../../../src/model/rejection.ts';

const told = (code: status, details = 'x') => callFailure({ code, details, metadata: new Metadata() }, 'S/M at h:1');

it.each([
  [status.UNAVAILABLE, 'unavailable', true],
  [status.DEADLINE_EXCEEDED, 'unavailable', true],
  [status.RESOURCE_EXHAUSTED, 'unavailable', true],
  [status.CANCELLED, 'unavailable', true],
  [status.ABORTED, 'unavailable', true],
  [status.INVALID_ARGUMENT, 'invalid_argument', false],
  [status.UNAUTHENTICATED, 'invalid_argument', false],
  [status.PERMISSION_DENIED, 'invalid_argument', false],
  [status.UNIMPLEMENTED, 'invalid_argument', false],
  [status.INTERNAL, 'internal', false],
  [status.UNKNOWN, 'internal', false],
])('a status %i of who is not elastream is %s, retryable %s', (code, appCode, retryable) => {
  const message = expect.stringMatching(new RegExp(`^S/M at h:1: ${status[code]}: x`));
  expect(told(code)).toMatchObject({ code: appCode, retryable, message });
});

it('names no place on this machine, where there is one only', () => {
  const { code, details, metadata } = statusOf(new AppError('invalid_argument', 'there is no campaign'))!;
  const failure = (what: string) => callFailure({ code, details, metadata }, what).message;
  expect(failure('S/M at unix:/tmp/a/calls')).toBe('there is no campaign');
  expect(failure('S/M at h:1')).toBe('S/M at h:1: there is no campaign');
});

it('tells a stream that was cut off from a failure of the server', () => {
  expect(told(status.INTERNAL, 'Received RST_STREAM with code 2')).toMatchObject({
    code: 'unavailable',
    retryable: true,
  });
});

it('does not try again what does not trust or is too large', () => {
  expect(told(status.UNAVAILABLE, 'Error: self-signed certificate')).toMatchObject({ retryable: false });
  const large = { code: 'invalid_argument', message: expect.stringContaining('(9 vs 8) bytes') };
  expect(told(status.RESOURCE_EXHAUSTED, 'Received message larger than max (9 vs 8)')).toMatchObject(large);
});

it.each(['Failed to connect', 'read ECONNRESET'])('asks for certificates where a peer only says %s', (said) => {
  const failure = told(status.UNAVAILABLE, `No connection established. Last error: ${said}`);
  expect(failure).toMatchObject({ retryable: true, message: expect.stringContaining('certificate not trusted?') });
});

it('names the call that failed, and not those that only passed its failure on', () => {
  const passed = new AppError('unavailable', 'elastream.v1.Campaigns/PauseCampaign at node:7: nobody answers there');
  const { message } = callFailure({ ...statusOf(passed)! }, 'elastream.v1.Campaigns/PauseCampaign at gateway:1');
  expect(message).toBe(passed.message);
  const own = callFailure({ ...statusOf(new AppError('unavailable', 'no node answers'))! }, 'S/M at gateway:1');
  expect(own.message).toBe('S/M at gateway:1: no node answers');
});

it('ignores a code that this version does not know', () => {
  const metadata = new Metadata();
  metadata.set('elastream-code', 'of_tomorrow');
  const failure = callFailure({ code: status.UNAVAILABLE, details: '', metadata }, '');
  expect(failure).toMatchObject({ code: 'unavailable', retryable: true });
});

it('gives statuses for callers that are not elastream, and none for defects', () => {
  expect(statusOf(new AppError('unavailable', 'x'))?.code).toBe(status.UNAVAILABLE);
  expect(statusOf(new AppError('interrupted', 'x'))?.code).toBe(status.ABORTED);
  expect(statusOf(new RejectedInput('bad_id', 'x'))).toMatchObject({ code: status.INVALID_ARGUMENT, details: 'x' });
  expect(statusOf(new StatusError(status.NOT_FOUND, 'x'))).toMatchObject({ code: status.NOT_FOUND, details: 'x' });
  expect(statusOf(new Error('x'))).toBeUndefined();
  expect(statusOf(new AppError('internal', 'Ω'.repeat(1e6)))?.details.length).toBeLessThan(10_000);
});
