/** Told of one value: `key` where it is the member of an object, undefined for an array's element and for the root. */
export type Visit = (key: string | undefined, value: unknown) => void;

/** Visits every value of a JSON document in no particular order. It iterates, so depth costs no stack. */
export function visitValues(root: unknown, visit: Visit): void {
  const containers: object[] = [];
  const meet: Visit = (key, value) => {
    visit(key, value);
    if (isContainer(value)) containers.push(value);
  };

  meet(undefined, root);
  for (let next = containers.pop(); next !== undefined; next = containers.pop()) {
    if (Array.isArray(next)) for (const element of next) meet(undefined, element);
    else for (const [key, value] of Object.entries(next)) meet(key, value);
  }
}

export function isContainer(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
