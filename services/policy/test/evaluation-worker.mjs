import { register } from "tsx/esm/api";

// A thread does not inherit the loader that lets tests run the source.
register();

const worker = await import("../src/large/evaluation-worker.ts");

export const { prepare } = worker;

/** Never ends for arguments with a member `hang`. */
export function evaluateLarge(task) {
  while (task.argumentsText.includes('"hang":'));
  return worker.evaluateLarge(task);
}
