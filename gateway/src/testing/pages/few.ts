/** Gives a function that runs work, so many at a time, the rest in the order of arrival. */
export function few(atOnce: number): <T>(work: () => Promise<T>) => Promise<T> {
  let free = atOnce;
  const line: (() => void)[] = [];
  return async (work) => {
    if (free === 0) await new Promise<void>((resolve) => void line.push(resolve));
    else free -= 1;
    try {
      return await work();
    } finally {
      // A place is handed on, never free in between.
      const next = line.shift();
      if (next) next();
      else free += 1;
    }
  };
}
