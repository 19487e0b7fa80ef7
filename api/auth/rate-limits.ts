import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";

import { AppError } from "../../domain/app-error.ts";
import { GrowingLimiter } from "./growing-limiter.ts";

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;
const unlimited = 1_000_000_000;

/** Counters in this process's memory: a limit is per process, and forgotten by a restart. */
export type RateLimits = ReturnType<typeof createRateLimits>;

/** `times` multiplies every limit; no setting reaches it, only benches that would else measure the limits. */
export function createRateLimits(times = 1) {
  const limiter = (keyPrefix: string, points: number, duration: number) =>
    new RateLimiterMemory({ keyPrefix, points: points * times, duration });
  const growing = (keyPrefix: string, points: number, duration: number) =>
    new GrowingLimiter({
      keyPrefix,
      points: points * times,
      duration,
      firstBlock: minute,
      longestBlock: 15 * minute,
    });
  return {
    /** Guesses at one account from one network, and from each device there that the account has used. */
    signInByPair: growing("pair", 10, 15 * minute),
    /** From wherever, but for devices that the account has used: nobody can lock its owner out. */
    signInByAccount: growing("account", 100, 15 * minute),
    /** By IPv4 /24 or IPv6 /48. */
    signInByNetwork: limiter("network", 100, 15 * minute),
    /** Together: a botnet must not keep every core busy with argon2. */
    signIn: limiter("all", 600, minute),
    /** Codes after the right password, from devices that the account has not used: one in 16,000 is right. */
    codesByStrangers: limiter("codes", 20, 60 * minute),
    codesByDevice: limiter("device-codes", 10, 15 * minute),
    /** Of a session that wants to change what is guarded. A right password gives back no guess at a code. */
    sessionCodes: limiter("session-codes", 10, 15 * minute),
    sessionPasswords: limiter("session-passwords", 10, 15 * minute),
    /** These count and refuse nothing. */
    refusedCodes: limiter("refused-codes", unlimited, day),
    refusedPasswords: limiter("refused-passwords", unlimited, day),
    /** Mails that one network asks for at one address: sign-up, resets, appeals. */
    mailByPair: growing("mail-pair", 5, hour),
    mailByNetwork: limiter("mail-network", 60, hour),
    mail: limiter("mail", 600, minute),
    /** What strangers write to us, and the codes that they try. */
    ticketsByNetwork: limiter("tickets", 10, hour),
    ticketReadsByNetwork: limiter("ticket-reads", 60, 15 * minute),
    /** Reports of a child's data, which anybody may send: each is a person's work. */
    childReports: limiter("child-reports", 5, hour),
    /** Of codes of packages, which nobody guesses: 128 bits. */
    packageByNetwork: limiter("package-network", 60, hour),
    actor: limiter("actor", 1_200, minute),
    /** Of the public pages about privacy: looks at one's own request, and new ones. */
    privacyLooks: limiter("privacy-looks", 60, minute),
    privacyByNetwork: limiter("privacy-network", 10, hour),
    privacy: limiter("privacy", 300, hour),
  };
}

type Limiter = { consume(key: string): Promise<RateLimiterRes> };

/** Takes one point, or throws `too_many` with the time until the next. */
export async function takePoint(limiter: Limiter, key: string): Promise<RateLimiterRes> {
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
