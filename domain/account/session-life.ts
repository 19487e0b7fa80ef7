const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

export type SessionAge = {
  /** Whether its account has a role of the platform. */
  isOfPlatform: boolean;
  createdAt: Date;
  lastUsedAt: Date;
  expiresAt: Date;
};

type Limits = { idleMs: number; lifetimeMs: number; touchEveryMs: number };

/** A session ends when it was idle this long, and `lifetimeMs` after its beginning in any case. */
export function sessionLimits(isOfPlatform: boolean): Limits {
  return isOfPlatform
    ? { idleMs: 30 * minute, lifetimeMs: 12 * hour, touchEveryMs: minute }
    : { idleMs: 7 * day, lifetimeMs: 30 * day, touchEveryMs: 5 * minute };
}

/** By what the account is now: one that became an admin has no session of a month. */
export function isSessionAlive(session: SessionAge, now: Date): boolean {
  const { idleMs, lifetimeMs } = sessionLimits(session.isOfPlatform);
  const at = now.getTime();
  return (
    session.expiresAt > now &&
    at - session.createdAt.getTime() < lifetimeMs &&
    at - session.lastUsedAt.getTime() < idleMs
  );
}

/** Uses are written down no more often than `touchEveryMs`. */
export function isTouchDue({ isOfPlatform, lastUsedAt }: SessionAge, now: Date): boolean {
  return now.getTime() - lastUsedAt.getTime() >= sessionLimits(isOfPlatform).touchEveryMs;
}

const stepUpMs = 10 * minute;

/** For how long whoever proved who they are may change factors, keys and accounts for money. */
export function stepUpEnd(steppedUpAt: Date): Date {
  return new Date(steppedUpAt.getTime() + stepUpMs);
}

export function isSteppedUp(steppedUpAt: Date | null, now: Date): boolean {
  return steppedUpAt !== null && now < stepUpEnd(steppedUpAt);
}
