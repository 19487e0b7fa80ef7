import { checkGateways } from "../../activities/gateway/check-gateways.ts";
import { createUpgradeActivities } from "../../activities/upgrade/index.ts";
import { createKbzPay } from "../../clients/kbzpay.ts";
import { createUpgradeWorld, refOf } from "../api/upgrade-world.ts";
import type { Tenant } from "../api/owner-world.ts";
import { startTestSim } from "../sim/sim-harness.ts";
import { upkeepDeps } from "./upkeep-deps.ts";
import { anywhere } from "../support/egress.ts";

const merchant = { appId: "kp-platform", merchantCode: "100001", merchantKey: "key-of-the-platform" };

type WalletPayment = { code: string; status: string; refunds: { amount: number; status: string }[] };
export type Payable = { tenant: Tenant; id: string };

/** Owners who pay the platform at the simulated wallet, the worker's looks, and the request's own activities; no Temporal. */
export async function createPlatformMoneyWorld() {
  const world = await createUpgradeWorld();
  Object.assign(world.deps.settings, { platformMerchant: merchant });
  // Its own callbacks go nowhere: the loop asks.
  const sim = await startTestSim({
    webhookUrl: "http://127.0.0.1:9/",
    webhookTimings: { giveUpAfterMs: 0 },
    merchant,
  });
  const time = { killAt: null as string | null, isTemporalAway: false, rung: [] as string[] };
  const kbzpay = createKbzPay({
    egress: anywhere,
    baseUrl: `${sim.url}/payments/gateway`,
    clock: world.deps.clock,
    timeoutMs: 400,
  });
  const deps = upkeepDeps(world, {
    publicUrl: "http://127.0.0.1:9",
    gateways: { kbzpay },
    platformMerchant: merchant,
    processes: {
      ringConversation: () => Promise.resolve(),
      ringErasure: () => Promise.resolve(),
      ringEvidence: () => Promise.resolve(),
      ringOrder: () => Promise.resolve(),
      // As the request's workflow does when it is rung.
      ringUpgrade: async (ref) => {
        if (time.isTemporalAway) throw new Error("temporal is away");
        let snapshot = await activities.loadUpgrade(ref);
        while (snapshot.next?.deadline === "bookUpgradeMoney") {
          snapshot = await activities.bookUpgradeMoney(ref);
        }
      },
      ringPayout: () => Promise.resolve(),
      ringBreach: () => Promise.resolve(),
      ringPrivacyRequest: () => Promise.resolve(),
      tendPage: () => Promise.resolve(),
      sweepRetention: () => Promise.resolve(),
      ringSubscription: ({ shopId }) => Promise.resolve(void time.rung.push(shopId)),
    },
    atStep: (step) => {
      if (step !== time.killAt) return Promise.resolve();
      time.killAt = null;
      return Promise.reject(new Error(`killed at ${step}`));
    },
  });
  const activities = createUpgradeActivities(deps);
  const rows = async <Row extends object>(sql: string, values: unknown[]) =>
    (await world.owner.query<Row>(sql, values)).rows;

  async function callSim<Body>(method: string, path: string, body?: unknown): Promise<Body> {
    const response = await fetch(`${sim.url}${path}`, {
      method,
      headers: { "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return (text === "" ? undefined : JSON.parse(text)) as Body;
  }

  return {
    ...world,
    time,
    upgrades: activities,
    rows,
    arm: (fault: object) => callSim("POST", "/faults", { to: "payments", ...fault }),
    disarm: () => callSim("DELETE", "/faults"),
    /** A request whose code was asked for. */
    addPayable: async (path: string, body: object): Promise<Payable> => {
      const tenant = await world.addTenant();
      const { id } = (await world.ask("POST", path, { token: tenant.owner, body })).body;
      const asked = await world.ask("POST", `/v1/upgrade-requests/${id}/pay`, { token: tenant.owner });
      if (asked.status !== 200) throw new Error(`${asked.status} ${JSON.stringify(asked.body)}`);
      return { tenant, id };
    },
    /** The next looks, as long as there is work, each after a minute: what backs off comes to its turn. */
    look: async (looks = 1) => {
      for (let look = 0; look < looks; look += 1) {
        await checkGateways(deps);
        if (look < looks - 1) world.passTime(60_000);
      }
    },
    detail: async ({ tenant, id }: Payable) =>
      (await world.ask("GET", `/v1/upgrade-requests/${id}`, { token: tenant.owner })).body,
    pay: (code: string, isForced = false) =>
      callSim<WalletPayment>("POST", "/payments/scans", { code, isForced }),
    wallet: (): Promise<WalletPayment[]> => callSim("GET", "/payments/orders"),
    refOf: ({ tenant, id }: Payable) => refOf(tenant, { id }),
    close: async () => {
      await sim.close();
      await world.close();
    },
  };
}

export type PlatformMoneyWorld = Awaited<ReturnType<typeof createPlatformMoneyWorld>>;
