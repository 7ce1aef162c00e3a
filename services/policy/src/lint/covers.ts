import type { Selector } from "@mcp-governance-bridge/shared/configuration";
import { methodsOf } from "./methods.ts";

/** Whether every call that the second selector is about is one that the first is about, servers left aside. May say no where it is so. */
export function covers(outer: Selector, inner: Selector): boolean {
  return (
    coversList(outer.principals, inner.principals, coversGlob) &&
    coversList(outer.clients, inner.clients, coversGlob) &&
    coversList(outer.roles, inner.roles, isSame) &&
    methodsOf(inner).every((method) => methodsOf(outer).includes(method)) &&
    coversTargets(outer, inner) &&
    coversAnnotations(outer, inner)
  );
}

type List = readonly string[] | undefined;

/** Whatever one of the inner list is met by is met by one of the outer. */
function coversList(outer: List, inner: List, test: (outer: string, inner: string) => boolean): boolean {
  if (outer === undefined) return true;
  return inner?.every((one) => outer.some((other) => test(other, one))) ?? false;
}

function isSame(one: string, other: string): boolean {
  return one === other;
}

function coversTargets(outer: Selector, inner: Selector): boolean {
  const kinds = ["tools", "prompts", "resources"] as const;
  if (kinds.every((kind) => outer[kind] === undefined)) return true;
  const given = kinds.filter((kind) => inner[kind] !== undefined);
  return given.length > 0 && given.every((kind) => coversList(outer[kind] ?? [], inner[kind], coversGlob));
}

function coversAnnotations(outer: Selector, inner: Selector): boolean {
  return Object.entries(outer.annotations ?? {}).every(([name, value]) => inner.annotations?.[name] === value);
}

/** Whether every text that the inner glob matches is matched by the outer. May say no where it is so, as for `?*` and `*?`. */
export function coversGlob(outer: string, inner: string): boolean {
  // Places in the outer glob that the inner one may have led to; a star may take anything up, or nothing.
  let places = afterStars(outer, new Set([0]));
  for (const found of inner) {
    const next = [...places].flatMap((place) => stepsFrom(outer, place, found));
    places = afterStars(outer, new Set(next));
  }
  return places.has(outer.length);
}

function stepsFrom(outer: string, place: number, found: string): number[] {
  const wanted = outer[place];
  if (wanted === "*") return [place];
  const isMet = wanted === found || (wanted === "?" && found !== "*");
  return isMet ? [place + 1] : [];
}

function afterStars(outer: string, places: Set<number>): Set<number> {
  for (const place of places) if (outer[place] === "*") places.add(place + 1);
  return places;
}
