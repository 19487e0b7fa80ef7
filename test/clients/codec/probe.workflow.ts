import { ApplicationFailure, proxyActivities } from "@temporalio/workflow";

const { look } = proxyActivities<{ look(input: { orderId: string }): Promise<{ state: string }> }>({
  startToCloseTimeout: "5s",
});

/** The smallest story with an input, an activity and an end, for replays through the codec. */
export async function probe(input: { orderId: string }): Promise<{ state: string }> {
  const seen = await look(input);
  if (seen.state === "broken") throw ApplicationFailure.create({ message: "CANARY", type: "probe.broken" });
  return seen;
}
