const SLICE_BITS = 16;
const SLICE = 1 << SLICE_BITS;
const WORDS = 4;

const VOUCHES = 1;
const SEEN = 2;

interface Slice {
  words: Uint32Array;
  /** Seconds since 1970. */
  times: Uint32Array;
  flags: Uint8Array;
}

/** Digests of facts, 21 bytes each and as much again to find them: millions fit where their texts would not. */
export interface Fingerprints {
  /** A digest that comes again keeps its later time, and vouches if either does. */
  add(digest: string, time: Date, vouches: boolean): void;
  /** A number for the digest; undefined where it is unknown. */
  find(digest: string): number | undefined;
  timeOf(entry: number): number;
  vouches(entry: number): boolean;
  see(entry: number): void;
  isSeen(entry: number): boolean;
  readonly size: number;
}

/** By the first 128 bits: nobody finds another document for those. */
export function createFingerprints(): Fingerprints {
  const table = new Table();
  return {
    add(digest, time, vouches) {
      const { slice, at } = table.place(table.insert(digest));
      slice.times[at] = Math.max(slice.times[at] ?? 0, Math.floor(time.getTime() / 1_000));
      if (vouches) slice.flags[at] = (slice.flags[at] ?? 0) | VOUCHES;
    },
    find: (digest) => table.find(digest),
    timeOf(entry) {
      const { slice, at } = table.place(entry);
      return (slice.times[at] ?? 0) * 1_000;
    },
    vouches: (entry) => table.has(entry, VOUCHES),
    see(entry) {
      const { slice, at } = table.place(entry);
      slice.flags[at] = (slice.flags[at] ?? 0) | SEEN;
    },
    isSeen: (entry) => table.has(entry, SEEN),
    get size() {
      return table.size;
    },
  };
}

/** Open addressing over slices that never move. */
class Table {
  size = 0;
  readonly #slices: Slice[] = [];
  /** Entry and one; 0 where it is free. */
  #slots = new Uint32Array(SLICE);
  readonly #probe = new Uint32Array(WORDS);

  place(entry: number): { slice: Slice; at: number } {
    const slice = this.#slices[entry >>> SLICE_BITS];
    if (!slice) throw new RangeError("no such fingerprint");
    return { slice, at: entry & (SLICE - 1) };
  }

  has(entry: number, bit: number): boolean {
    const { slice, at } = this.place(entry);
    return ((slice.flags[at] ?? 0) & bit) !== 0;
  }

  find(digest: string): number | undefined {
    read(digest, this.#probe);
    const held = this.#slots[this.#slotOfProbe()];
    return held ? held - 1 : undefined;
  }

  insert(digest: string): number {
    read(digest, this.#probe);
    const slot = this.#slotOfProbe();
    const held = this.#slots[slot];
    if (held) return held - 1;
    const entry = this.size;
    if ((entry & (SLICE - 1)) === 0) this.#slices.push(aSlice());
    const { slice, at } = this.place(entry);
    slice.words.set(this.#probe, at * WORDS);
    this.size += 1;
    this.#slots[slot] = this.size;
    if (this.size * 2 > this.#slots.length) this.#widen();
    return entry;
  }

  /** The slot that has the probe, or the free one where it belongs. */
  #slotOfProbe(): number {
    const mask = this.#slots.length - 1;
    let slot = (this.#probe[0] ?? 0) & mask;
    for (let held = this.#slots[slot]; held; held = this.#slots[slot]) {
      if (this.#isProbe(held - 1)) return slot;
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #isProbe(entry: number): boolean {
    const { slice, at } = this.place(entry);
    return this.#probe.every((word, index) => slice.words[at * WORDS + index] === word);
  }

  #widen(): void {
    const before = this.#slots;
    this.#slots = new Uint32Array(before.length * 2);
    const mask = this.#slots.length - 1;
    for (const held of before) {
      if (held === 0) continue;
      const { slice, at } = this.place(held - 1);
      let slot = (slice.words[at * WORDS] ?? 0) & mask;
      while (this.#slots[slot]) slot = (slot + 1) & mask;
      this.#slots[slot] = held;
    }
  }
}

function aSlice(): Slice {
  return { words: new Uint32Array(SLICE * WORDS), times: new Uint32Array(SLICE), flags: new Uint8Array(SLICE) };
}

function read(digest: string, into: Uint32Array): void {
  for (let word = 0; word < WORDS; word += 1) into[word] = Number.parseInt(digest.slice(word * 8, word * 8 + 8), 16);
}
