import { defineConfig } from "vitest/config";

const test = (name: string, include: string[], testTimeout: number) => ({
  ssr: { resolve: { conditions: ["source"] } },
  test: { name, include, testTimeout, hookTimeout: 60_000, passWithNoTests: false },
});

export default defineConfig({
  test: {
    projects: [
      {
        ...test("unit", ["{shared,services/*}/src/**/*.test.ts"], 10_000),
        test: {
          ...test("unit", ["{shared,services/*}/src/**/*.test.ts"], 10_000).test,
          exclude: ["**/*.contract.test.ts", "**/dist/**"],
        },
      },
      test("contract", ["{shared,services/*}/src/**/*.contract.test.ts"], 30_000),
      test("e2e", ["e2e/src/**/*.test.ts"], 60_000),
    ],
  },
});
