import { RE2JS } from "re2js";

/** A test for texts in which a pattern in RE2 syntax is found, as it stands. Its time is linear in the text. Throws on a bad pattern. */
export function compileRe2(source: string): (text: string) => boolean {
  const pattern = RE2JS.compile(source);
  return (text) => pattern.test(text);
}
