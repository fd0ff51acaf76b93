/**
 * A table of words that callers, vendors or files look up in: nothing but its own members is found. A plain object answers `constructor`, `toString` and `__proto__` as well, with
 * functions. `npm run check:shape` asks for it at every constant with open keys.
 */
export const table = <Entries extends object>(entries: Entries): Entries => Object.assign(Object.create(null) as object, entries) as Entries;
