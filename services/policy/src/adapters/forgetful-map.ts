export interface ForgetfulMap<Value> {
  get(key: string): Value | undefined;
  /** The value of the key, made where there is none. */
  at(key: string, make: () => Value): Value;
}

const FIRST_SWEEP = 1_024;

/** Forgets idle values, which have nothing to remember, whenever the number of values has doubled: memory follows what is in use. */
export function createForgetfulMap<Value>(isIdle: (value: Value) => boolean): ForgetfulMap<Value> {
  const values = new Map<string, Value>();
  let sweepAt = FIRST_SWEEP;

  function sweep(): void {
    for (const [key, value] of values) if (isIdle(value)) values.delete(key);
    sweepAt = Math.max(FIRST_SWEEP, values.size * 2);
  }

  return {
    get: (key) => values.get(key),
    at(key, make) {
      const known = values.get(key);
      if (known !== undefined) return known;
      const value = make();
      values.set(key, value);
      // Later: who asks for several values in one turn may be about to use one that is idle as yet.
      if (values.size === sweepAt) queueMicrotask(sweep);
      return value;
    },
  };
}
