import { defineConfig } from "vitest/config";

export default defineConfig({
  ssr: { resolve: { conditions: ["@spanhouse/source"], externalConditions: ["@spanhouse/source"] } },
  resolve: { conditions: ["@spanhouse/source"] },
  test: {
    include: ["*/test/**/*.test.ts", "{services,sdk}/*/test/**/*.test.ts"],
    globalSetup: ["services/store/test/global-setup.ts", "infra/kafka/vitest-global-setup.ts"],
    pool: "forks",
    // One more than two cores: many tests wait for brokers, sessions and servers.
    maxWorkers: 3,
    testTimeout: 30_000,
    hookTimeout: 120_000,
  },
});
