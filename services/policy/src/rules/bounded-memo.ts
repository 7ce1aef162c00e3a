/** Remembers what was computed for the keys asked for lately, between `limit` and twice as many. */
export function createMemo<Value extends object>(limit: number): (key: string, compute: () => Value) => Value {
  let recent = new Map<string, Value>();
  let older = new Map<string, Value>();

  return (key, compute) => {
    const known = recent.get(key);
    if (known) return known;
    const value = older.get(key) ?? compute();
    if (recent.size >= limit) {
      older = recent;
      recent = new Map();
    }
    recent.set(key, value);
    return value;
  };
}
