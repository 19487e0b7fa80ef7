/**
 * What a trial or a plan grants is good for as long as the service goes on: until the end of what the shop has, and while
 * its grace lasts.
 */
export function creditsExpireAt(endsAt: Date, { graceMs }: { graceMs: number }): Date {
  return new Date(endsAt.getTime() + graceMs);
}
