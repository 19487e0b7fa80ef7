import { startSim as startSimulators } from "../sim/start-sim.ts";
import { demandSettings } from "./config.ts";
import type { Config } from "./config.ts";
import type { RunningPart } from "./parts.ts";
import { platformMerchant } from "./platform-merchant.ts";
import { statePaths } from "./state-paths.ts";

/** The outside world of the demonstration: Messenger, model, push, mail, the wallet. */
export async function startSim(given: Config): Promise<RunningPart> {
  const config = demandSettings(given, "the simulators", [
    "SIM_WEBHOOK_URL",
    "SIM_PAGE_ID",
    "SIM_PAGE_TOKEN",
    "META_APP_ID",
    "META_APP_SECRET",
    "META_VERIFY_TOKEN",
  ]);
  const merchant = platformMerchant(config);
  const sim = await startSimulators({
    port: config.SHOPTHREAD_SIM_PORT,
    mailPort: config.SHOPTHREAD_SIM_MAIL_PORT,
    webhookUrl: config.SIM_WEBHOOK_URL,
    page: { id: config.SIM_PAGE_ID, name: config.SIM_PAGE_NAME, accessToken: config.SIM_PAGE_TOKEN },
    appId: config.META_APP_ID,
    appSecret: config.META_APP_SECRET[0] ?? "",
    verifyToken: config.META_VERIFY_TOKEN,
    stateDir: statePaths(config.SHOPTHREAD_HOME).sim,
    ...(merchant ? { merchant } : {}),
    ...(config.FCM_PROJECT_ID && config.FCM_CLIENT_EMAIL && config.FCM_PRIVATE_KEY
      ? {
          push: {
            projectId: config.FCM_PROJECT_ID,
            clientEmail: config.FCM_CLIENT_EMAIL,
            publicKey: config.FCM_PRIVATE_KEY,
          },
        }
      : {}),
  });
  return { stop: () => sim.close() };
}
