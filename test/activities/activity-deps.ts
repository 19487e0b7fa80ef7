import { defaultOutboxSettings } from "../../activities/deps.ts";
import type { ActivityDeps } from "../../activities/deps.ts";
import type { OwnerWorld } from "../api/owner-world.ts";
import { messengerWith } from "./messenger-with.ts";

function notUsed(): Promise<never> {
  return Promise.reject(new Error("not used in this test"));
}

/** The world of activities that a test calls by itself: outside worlds are not there unless they are given. */
export function activityDeps(
  world: OwnerWorld,
  given: Pick<ActivityDeps, "db"> & Partial<ActivityDeps>,
): ActivityDeps {
  return {
    ...world.deps,
    attachments: { fetchAttachment: notUsed },
    messenger: messengerWith({}),
    model: { respond: notUsed, readSlip: notUsed },
    modelName: "none",
    modelPrice: { inputMicroUsd: 250_000, outputMicroUsd: 2_000_000 },
    push: { sendPush: notUsed },
    gateways: {
      kbzpay: {
        createPayment: notUsed,
        queryPayment: notUsed,
        closePayment: notUsed,
        refund: notUsed,
        queryRefund: notUsed,
      },
    },
    platformMerchant: null,
    invoicing: { seller: { name: "Shopthread", address: null, registration: null }, tax: null },
    processes: {
      ringConversation: () => Promise.resolve(),
      ringErasure: () => Promise.resolve(),
      ringEvidence: () => Promise.resolve(),
      ringOrder: () => Promise.resolve(),
      ringUpgrade: () => Promise.resolve(),
      ringPayout: () => Promise.resolve(),
      ringBreach: () => Promise.resolve(),
      ringPrivacyRequest: () => Promise.resolve(),
      ringSubscription: () => Promise.resolve(),
      tendPage: () => Promise.resolve(),
      sweepRetention: () => Promise.resolve(),
    },
    publicUrl: "http://shop.test",
    outbox: defaultOutboxSettings,
    atStep: () => Promise.resolve(),
    ...given,
  };
}
