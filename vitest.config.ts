import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/build-cli.ts', 'test/support/provision.ts'],
    setupFiles: ['test/support/property-seed.ts'],
    // Half of the tests wait for servers: vitest's own choice leaves a core idle on a machine of two.
    poolOptions: { forks: { maxForks: Math.max(2, availableParallelism() - 1) } },
    // Against hanging only: on a busy machine everything takes its time.
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
