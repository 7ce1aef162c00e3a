import { defineConfig } from "vitest/config";

interface Project {
  include: string[];
  exclude?: string[];
  testTimeout: number;
}

const project = (name: string, { include, exclude = [], testTimeout }: Project) => ({
  test: { name, include, exclude: ["**/dist/**", ...exclude], testTimeout, hookTimeout: 60_000 },
});

/** Takes our packages from their source. Not for tests with the official clients, of which one has packages with a `source` that Node cannot run. */
const fromSource = (name: string, options: Project) => ({
  ...project(name, options),
  ssr: { resolve: { conditions: ["source"] } },
});

const CONTRACT = "{shared,services/*}/src/**/*.contract.test.ts";
const COMPOSE = "e2e/src/compose/**/*.test.ts";

export default defineConfig({
  test: {
    projects: [
      fromSource("unit", {
        include: ["{shared,services/*}/src/**/*.test.ts"],
        exclude: [CONTRACT],
        testTimeout: 10_000,
      }),
      fromSource("contract", { include: [CONTRACT], testTimeout: 30_000 }),
      fromSource("gates", { include: ["infra/**/*.test.ts"], testTimeout: 60_000 }),
      project("e2e", { include: ["e2e/src/**/*.test.ts"], exclude: [COMPOSE], testTimeout: 60_000 }),
      project("compose", { include: [COMPOSE], testTimeout: 120_000 }),
    ],
  },
});
