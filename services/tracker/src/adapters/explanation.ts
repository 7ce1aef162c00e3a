/** How a store answers a pipeline. */
export interface Explanation {
  /** Names of the indexes that are read; `_id` where documents are read by their ids. */
  indexes: readonly string[];
  /** The whole collection is read, whatever its size. */
  isScan: boolean;
  /** Documents that are read, where the store tells. */
  documents?: number;
}
