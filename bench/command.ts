import { runCommand, UsageError } from "../runtime/run-command.ts";
import { overload, overloadHelp } from "./overload.ts";
import { smoke, smokeHelp } from "./smoke.ts";
import { soak, soakHelp } from "./soak.ts";
import { turns, turnsHelp } from "./turns.ts";

const commands = [
  { name: "turns", help: turnsHelp, run: turns },
  { name: "smoke", help: smokeHelp, run: smoke },
  { name: "soak", help: soakHelp, run: soak },
  { name: "overload", help: overloadHelp, run: overload },
];

const usage = `npm run bench -- ${commands.map(({ name }) => name).join("|")} [--help] [flags]`;
const [, , wanted] = process.argv;
const help = commands.find(({ name }) => name === wanted)?.help ?? usage;

await runCommand({
  help,
  run: async ([name, ...args]) => {
    const command = commands.find((one) => one.name === name);
    if (command === undefined) throw new UsageError(`There is no bench ${name ?? "without a name"}`);
    return command.run(args);
  },
});
