import { cruise, type ICruiseResult } from "dependency-cruiser";
import extractOptions from "dependency-cruiser/config-utl/extract-depcruise-options";

// Without a compiler that it knows, dependency-cruiser finds no TypeScript at all and reports success.
const LEAST_MODULES = 200;

const options = await extractOptions("./.dependency-cruiser.mjs");
const { output } = await cruise(["shared/src", "services", "e2e/src"], { ...options, validate: true });
const { modules, summary } = output as ICruiseResult;
const ours = modules.filter(({ source }) => /^(shared|services|e2e)\/.*[.]ts$/.test(source));

for (const { rule, from, to } of summary.violations) console.error(`${rule.name}: ${from} -> ${to}`);
if (ours.length < LEAST_MODULES) {
  console.error(`layers: only ${ours.length} modules were seen; at least ${LEAST_MODULES} are there`);
}
if (summary.error > 0 || ours.length < LEAST_MODULES) process.exit(1);
console.log(`layers: ${ours.length} modules, ${summary.ruleSetUsed?.forbidden?.length} rules, no violation`);
