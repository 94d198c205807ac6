import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/build-cli.ts', 'test/support/provision.ts'],
    setupFiles: ['test/support/property-seed.ts'],
    sequence: { sequencer: LongestFirst },
    // One more than there are cores: half of the files wait for servers most of their time.
    poolOptions: { forks: { maxForks: availableParallelism() + 1 } },
    // Against hanging only: on a busy machine everything takes its time.
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
