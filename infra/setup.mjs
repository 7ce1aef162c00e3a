import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

// Plain JavaScript without dependencies: it runs before anything is installed.
const root = fileURLToPath(new URL("..", import.meta.url));
const quiet = process.argv.includes("--quiet");
const lockFile = join(
  tmpdir(),
  `mcp-governance-bridge-setup-${createHash("sha256").update(root).digest("hex").slice(0, 12)}`,
);

requireNode(20, 19);
await takeLock();
process.on("exit", () => rmSync(lockFile, { force: true }));
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(1));

if (!isInstalled()) {
  say("installing packages (once, about half a minute) …");
  // npm_execpath is the npm that runs this; `--include=dev` because NODE_ENV=production would leave the compiler out.
  const npm = process.env.npm_execpath;
  const args = ["ci", "--include=dev", "--no-fund", "--no-audit", "--loglevel=error"];
  if (npm) run(process.execPath, [npm, ...args]);
  else run("npm", args);
}
run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-b"]);

function requireNode(major, minor) {
  const [haveMajor, haveMinor] = process.versions.node.split(".").map(Number);
  if (haveMajor > major || (haveMajor === major && haveMinor >= minor)) return;
  fail(`Node.js ${major}.${minor} or newer is needed; this is ${process.versions.node}. See https://nodejs.org/`);
}

/** What is installed has every package of the lock file in its version; optional ones may be for other platforms. */
function isInstalled() {
  const wanted = readPackages("package-lock.json");
  const present = readPackages("node_modules/.package-lock.json");
  if (!present) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    if (!path.includes("node_modules/")) return true;
    const found = present[path];
    return found ? found.version === entry.version : entry.optional === true;
  });
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(join(root, file), "utf8")).packages;
  } catch {
    return undefined;
  }
}

/** One setup at a time for this folder; returns once it is our turn. */
async function takeLock() {
  while (!createLock() || !(await isStillOurs())) {
    if (isAbandoned()) rmSync(lockFile, { force: true });
    await sleep(100);
  }
}

function createLock() {
  try {
    writeFileSync(lockFile, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  }
}

/** Two that find the same dead owner may both think they took over; the last one to write has it. */
async function isStillOurs() {
  await sleep(20);
  return lockOwner() === process.pid;
}

/** Left behind by a setup that was killed. The age helps where its process id has been given away again. */
function isAbandoned() {
  try {
    const owner = lockOwner();
    const tooOld = Date.now() - statSync(lockFile).mtimeMs > 15 * 60_000;
    return tooOld || (owner > 0 && !isAlive(owner));
  } catch {
    return false;
  }
}

function lockOwner() {
  try {
    return Number(readFileSync(lockFile, "utf8"));
  } catch {
    return 0;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** What a step prints matters only when it fails. */
function run(command, args) {
  const { status, error, stdout, stderr } = spawnSync(command, args, { cwd: root, stdio: "pipe", encoding: "utf8" });
  if (status === 0) return;
  process.stderr.write(`${stdout ?? ""}${stderr ?? ""}`);
  fail(error ? `${command}: ${error.message}` : `failed: ${[command, ...args].join(" ")}`);
}

function say(text) {
  if (!quiet) process.stdout.write(`${text}\n`);
}

function fail(text) {
  process.stderr.write(`${text}\n`);
  process.exit(1);
}
