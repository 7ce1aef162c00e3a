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
