import { createRateLimits } from "../../api/auth/rate-limits.ts";
import { startApi } from "../../runtime/api.ts";
import { readConfig } from "../../runtime/config.ts";
import { runPart } from "../../runtime/run-part.ts";

/** The API as it is, but for its limits, which would answer most of what a fuzzer asks. */
const limits = createRateLimits(10_000);

await runPart("api", readConfig(process.env), (config) => startApi(config, { limits }));
