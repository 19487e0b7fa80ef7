import { expect, test } from "vitest";

import { findFreePort } from "../../runtime/free-port.ts";

test("tells no port twice, since whoever asked first may not listen yet", async () => {
  const ports: number[] = [];
  for (let draw = 0; draw < 300; draw += 1) ports.push(await findFreePort(0, "a port"));
  expect(new Set(ports).size).toBe(ports.length);
});
