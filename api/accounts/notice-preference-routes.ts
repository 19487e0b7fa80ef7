import { createRoute, z } from "@hono/zod-openapi";

import { putNoticeChoices, readNoticeChoices } from "../../db/notice-preferences.ts";
import type { NoticeChoice } from "../../db/notice-preferences.ts";
import { listMemberships } from "../../db/system.ts";
import type { StoredSession } from "../../db/system.ts";
import { alwaysTold, isFixed, listPreferences } from "../../domain/account/notice-preferences.ts";
import type { NoticePreference } from "../../domain/account/notice-preferences.ts";
import { isOn, noticeTopics } from "../../domain/account/notice-topics.ts";
import { AppError } from "../../domain/app-error.ts";
import { ofAccount } from "../auth/require-session.ts";
import type { ApiDeps } from "../deps.ts";
import type { ApiRouter } from "../router.ts";
import { jsonAnswer, jsonBody } from "../v1/route-parts.ts";

const tags = ["account"];

const topic = z.enum(noticeTopics);
const channelOf = (name: string) =>
  z
    .boolean()
    .nullable()
    .openapi({ description: `Whether it is told by ${name}; null: it never goes that way.` });

export const PreferenceSchema = z
  .object({
    topic,
    push: channelOf("push"),
    email: channelOf("mail"),
    isFixed: z.boolean().openapi({ description: "Nothing of the topic can be switched off." }),
    alwaysTold: z
      .array(z.enum(noticeTopics.flatMap(alwaysTold)))
      .openapi({ description: "Kinds of notices and mails that are told whatever was chosen." }),
  })
  .openapi("NoticePreference");

export const PreferencesSchema = z
  .object({ preferences: z.array(PreferenceSchema) })
  .openapi("NoticePreferences");

const UpdateBody = z
  .strictObject({
    choices: z
      .array(z.strictObject({ topic, channel: z.enum(["push", "email"]), isOn: z.boolean() }))
      .min(1)
      .max(2 * noticeTopics.length),
  })
  .openapi("UpdateNoticePreferences");

const getRoute = createRoute(
  ofAccount({
    method: "get",
    path: "/v1/notice-preferences",
    operationId: "getNoticePreferences",
    description: "The topics of which the account hears anything, in whichever of its shops.",
    tags,
    responses: { 200: jsonAnswer("What the account is told, and how", PreferencesSchema) },
  }),
);

const updateRoute = createRoute(
  ofAccount({
    method: "patch",
    path: "/v1/notice-preferences",
    operationId: "updateNoticePreferences",
    description: "What is not named stays. Notices stay listed in the shop, whatever is switched off.",
    tags,
    request: { body: jsonBody(UpdateBody) },
    responses: { 200: jsonAnswer("As it is now", PreferencesSchema) },
  }),
);

export function mountNoticePreferences(app: ApiRouter): void {
  app.openapi(getRoute, async (c) => {
    const { deps, session } = c.var;
    return c.json({ preferences: await preferencesOf(deps, session) }, 200);
  });

  app.openapi(updateRoute, async (c) => {
    const { deps, session } = c.var;
    const { accountId } = session;
    const choices = lastOfEach(c.req.valid("json").choices);
    for (const choice of choices) demandChoosable(choice);
    const now = deps.clock.now();
    await deps.db.withoutShop((trx) => putNoticeChoices(trx, { accountId, choices, now }));
    return c.json({ preferences: await preferencesOf(deps, session) }, 200);
  });
}

async function preferencesOf(
  { db, system }: ApiDeps,
  { accountId, isOfPlatform }: StoredSession,
): Promise<NoticePreference[]> {
  const memberships = await listMemberships(system, accountId);
  const choices = await db.withoutShop((trx) => readNoticeChoices(trx, accountId));
  return listPreferences({ roles: memberships.map(({ role }) => role), isOfPlatform, choices });
}

/** One statement changes a row once. */
function lastOfEach(choices: readonly NoticeChoice[]): NoticeChoice[] {
  return [...new Map(choices.map((choice) => [`${choice.topic} ${choice.channel}`, choice])).values()];
}

function demandChoosable({ topic, channel }: NoticeChoice): void {
  if (isFixed(topic)) {
    throw new AppError("invalid", "notice.always_told", {
      internal: `${topic} is fixed`,
      public: "What concerns the security of your account is always told.",
    });
  }
  if (isOn(topic, channel, {}) === null) {
    throw new AppError("invalid", "notice.no_channel", {
      internal: `${topic} has no ${channel}`,
      public: "Notices of this topic do not go that way.",
    });
  }
}
