import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, test } from "vitest";
import { policyProblems } from "../services/policy/src/policy-problems.ts";
import { checkConfiguration } from "../shared/src/configuration/check.ts";

const pages = [
  "README.md",
  "REVIEW.md",
  ...readdirSync("docs", { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => join("docs", name)),
];

const folders = new Set([".ci", "config", "docs", "e2e", "infra", "services", "shared"]);
const MAX_ARCHITECTURE_LINES = 99;

const textOf = (page: string): string => readFileSync(page, "utf8");

test.each(pages)("every relative link in %s leads somewhere", (page) => {
  const targets = [...textOf(page).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, target = ""]) => target);
  expect(targets.filter((target) => !leadsSomewhere(page, target))).toEqual([]);
});

test.each(pages)("every path that %s names exists", (page) => {
  const named = [...textOf(page).matchAll(/`([^`\s]+)`/g)].map(([, token = ""]) => token);
  expect(named.filter((token) => isPath(token) && !existsSync(token))).toEqual([]);
});

test.each(pages)("every npm script that %s names exists", (page) => {
  const { scripts } = JSON.parse(textOf("package.json")) as { scripts: Record<string, string> };
  const named = [...textOf(page).matchAll(/npm run ([\w:-]+)/g)].map(([, name = ""]) => name);
  expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
});

test("the configuration that README.md shows can be used", () => {
  const blocks = [...textOf("README.md").matchAll(/^```json\n(.*?)^```$/gms)].map(([, text = ""]) => text);
  const configurations = blocks.filter((text) => "governance" in JSON.parse(text));
  expect(configurations.length).toBeGreaterThan(1);
  for (const text of configurations) {
    expect(checkConfiguration(text, { env: { WEATHER_KEY: "secret" }, problemsOf: policyProblems }).problems).toEqual(
      [],
    );
  }
});

test("docs/architecture.md can be read in one sitting", () => {
  expect(textOf("docs/architecture.md").trimEnd().split("\n").length).toBeLessThanOrEqual(MAX_ARCHITECTURE_LINES);
});

test("decisions are numbered without a gap, and each says what every decision says", () => {
  const names = readdirSync("docs/adr").toSorted();
  expect(names.map((name) => Number(name.slice(0, 4)))).toEqual(names.map((_, index) => index + 1));
  const headings = ["Context", "Decision", "Consequences", "Non-goals", "What would change our mind"];
  for (const name of names) {
    const text = textOf(join("docs/adr", name));
    expect(text.startsWith(`# ${name.slice(0, 4)} `), name).toBe(true);
    expect([...text.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading)).toEqual(headings);
  }
});

function leadsSomewhere(page: string, target: string): boolean {
  const [path = "", anchor] = target.split("#");
  const file = path === "" ? page : normalize(join(dirname(page), path));
  if (!existsSync(file)) return false;
  return anchor === undefined || anchorsOf(file).has(anchor);
}

function anchorsOf(page: string): Set<string> {
  const headings = [...textOf(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => heading);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\w\s-]/g, "")
        .replaceAll(" ", "-"),
    ),
  );
}

/** A file or folder of this repository, without wildcards. */
function isPath(token: string): boolean {
  const [first = "", ...rest] = token.split("/");
  return rest.length > 0 && folders.has(first) && /^[\w./-]+$/.test(token);
}
