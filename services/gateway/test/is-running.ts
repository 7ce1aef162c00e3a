import { readFileSync } from "node:fs";

/** Whether a process lives. One that is dead and not yet collected by its parent does not. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch (error) {
    // Where there is no /proc, the signal's word counts.
    return (error as { path?: string }).path?.startsWith("/proc/") === true && process.platform !== "linux";
  }
}
