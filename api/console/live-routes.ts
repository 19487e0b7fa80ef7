import type { Hono } from "hono";
import { streamSSE } from "hono/streaming";
import type { SSEStreamingApi } from "hono/streaming";

import { isSessionAlive } from "../../domain/account/session-life.ts";
import { findSession, listMemberships } from "../../db/system.ts";
import type { ApiDeps } from "../deps.ts";

import { hashToken } from "../auth/token.ts";
import type { ConsoleEnv, Viewer } from "./console-env.ts";
import type { LiveEvents } from "./live-events.ts";

/** What happens in this time goes out as one event of each name. */
const gatherMs = 200;
/** Proxies drop what is silent for a minute; a session that ended is noticed as late as this. */
const beatMs = 20_000;

/** Tells a page which things have changed, by their ids; the page reads them again by its own routes. */
export function mountLive(app: Hono<ConsoleEnv>, live: LiveEvents): void {
  app.get("/live", (c) => {
    const { deps, viewer } = c.var;
    const isBack = c.req.header("last-event-id") !== undefined;
    c.header("cache-control", "no-store");
    c.header("x-accel-buffering", "no");
    return streamSSE(c, async (stream) => {
      try {
        await runStream(stream, { deps, viewer, live, isBack });
      } catch (error) {
        // The stream ends, and the browser comes back by itself.
        deps.log.warn({ requestId: c.var.requestId, err: error }, "live.stream_failed");
      }
    });
  });
}

type Parts = { deps: ApiDeps; viewer: Viewer; live: LiveEvents; isBack: boolean };

async function runStream(stream: SSEStreamingApi, { deps, viewer, live, isBack }: Parts): Promise<void> {
  const gathered = new Set<string>();
  const bell = createBell();
  const stop = live.hear(viewer.actor.shopId, {
    changed: (names) => {
      for (const name of names) gathered.add(name);
      bell.ring();
    },
    missed: () => {
      gathered.add("missed");
      bell.ring();
    },
    closed: () => {
      stream.abort();
      bell.ring();
    },
  });
  stream.onAbort(bell.ring);
  if (isBack) gathered.add("missed");
  try {
    // An id, so that a browser that comes back says that it was here before.
    await stream.writeSSE({ id: "1", event: "connected", data: "" });
    let checkedAt = Date.now();
    while (!stream.aborted) {
      if (gathered.size === 0) await bell.wait(beatMs);
      await stream.sleep(gatherMs);
      if (Date.now() - checkedAt >= beatMs) {
        if (!(await mayStillLook(deps, viewer))) return;
        checkedAt = Date.now();
        await stream.write(": still here\n\n");
      }
      const names = [...gathered];
      gathered.clear();
      for (const name of names) await stream.writeSSE({ event: name, data: "" });
    }
  } finally {
    stop();
  }
}

/** Looks without marking the session as used: an open page is nobody's presence. */
async function mayStillLook({ system, clock }: ApiDeps, { token, actor }: Viewer): Promise<boolean> {
  const session = await findSession(system, hashToken(token));
  if (session === undefined || !isSessionAlive(session, clock.now())) return false;
  const memberships = await listMemberships(system, session.accountId);
  return memberships.some(({ shopId }) => shopId === actor.shopId);
}

function createBell() {
  let wake: (() => void) | undefined;
  return {
    ring: () => wake?.(),
    /** Until somebody rings, or the time is over. */
    wait: (ms: number) =>
      new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      }),
  };
}
