/** What a vendor keeps between requests (stored answers), shared by all vendors like the prompt cache. In memory, oldest out first. */

/** Things kept at most: a test keeps tens, and one takes some kilobytes. */
const THINGS_MAX = 2_000;

/** Keeps things under their owner (the credential) and id. */
export interface Shelf {
  put(owner: string, id: string, thing: unknown): void;
  /** Gives the thing, `undefined` when there is none or it is another owner's. */
  get(owner: string, id: string): unknown;
  /** Forgets it; tells whether it was there. */
  remove(owner: string, id: string): boolean;
  clear(): void;
}

/** Gives an empty shelf. */
export function shelf(): Shelf {
  const things = new Map<string, { owner: string; thing: unknown }>();
  const find = (owner: string, id: string) => {
    const found = things.get(id);
    return found?.owner === owner ? found : undefined;
  };
  return {
    put(owner, id, thing) {
      things.set(id, { owner, thing });
      const [oldest] = things.keys();
      if (things.size > THINGS_MAX && oldest !== undefined) things.delete(oldest);
    },
    get: (owner, id) => find(owner, id)?.thing,
    remove: (owner, id) => find(owner, id) !== undefined && things.delete(id),
    clear: () => things.clear(),
  };
}
