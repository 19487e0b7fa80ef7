import type { Config } from "./config.ts";
import type { DemoSecrets } from "./secrets.ts";

export type SignIn = { email: string; password: string };

export type DemoRequest = {
  /** Complete, as the processes get it: logins, addresses of the simulators, Meta and Temporal settings. */
  config: Config;
  secrets: DemoSecrets;
};

/** What `run.json` tells about the demonstration, besides its Page. */
export type Demo = { shopId: string; apiKey: string; owner: SignIn; admin?: SignIn; compliance?: SignIn };

/**
 * Makes the demonstration shop, or finds it as it is: safe to call at every start. The simulators run by
 * then, worker and API do not. `runtime/demo.ts` exports it as `ensureDemo`.
 */
export type EnsureDemo = (request: DemoRequest) => Promise<Demo>;
