import { setTimeout as wait } from "node:timers/promises";

import type { OrderTimings } from "../../domain/order/timings.ts";
import { untilAborted } from "../../runtime/steps.ts";
import { openTestShop } from "../../test/support/house.ts";
import type { House } from "../../test/support/house.ts";
import { shortConversationTimings, shortOrderTimings } from "../../test/support/short-timings.ts";
import { readBook } from "./bank.ts";
import { turnTheCalendar } from "./calendar.ts";
import { liveAsCustomer, meetCustomer } from "./customers.ts";
import type { Person } from "./customers.ts";
import { failpointNames } from "./failpoint-names.ts";
import { readStrikes } from "./failpoints.ts";
import type { Strike } from "./failpoints.ts";
import { faultStreams } from "./faults/fault-kind.ts";
import type { FaultKind, FaultStream, Scene, StruckFault } from "./faults/fault-kind.ts";
import { faultKinds } from "./faults/index.ts";
import { keepShop, meetOwner } from "./owners.ts";
import type { ShopKeeper } from "./owners.ts";
import { keepPayouts, meetTreasurers, openPayoutAccounts } from "./payouts.ts";
import type { Treasurer } from "./payouts.ts";
import { bringEachOther, keepQueue, meetAdmin } from "./plans.ts";
import type { PlatformAdmin } from "./plans.ts";
import { createRandom } from "./random.ts";
import type { Random } from "./random.ts";
import { countWaiting } from "./oracles/rest.ts";
import { oracles } from "./oracles/index.ts";
import { observe } from "./oracles/observation.ts";
import type { Observation, Violation } from "./oracles/observation.ts";
import { settle } from "./settle.ts";
import type { MemberEnd } from "./member.ts";
import { openTown } from "./town.ts";
import type { Town } from "./town.ts";
import { traceOf } from "./trace.ts";
import { takePaymentsByCode } from "./wallet.ts";

export type CampaignOptions = {
  seed: number;
  /** How long people live and faults strike; settling and checking come on top. */
  seconds: number;
  home: string;
  shops: number;
  customersPerShop: number;
  hasSmallDisks: boolean;
  /** Only these kinds of fault; all without it. */
  faults?: (kind: FaultKind) => boolean;
  /** Only these; all without it. */
  failpoints?: readonly string[];
  /** By campaigns before this one: what is left comes first. */
  struckBefore?: ReadonlySet<string>;
  /** Goes on, up to eight times as long, until each failpoint has struck. */
  mustStrikeAll?: boolean;
  /** Ends everything in order, and nothing is shown: the campaign throws its reason. */
  signal?: AbortSignal;
  say: (line: string) => void;
};

export type CampaignResult = {
  violations: Violation[];
  /** How the first violation came about. */
  trace: string | undefined;
  faults: StruckFault[];
  strikes: Strike[];
  /** How often the processes were started, by the end. */
  starts: number;
  counts: Record<string, number>;
};

const oneShopsStock = 100_000;

/** Every deadline of an order comes within a campaign when nobody acts. */
const campaignTimings: OrderTimings = {
  ...shortOrderTimings,
  paymentDueMs: 45_000,
  expiryWarningMs: 15_000,
  reviewReminderMs: 10_000,
  reviewEscalationMs: 20_000,
  reviewCustomerNoticeMs: 30_000,
  codAcceptMs: 25_000,
  shipReminderMs: 15_000,
  deliveryQuestionMs: 15_000,
};

/** People live, faults strike; then all is repaired, comes to rest, and is looked at from outside. */
export async function runCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const { say, signal } = options;
  const random = createRandom(`campaign ${options.seed}`);
  const crashes: Violation[] = [];
  const town = await openTown({
    home: options.home,
    hasSmallDisks: options.hasSmallDisks,
    onEnd: (end) => {
      say(`  ${end.name} ended (${end.how})`);
      if (isCrash(end)) crashes.push({ invariant: "I14", what: `${end.name} ended by itself: ${end.how}` });
    },
  });
  try {
    signal?.throwIfAborted();
    const inhabitants = await populate(town, options, random);
    const { people, keepers, admins, treasurers, canaries } = inhabitants;
    say(`${keepers.length} shops, ${people.length} customers; faults strike for ${options.seconds} s`);
    const faults = await live(town, { ...inhabitants, found: crashes, options, random });
    const look = async () => {
      say("quiet: everything is repaired and comes to rest");
      const unserved = await settle(town, { people, keepers, admins, say });
      const shops = keepers.map(({ shop, diary }, index) => ({
        shop,
        owner: diary,
        canary: canaries[index] ?? "",
      }));
      const platform = [...admins, ...treasurers].flatMap(({ diary }) => diary.decisions);
      const byHand = treasurers.flatMap(({ sent }) => sent);
      const bank = await readBook(town.bankFolder);
      const seen = { shops, platform, byHand, bank, diaries: people.map(({ diary }) => diary) };
      return judge(await observe(town, seen), { town, faults, found: [...crashes, ...unserved], say });
    };
    return await unlessAborted(look(), signal);
  } catch (error) {
    signal?.throwIfAborted(); // what fails while everything ends is no finding
    throw error;
  } finally {
    await town.close();
  }
}

/** Leaves work that touches nothing but a town that is about to close. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  return signal ? untilAborted(work, signal) : work;
}

/** Nobody killed or stopped it, no failpoint struck it, and it had come up: an error ended the process. */
function isCrash({ how, isMeant, wasReady }: MemberEnd): boolean {
  return !isMeant && wasReady && how !== "SIGKILL";
}

type Told = {
  town: Town;
  faults: StruckFault[];
  found: Violation[];
  say: (line: string) => void;
};

async function judge(seen: Observation, { town, faults, found, say }: Told): Promise<CampaignResult> {
  const violations = [...found];
  for (const [name, oracle] of Object.entries(oracles)) {
    const broken = await oracle(seen);
    say(`  ${broken.length === 0 ? "holds " : "BROKEN"} ${name}`);
    for (const { what } of broken) say(`         ${what.slice(0, 300)}`);
    violations.push(...broken);
  }
  const [first] = violations;
  const { api, workers, journal } = town;
  return {
    violations,
    trace: first && (await traceOf(seen, first, faults)),
    faults,
    strikes: readStrikes(journal),
    starts: [api, ...workers].reduce((sum, { startCount }) => sum + startCount, 0),
    counts: await countWaiting(seen),
  };
}

async function populate(town: Town, options: CampaignOptions, random: Random) {
  const keepers: ShopKeeper[] = [];
  const people: Person[] = [];
  const canaries: string[] = [];
  for (let index = 0; index < options.shops; index += 1) {
    const canary = `Weave${random.int(10 ** 6, 10 ** 7)}`;
    const shop = await openTestShop(houseOf(town), {
      name: `Shop ${index + 1}`,
      orderTimings: campaignTimings,
      conversationTimings: { ...shortConversationTimings, quietMs: 400, idleEndMs: 20_000 },
      products: [
        {
          name: "Red Dress",
          description: `Silk, ${canary}`,
          options: [{ name: "M", priceMinor: 45_000, stock: index === 0 ? 40 : oneShopsStock }],
        },
      ],
    });
    canaries.push(canary);
    keepers.push(await meetOwner(town, shop, random.fork(`owner ${index}`)));
    for (let one = 0; one < options.customersPerShop; one += 1) {
      const number = index * options.customersPerShop + one;
      people.push(meetCustomer(town, shop, { index: number, random: random.fork(`customer ${number}`) }));
    }
  }
  await bringEachOther(town, keepers);
  await openPayoutAccounts(keepers);
  await takePaymentsByCode(town, keepers);
  const admins = [
    await meetAdmin(town, random.fork("admin 0")),
    await meetAdmin(town, random.fork("admin 1")),
  ];
  const treasurers = await meetTreasurers(town, random);
  return { keepers, people, admins, treasurers, canaries };
}

/** What a fixture of the tests needs of a house, a town has too. */
function houseOf(town: Town): House {
  return town as unknown as House;
}

type Living = {
  people: Person[];
  keepers: ShopKeeper[];
  admins: PlatformAdmin[];
  treasurers: Treasurer[];
  /** Where whatever goes wrong meanwhile is noted. */
  found: Violation[];
  options: CampaignOptions;
  random: Random;
};

async function live(
  town: Town,
  { people, keepers, admins, treasurers, found, options, random }: Living,
): Promise<StruckFault[]> {
  const failpoints = options.failpoints ?? failpointNames;
  let mustEnd = false;
  const isEnd = endOf(options, () => isAllStruck(town, failpoints));
  const isOver = () => mustEnd || isEnd();
  const faults: StruckFault[] = [];
  const kinds = kindsOf(options, town);
  const delivered = await watchDeliveries(town, isOver);
  const scene: Scene = {
    town,
    random: random.fork("faults"),
    nextFailpoints: drawFrom(failpoints, {
      random: random.fork("failpoints"),
      struck: () => struckAt(town),
      struckBefore: options.struckBefore,
    }),
    replayable: () => delivered.bodies,
    pages: () => keepers.map(({ shop }) => shop.metaPageId),
    note: options.say,
  };
  const strikes = faultStreams.map((stream) =>
    strikeUntil(
      { ...scene, random: random.fork(`${stream} faults`) },
      { stream, kinds: kinds.filter((kind) => kind.stream === stream), isOver, faults, found },
    ),
  );
  const lives = [
    ...people.map((person) => liveAsCustomer(person, isOver)),
    ...keepers.map((keeper) => keepShop(keeper, isOver)),
    ...admins.map((admin) => keepQueue(admin, isOver)),
    ...treasurers.map((treasurer) => keepPayouts(treasurer, isOver)),
    turnTheCalendar(town, random.fork("calendar"), isOver),
    delivered.watching,
  ];
  try {
    await unlessAborted(Promise.all([...strikes, ...lives]), options.signal);
  } finally {
    // A fault that outlived the town would start its servers again.
    mustEnd = true;
    await Promise.allSettled(strikes);
  }
  return faults;
}

const mostLonger = 8;

function endOf({ seconds, mustStrikeAll }: CampaignOptions, hasAllStruck: () => boolean): () => boolean {
  const start = Date.now();
  return () => {
    const livedSeconds = (Date.now() - start) / 1_000;
    if (livedSeconds < seconds) return false;
    return !mustStrikeAll || livedSeconds > mostLonger * seconds || hasAllStruck();
  };
}

function isAllStruck(town: Town, failpoints: readonly string[]): boolean {
  const struck = struckAt(town);
  return failpoints.every((name) => struck.has(name));
}

function struckAt({ journal }: Town): Set<string> {
  return new Set(readStrikes(journal).map(({ name }) => name));
}

/** So many lie in wait at once: what is passed at every turn strikes soon, and the rare ones are what is left. */
const armedAtOnce = 5;

/**
 * Some of those that have never struck, then of those that have not in this campaign, then of all; never mixed, since what
 * is passed at every turn would always strike before what is rare.
 */
function drawFrom(
  list: readonly string[],
  {
    random,
    struck,
    struckBefore,
  }: { random: Random; struck: () => ReadonlySet<string>; struckBefore: ReadonlySet<string> | undefined },
): () => string[] {
  return () => {
    const known = struck();
    const fresh = list.filter((name) => !known.has(name));
    const never = fresh.filter((name) => !struckBefore?.has(name));
    const left = [never, fresh, [...list]].find((names) => names.length > 0) ?? [];
    const drawn: string[] = [];
    while (drawn.length < armedAtOnce && left.length > 0)
      drawn.push(...left.splice(random.int(0, left.length - 1), 1));
    return drawn;
  };
}

function kindsOf({ faults }: CampaignOptions, town: Town): FaultKind[] {
  return faultKinds.filter(
    (kind) => (faults?.(kind) ?? true) && (!kind.needsDisks || town.disks !== undefined),
  );
}

type Striking = {
  stream: FaultStream;
  kinds: FaultKind[];
  isOver: () => boolean;
  faults: StruckFault[];
  found: Violation[];
};

/** Milliseconds between two faults of a stream; after one that lasted there is time to recover, and to live. */
const pauses: Record<FaultStream, [from: number, to: number]> = {
  failpoints: [500, 3_000],
  lasting: [3_000, 12_000],
  outside: [500, 3_000],
};

/** One fault after the other. */
async function strikeUntil(scene: Scene, { stream, kinds, isOver, faults, found }: Striking): Promise<void> {
  const draws = kinds.map((kind) => [kind.weight, kind] as const);
  while (draws.length > 0 && !isOver()) {
    await wait(scene.random.int(...pauses[stream]));
    const { id, title, strike } = scene.random.weighted(draws);
    const at = Date.now();
    const struck = await strike(scene).catch((error: unknown) => {
      found.push({ invariant: "I14", what: `after ${id} ${title}: ${String(error)}` });
      return { what: String(error), hasStruck: true };
    });
    faults.push({ at, id, title, ...struck });
    const time = new Date(at).toISOString().slice(11, 19);
    scene.note(`  ${time} ${id} ${title}: ${struck.what}${struck.hasStruck ? "" : " (met nobody)"}`);
  }
}

const remembered = 200;

/** Webhooks that may come again. */
async function watchDeliveries(town: Town, isOver: () => boolean) {
  const bodies: unknown[] = [];
  const known = new Set<string>();
  const watch = async () => {
    while (!isOver()) {
      for (const { id, pageId, item } of await town.outside.deliveries("delivered")) {
        if (known.has(id)) continue;
        known.add(id);
        bodies.push({ object: "page", entry: [{ id: pageId, time: Date.now(), messaging: [item] }] });
        if (bodies.length > remembered) bodies.shift();
      }
      await wait(3_000);
    }
  };
  return { bodies, watching: watch() };
}
