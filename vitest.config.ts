import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/build-cli.ts', 'test/support/provision.ts'],
    setupFiles: ['test/support/property-seed.ts'],
    // Against hanging only: on a busy machine everything takes its time.
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
