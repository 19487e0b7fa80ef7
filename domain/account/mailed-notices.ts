import type { NoticeKind } from "../order/notice-texts.ts";

/** Notices that an owner must not miss for want of a phone, each with the page to look at. */
const pages = {
  upgrade_approved: "/console/plan",
  top_up_approved: "/console/plan",
  upgrade_rejected: "/console/plan",
  upgrade_asked_again: "/console/plan",
  upgrade_lapsed: "/console/plan",
  credits_low: "/console/credits",
  credits_very_low: "/console/credits",
  credits_out: "/console/credits",
  attestation_due: "/console/attestations",
} as const satisfies Partial<Record<NoticeKind, string>>;

export type MailedNotice = keyof typeof pages;

export function isMailed(kind: NoticeKind): kind is MailedNotice {
  return Object.hasOwn(pages, kind);
}

export function pageOfNotice(kind: MailedNotice): string {
  return pages[kind];
}
