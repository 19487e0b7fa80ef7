import { expect, test } from "vitest";
import { createLimiter } from "../../clients/limiter.ts";

test("runs no more than allowed at once, all in the end, also after failures", async () => {
  const limited = createLimiter(3);
  let running = 0;
  let most = 0;
  const work = async (index: number) => {
    running += 1;
    most = Math.max(most, running);
    await new Promise<void>((resolve) => setImmediate(resolve));
    running -= 1;
    if (index % 4 === 0) throw new Error("failed");
    return index;
  };
  const results = await Promise.allSettled(
    Array.from({ length: 40 }, (_, index) => limited(() => work(index))),
  );
  expect(most).toBe(3);
  expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(30);
  expect(await limited(() => Promise.resolve("free again"))).toBe("free again");
});
