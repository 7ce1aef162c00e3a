import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

interface Manifest {
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  overrides?: Record<string, string>;
}

type Packages = [name: string, version: string][];

const workspaces = [
  "shared",
  "services/gateway",
  "services/policy",
  "services/tracker",
  "services/standalone",
  "e2e",
] as const;

const ours = "@mcp-governance-bridge/";
const sections = readSections(readFileSync("docs/dependencies.md", "utf8"));
const root = manifestOf(".");

const documented: readonly [section: string, packages: Packages][] = [
  ["Development", packagesOf(root)],
  ["Overrides", Object.entries(root.overrides ?? {})],
  ...workspaces.map((workspace): [string, Packages] => [workspace, packagesOf(manifestOf(workspace))]),
];

test.each(documented)("docs/dependencies.md has a reason for each package of %s, and no other", (section, packages) => {
  const reasons = sections.get(section) ?? new Map<string, string>();
  expect([...reasons.keys()].toSorted()).toEqual(packages.map(([name]) => name).toSorted());
  for (const [name, reason] of reasons) expect(reason, name).not.toBe("");
});

test("every version is exact", () => {
  const manifests = [root, ...workspaces.map(manifestOf)];
  const loose = manifests.flatMap(packagesOf).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version));
  expect(loose).toEqual([]);
});

test("every workspace is looked at", () => {
  const { packages } = JSON.parse(readFileSync("package-lock.json", "utf8")) as { packages: Record<string, object> };
  const inLock = Object.keys(packages).filter((path) => path !== "" && !path.includes("node_modules/"));
  expect(inLock.toSorted()).toEqual([...workspaces].toSorted());
});

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
}

function packagesOf({ dependencies, devDependencies }: Manifest): Packages {
  return Object.entries({ ...dependencies, ...devDependencies }).filter(([name]) => !name.startsWith(ours));
}

/** Reasons by package, by heading. */
function readSections(text: string): Map<string, Map<string, string>> {
  const parts = text.split(/^## /m).slice(1);
  return new Map(parts.map((part) => [part.slice(0, part.indexOf("\n")), readRows(part)]));
}

function readRows(section: string): Map<string, string> {
  const rows = section.matchAll(/^\| `([^`]+)` \|(.*)\|$/gm);
  return new Map([...rows].map(([, name = "", reason = ""]) => [name, reason.trim()]));
}
