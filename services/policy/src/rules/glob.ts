/** A test for texts: `*` stands for any characters, also none, `?` for exactly one. Case counts. Its time is linear in the text times the glob. */
export function compileGlob(glob: string): (text: string) => boolean {
  if (glob === "*") return () => true;
  if (!/[*?]/.test(glob)) return (text) => text === glob;
  return (text) => matchesGlob(glob, text);
}

/** A test for texts that at least one of the globs matches. */
export function compileGlobs(globs: readonly string[]): (text: string) => boolean {
  const exact = new Set(globs.filter((glob) => !/[*?]/.test(glob)));
  const tests = globs.filter((glob) => !exact.has(glob)).map(compileGlob);
  return (text) => exact.has(text) || tests.some((test) => test(text));
}

/** Goes back only to the last star, so that no glob makes it slow. */
function matchesGlob(glob: string, text: string): boolean {
  let inGlob = 0;
  let star = -1;
  let afterStar = 0;
  for (let inText = 0; inText < text.length; ) {
    const wanted = glob[inGlob];
    if (wanted === "*") {
      star = inGlob++;
      afterStar = inText;
    } else if (wanted === "?" || wanted === text[inText]) {
      inGlob += 1;
      inText += 1;
    } else if (star === -1) {
      return false;
    } else {
      inGlob = star + 1;
      inText = ++afterStar;
    }
  }
  return /^\**$/.test(glob.slice(inGlob));
}

/** An expression of a URI template. */
const VARIABLE = /\{[^{}]*\}/g;

/** Stands for what a variable may become: no glob names it. */
const ANYTHING = "\uE000";

/**
 * A test for URI templates (RFC 6570): whether the glob matches every URI that the template stands for.
 * A variable may be empty or of any length, so that only a star can take it up.
 */
export function coversTemplate(glob: string, template: string): boolean {
  const longest = ANYTHING.repeat(glob.length + 1);
  const matches = compileGlob(glob);
  return matches(template.replace(VARIABLE, "")) && matches(template.replace(VARIABLE, longest));
}

/** A test for URI templates: whether the glob matches at least one URI that the template stands for. */
export function meetsTemplate(glob: string, template: string): boolean {
  return meet(glob, template.replace(VARIABLE, ANYTHING));
}

/** Whether some text is matched by both; `ANYTHING` in the second stands for any characters, as `*` in the first. */
function meet(glob: string, template: string): boolean {
  const width = template.length + 1;
  const seen = new Set([0]);
  for (const place of seen) {
    const inGlob = Math.floor(place / width);
    const inTemplate = place % width;
    if (inGlob === glob.length && inTemplate === template.length) return true;
    for (const step of stepsFor(glob[inGlob], template[inTemplate]))
      seen.add(place + step.glob * width + step.template);
  }
  return false;
}

const SKIP_WANTED = { glob: 1, template: 0 };
const SKIP_FOUND = { glob: 0, template: 1 };
const BOTH = { glob: 1, template: 1 };

function stepsFor(wanted: string | undefined, found: string | undefined): readonly (typeof BOTH)[] {
  if (wanted === "*") return found === undefined ? [SKIP_WANTED] : [SKIP_WANTED, SKIP_FOUND];
  if (found === ANYTHING) return wanted === undefined ? [SKIP_FOUND] : [SKIP_FOUND, SKIP_WANTED];
  const isSame = wanted === found || wanted === "?";
  return isSame && wanted !== undefined && found !== undefined ? [BOTH] : [];
}
