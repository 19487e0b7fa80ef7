import { setTimeout as wait } from "node:timers/promises";

import { waitUntil } from "../../../runtime/wait-until.ts";
import { readStrikes } from "../failpoints.ts";
import type { FailAction } from "../failpoints.ts";
import type { Member } from "../member.ts";
import type { FaultKind, Scene, Struck } from "./fault-kind.ts";

export const failpointFaults: FaultKind[] = [
  {
    id: "F01",
    title: "process killed at a failpoint",
    weight: 30,
    stream: "failpoints",
    strike: (scene) => failAt(scene, "kill"),
  },
  {
    id: "F17",
    title: "step fails at a failpoint",
    weight: 5,
    stream: "failpoints",
    strike: (scene) => failAt(scene, "fail"),
  },
  {
    id: "F22",
    title: "step stalls at a failpoint",
    weight: 3,
    stream: "failpoints",
    strike: (scene) => failAt(scene, "stall"),
  },
];

export const processFaults: FaultKind[] = [
  {
    id: "F03",
    title: "worker killed at random",
    weight: 6,
    stream: "lasting",
    strike: async (scene) => {
      const member = worker(scene);
      member.kill();
      await member.ready();
      return { what: member.name, hasStruck: true };
    },
  },
  {
    id: "F08",
    title: "API killed at random",
    weight: 5,
    stream: "lasting",
    strike: async ({ town }) => {
      town.api.kill();
      await town.api.ready();
      return { what: "api", hasStruck: true };
    },
  },
  {
    id: "F04",
    title: "all workers down",
    weight: 2,
    stream: "lasting",
    strike: async ({ town, random }) => {
      const seconds = random.int(8, 20);
      for (const member of town.workers) member.hold();
      await wait(seconds * 1_000);
      for (const member of town.workers) member.start();
      return { what: `${seconds} s`, hasStruck: true };
    },
  },
  {
    id: "F05",
    title: "process frozen beyond its time-outs",
    weight: 4,
    stream: "lasting",
    strike: async (scene) => {
      const [member, seconds] = [anyMember(scene), scene.random.int(5, 25)];
      await member.freeze(seconds * 1_000);
      return { what: `${member.name}, ${seconds} s`, hasStruck: true };
    },
  },
  {
    id: "F52",
    title: "clock of a process stepped",
    weight: 3,
    stream: "lasting",
    strike: async (scene) => {
      const minutes = scene.random.pick([-2, -1, 1, 2]);
      const member = anyMember(scene);
      member.stepClock(minutes * 60_000);
      await wait(scene.random.int(5, 15) * 1_000);
      member.stepClock(0);
      return { what: `${member.name}, ${minutes} min`, hasStruck: true };
    },
  },
];

const worker = ({ town, random }: Scene): Member => random.pick(town.workers);
const anyMember = ({ town, random }: Scene): Member => random.pick([town.api, ...town.workers]);

/** The first of them that is passed strikes; they are disarmed after this long. */
const armedMs = 8_000;

async function failAt(scene: Scene, action: FailAction): Promise<Struck> {
  const { random, town } = scene;
  const names = scene.nextFailpoints();
  const skip = random.chance(0.25) ? 1 : 0;
  const members = [town.api, ...town.workers];
  const before = readStrikes(town.journal).length;
  for (const member of members) member.arm({ names, action, skip });
  const struck = await waitUntil(() => readStrikes(town.journal)[before], {
    timeoutMs: armedMs,
    everyMs: 200,
  });
  for (const member of members) member.arm(null);
  if (struck && action === "kill") await Promise.all(members.map((member) => member.ready()));
  if (!struck)
    return { what: `${action} at one of ${names.join(", ")}: not passed in time`, hasStruck: false };
  return {
    what: `${action} at ${struck.name} after ${skip} more: struck ${struck.process}`,
    hasStruck: true,
  };
}
