/** A mail as it arrived. */
export type Letter = {
  messageId: string;
  at: string;
  from: string;
  to: string;
  subject: string;
  text: string;
};

export type Letters = {
  add: (letter: Letter) => void;
  /** Oldest first. */
  list: (to?: string) => Letter[];
};

const mostKept = 5_000;

/** What lies in the mailboxes of the simulated world, for as long as the process lives. */
export function createLetters(): Letters {
  const kept: Letter[] = [];
  return {
    add(letter) {
      kept.push(letter);
      if (kept.length > mostKept) kept.splice(0, kept.length - mostKept);
    },
    list: (to) => kept.filter((letter) => to === undefined || letter.to === to),
  };
}
