import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/build-cli.ts', 'test/support/provision.ts'],
    setupFiles: ['test/support/property-seed.ts'],
    sequence: { sequencer: LongestFirst },
    // Half of the tests wait for servers: vitest's own choice leaves a core idle on a machine of two. More than that, and
    // two clusters beside each other have brokers that answer too late.
    poolOptions: { forks: { maxForks: Math.max(2, availableParallelism() - 1) } },
    // Against hanging only: on a busy machine everything takes its time.
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
