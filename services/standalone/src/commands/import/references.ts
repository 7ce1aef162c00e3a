import { type VariableNames, variableName } from "./variables.ts";

const REFERENCE = /\$\{([^{}]*)\}|\$\{/g;
const VARIABLE = /^(?:env:)?([A-Za-z_]\w*)(:-.*)?$/s;

/** Words of editors for the mark between folders. */
const SEPARATORS = new Set(["/", "pathSeparator"]);

/** The text with a client's references in our form: `${env:NAME}`, `${input:id}`, `${workspaceFolder}` and the like. */
export function translateReferences(text: string, variables: VariableNames): string {
  return text.replaceAll(REFERENCE, (_, inner?: string) => {
    if (inner === undefined) return "$${";
    if (SEPARATORS.has(inner)) return "/";
    const [, name = variableOf(inner), fallback = ""] = VARIABLE.exec(inner) ?? [];
    if (fallback === "") variables.refer(ourName(name));
    return `\${${ourName(name)}${fallback}}`;
  });
}

/** The names of the variables that a text refers to. */
export function referredNames(text: string): Set<string> {
  const inner = [...text.matchAll(REFERENCE)].map(([, name = ""]) => name);
  return new Set(inner.map((name) => ourName(VARIABLE.exec(name)?.[1] ?? variableOf(name))));
}

/** `input:github-token` asks for GITHUB_TOKEN. */
function variableOf(inner: string): string {
  return variableName(inner.replace(/^(input|config|command):/, ""));
}

/** Editors' own words, such as workspaceFolder, become names as variables have them. */
function ourName(name: string): string {
  if (name === "userHome") return "HOME";
  return name.startsWith("workspaceFolder") ? variableName(name) : name;
}
