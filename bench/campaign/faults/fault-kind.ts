import type { Random } from "../random.ts";
import type { Town } from "../town.ts";

/** What the campaign knows besides the town. */
export type Scene = {
  town: Town;
  random: Random;
  /** Bodies of webhooks that were delivered once already. */
  replayable: () => unknown[];
  pages: () => string[];
  /** Some that are armed together. */
  nextFailpoints: () => string[];
  note: (line: string) => void;
};

/** What exactly was done; `hasStruck`: it met somebody, and was not only lying in wait. */
export type Struck = { what: string; hasStruck: boolean };
export type StruckFault = Struck & { at: number; id: string; title: string };

/** `lasting`: a process or a server is down for a while. `outside`: what others send and answer. */
export const faultStreams = ["failpoints", "lasting", "outside"] as const;
export type FaultStream = (typeof faultStreams)[number];

/** One kind of fault; the ids are those of the list of faults (F01 …) that the product must bear. */
export type FaultKind = {
  id: string;
  title: string;
  weight: number;
  /** Only where a small file system could be mounted. */
  needsDisks?: boolean;
  /** Faults of different streams strike side by side; those of one stream one after the other. */
  stream: FaultStream;
  /** Resolves when the fault is over and undone. */
  strike(scene: Scene): Promise<Struck>;
};
