export type Limited = <T>(work: () => Promise<T>) => Promise<T>;

/** At most `atOnce` pieces of work run; the others wait their turn in order. */
export function createLimiter(atOnce: number): Limited {
  let running = 0;
  const waiting: (() => void)[] = [];

  return async (work) => {
    if (running >= atOnce) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
