import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";

import { startDeadline } from "../../clients/call-deadline.ts";

const hour = 3_600_000;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** As `fetch` and the `openai` package do: they listen to the signal, and do not stop when the call is over. */
function callOnce(caller: AbortSignal | undefined): WeakRef<object> {
  const { signal, end } = startDeadline(hour, caller);
  const heavy = { answer: "x".repeat(1_000) };
  signal.addEventListener("abort", () => heavy, { once: true });
  end();
  return new WeakRef(heavy);
}

test.each([
  ["with a caller who lives long", new AbortController().signal],
  ["without one", undefined],
])("a call that is over leaves nothing in memory, %s", async (_name, caller) => {
  const left = callOnce(caller);
  await new Promise(setImmediate); // a WeakRef holds what it names until this turn of the loop is over
  collectGarbage();
  expect(left.deref()).toBeUndefined();
});

test("a call ends with its caller, who may have given up before", () => {
  const caller = new AbortController();
  const during = startDeadline(hour, caller.signal);
  expect(during.signal.aborted).toBe(false);
  caller.abort();
  const after = startDeadline(hour, caller.signal);
  for (const { signal, isTimeout, end } of [during, after]) {
    expect({ isAborted: signal.aborted, isTimeout: isTimeout() }).toEqual({
      isAborted: true,
      isTimeout: false,
    });
    end();
  }
});

test("a call ends when its time is up, and says so", async () => {
  const { signal, isTimeout } = startDeadline(1, undefined);
  await new Promise((resolve) => signal.addEventListener("abort", resolve));
  expect(isTimeout()).toBe(true);
});
