/** `FAST_CHECK_RUNS=20` runs every property twenty times as often, and gives each test twenty times as long. */
export const runFactor = readFactor(process.env["FAST_CHECK_RUNS"]);

function readFactor(text: string | undefined): number {
  const factor = Number(text ?? 1);
  if (!(factor > 0)) throw new TypeError(`FAST_CHECK_RUNS is no number above 0: ${text}`);
  return factor;
}
