import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";

import { AppError } from "../../domain/app-error.ts";

const minute = 60;

/** Counters in this process's memory: a limit is per process, and forgotten by a restart. */
export type RateLimits = ReturnType<typeof createRateLimits>;

export function createRateLimits() {
  return {
    /** Guesses at one account from one network. */
    signInByPair: new RateLimiterMemory({ keyPrefix: "pair", points: 10, duration: 15 * minute }),
    /** From wherever: so many that one attacker cannot lock an owner out from a single network. */
    signInByAccount: new RateLimiterMemory({ keyPrefix: "account", points: 100, duration: 15 * minute }),
    /** By IPv4 /24 or IPv6 /48. */
    signInByNetwork: new RateLimiterMemory({ keyPrefix: "network", points: 100, duration: 15 * minute }),
    /** Together: a botnet must not keep every core busy with argon2. */
    signIn: new RateLimiterMemory({ keyPrefix: "all", points: 600, duration: minute }),
    actor: new RateLimiterMemory({ keyPrefix: "actor", points: 1_200, duration: minute }),
  };
}

/** Takes one point, or throws `too_many` with the time until the next. */
export async function takePoint(limiter: RateLimiterMemory, key: string): Promise<RateLimiterRes> {
  try {
    return await limiter.consume(key);
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal;
    throw new AppError("too_many", "rate.limited", {
      internal: "rate limit",
      public: "Too many requests. Try again later.",
      retryAfterSeconds: Math.max(1, Math.ceil(refusal.msBeforeNext / 1_000)),
    });
  }
}
