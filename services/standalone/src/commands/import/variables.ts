/** The variables that an imported file refers to: those that the client's file had, and those that hide its secrets. */
export interface VariableNames {
  /** A reference instead of a secret. One secret has one name; no other secret has it. */
  hide(secret: string, wanted: readonly string[]): string;
  /** Remembers a reference that the file had itself. */
  refer(name: string): void;
  /** All that must be set, in the order in which they were met. */
  names(): readonly string[];
}

/** `reserved`: names that the client's file refers to itself, whose values are not known. */
export function createVariableNames(reserved: ReadonlySet<string>): VariableNames {
  const secrets = new Map<string, string>();
  const needed = new Set<string>();
  const isFree = (name: string, secret: string): boolean =>
    !reserved.has(name) && (secrets.get(name) ?? secret) === secret;
  return {
    hide(secret, wanted) {
      const last = wanted.at(-1) ?? "SECRET";
      const numbered = Array.from({ length: secrets.size + reserved.size + 1 }, (_, index) => `${last}_${index + 2}`);
      const name = [...wanted, ...numbered].find((candidate) => isFree(candidate, secret)) ?? last;
      secrets.set(name, secret);
      needed.add(name);
      return `\${${name}}`;
    },
    refer: (name) => void needed.add(name),
    names: () => [...needed],
  };
}

/** `tavilyApiKey` and `TAVILY-API-KEY` are the words tavily, api and key. */
export function wordsOf(name: string): string[] {
  const words = name.replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase();
  return words.split(/[^a-z0-9]+/).filter((word) => word !== "");
}

/** A name for an environment variable, of all parts; a part that begins with those before it stands for them too. */
export function variableName(...parts: readonly string[]): string {
  const joined = parts.reduce<string>((before, part) => {
    const words = wordsOf(part).join("_");
    return before === "" || `${words}_`.startsWith(`${before}_`) ? words : `${before}_${words}`;
  }, "");
  const name = joined.toUpperCase();
  return /^\d/.test(name) || name === "" ? `_${name}` : name;
}
