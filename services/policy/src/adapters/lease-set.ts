/** Who holds a permit of one limit, each until a time of its own. */
export interface LeaseSet {
  readonly size: number;
  has(holder: string): boolean;
  /** Ends the leases whose time has come at `now`. */
  advance(now: number): void;
  /** Takes or prolongs the holder's lease. */
  add(holder: string, until: number): void;
  delete(holder: string): void;
}

export function createLeaseSet(): LeaseSet {
  const leases = new Map<string, number>();
  /** No lease ends before this time, so that until then none need be looked at. */
  let earliest = Number.POSITIVE_INFINITY;

  return {
    get size() {
      return leases.size;
    },
    has: (holder) => leases.has(holder),
    advance(now) {
      if (now < earliest) return;
      earliest = Number.POSITIVE_INFINITY;
      for (const [holder, until] of leases) {
        if (until <= now) leases.delete(holder);
        else earliest = Math.min(earliest, until);
      }
    },
    add(holder, until) {
      leases.set(holder, until);
      earliest = Math.min(earliest, until);
    },
    delete: (holder) => void leases.delete(holder),
  };
}
