import type { PlanLimits } from "./plan.ts";

/** What a plan counts. */
export type Limited = keyof PlanLimits;

/** Whether one more may come. What is there stays, also above the limit. */
export function hasRoom(limits: PlanLimits, what: Limited, count: number): boolean {
  const most = limits[what];
  return most === null || count < most;
}
