/** Where a visit stands: in a container, at one of its members. */
export interface Place {
  readonly container: object;
  readonly parent: Place | undefined;
  /** The step from the parent to this container. */
  readonly step: string | number;
  /** The step from this container to what is visited. */
  at: string | number;
}

/** Told of one member: `key` for an object's, undefined for an array's element and for the root, which has no place. */
export type Visit = (key: string | undefined, value: unknown, place: Place | undefined) => void;

/** Visits every value of a JSON document, the outer ones first. It iterates, so depth costs no stack. */
export function visitMembers(root: unknown, visit: Visit): void {
  visit(undefined, root, undefined);
  if (!isContainer(root)) return;
  const places: Place[] = [{ container: root, parent: undefined, step: "", at: "" }];
  for (let next = 0; next < places.length; next += 1) {
    const place = places[next];
    if (place) visitContainer(place, visit, places);
  }
}

function visitContainer(place: Place, visit: Visit, places: Place[]): void {
  const meet = (step: string | number, key: string | undefined, value: unknown): void => {
    place.at = step;
    visit(key, value, place);
    if (isContainer(value)) places.push({ container: value, parent: place, step, at: "" });
  };
  if (Array.isArray(place.container))
    for (const [index, element] of place.container.entries()) meet(index, undefined, element);
  else for (const [key, value] of Object.entries(place.container)) meet(key, key, value);
}

export function isContainer(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** The place as a JSON pointer (RFC 6901); the root is "". */
export function pointerTo(place: Place | undefined): string {
  if (!place) return "";
  const steps = [place.at];
  for (let inner: Place = place; inner.parent; inner = inner.parent) steps.unshift(inner.step);
  return steps.map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}
