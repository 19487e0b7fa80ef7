import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { findProcess } from "../../runtime/running-process.ts";
import { superviseChild } from "../../runtime/supervised-child.ts";
import { eventually } from "../support/eventually.ts";
import { tempFolder } from "../support/temp-folder.ts";

const ready = `process.send({ type: "ready" }); process.stdin.resume();`;

test("waits longer before each further restart of a child that keeps ending", async () => {
  const child = await supervise(`${ready} setTimeout(() => process.exit(7), 20);`);
  await eventually("it was started again three times", () => child.pids.length >= 4);
  expect(child.lines.filter((line) => line.includes("starting it again"))).toEqual([
    "worker ended (exit code 7); starting it again in 0.01 s",
    "worker ended (exit code 7); starting it again in 0.02 s",
    "worker ended (exit code 7); starting it again in 0.04 s",
  ]);
});

test("does not start a child again that it stops itself", async () => {
  const child = await supervise(`${ready} process.stdin.on("end", () => process.exit(0));`);
  await child.supervised.ready;
  await child.supervised.stop();
  expect(child.pids.map((pid) => findProcess(pid))).toEqual([undefined]);
  expect(child.lines).toEqual([]);
});

test("rejects with what the child said when its first start fails", async () => {
  const child = await supervise(`console.error("the port is taken"); process.exit(1);`);
  await expect(child.supervised.ready).rejects.toThrow(
    /worker did not start \(exit code 1;[^]*the port is taken/,
  );
});

test("rejects when the program cannot be run at all", async () => {
  const child = await supervise("", "/nowhere/node");
  await expect(child.supervised.ready).rejects.toThrow(/worker did not start \(.*ENOENT/);
  await child.supervised.stop();
});

test("keeps the child's output in its log", async () => {
  const child = await supervise(`console.log("one"); console.error("two"); ${ready}`);
  await child.supervised.ready;
  expect(readFileSync(child.logFile, "utf8")).toMatch(/one[^]*two/);
});

async function supervise(script: string, command = process.execPath) {
  const logFile = join(await tempFolder(), "logs", "worker.log");
  const lines: string[] = [];
  const pids: number[] = [];
  const supervised = superviseChild({
    name: "worker",
    command,
    args: ["-e", script],
    env: process.env,
    logFile,
    progress: (line) => !line.endsWith("is back") && lines.push(line),
    onPid: (pid) => pids.push(pid),
    backOff: { firstMs: 10, maxMs: 40, resetAfterMs: 60_000 },
  });
  onTestFinished(() => supervised.stop());
  return { supervised, lines, pids, logFile };
}
