/** Tells whether an id was asked about among the last `atLeast`, and remembers it; holds twice as many at most. */
export function createRecentIds(atLeast: number): (id: string) => boolean {
  let current = new Set<string>();
  let previous = new Set<string>();

  return (id) => {
    if (current.has(id) || previous.has(id)) return true;
    if (current.size >= atLeast) {
      previous = current;
      current = new Set();
    }
    current.add(id);
    return false;
  };
}
