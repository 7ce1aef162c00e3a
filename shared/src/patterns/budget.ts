const TIMES_THE_INPUT = 16;
const CHARACTERS_BESIDES = 65_536;

/** A value hides so much in layers and disguises that looking through it would take too long. */
export class TooMuchToCheck extends Error {
  override readonly name = "TooMuchToCheck";
}

/** How much may be looked at on behalf of one value: a multiple of its own size, so that work stays linear. */
export class Budget {
  #left: number;

  constructor(inputCharacters: number) {
    this.#left = TIMES_THE_INPUT * inputCharacters + CHARACTERS_BESIDES;
  }

  /** Throws TooMuchToCheck once the sum of what is taken is beyond the bound. */
  take(characters: number): void {
    this.#left -= characters;
    if (this.#left < 0) throw new TooMuchToCheck("decoded forms of the value are too many to look through");
  }
}
