export interface Sleeper {
  /** Resolves after so many milliseconds, or when woken; without a number only when woken. One sleeps at a time. */
  sleep(ms?: number): Promise<void>;
  wake(): void;
}

export function createSleeper(): Sleeper {
  let wake: (() => void) | undefined;
  return {
    sleep: (ms) =>
      new Promise((resolve) => {
        const timer = ms === undefined ? undefined : setTimeout(resolve, ms);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      }),
    wake: () => wake?.(),
  };
}
