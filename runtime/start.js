// Plain JavaScript that every Node can read, so that an old one gets a sentence and not a syntax error.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    "Shopthread needs Node 20.19 or newer; this is " +
      process.version +
      ". Install it from https://nodejs.org and start again.",
  );
  process.exit(1);
}

import("tsx/esm/api").then(
  (tsx) => {
    tsx.register();
    return import("./main.ts").then((entry) => entry.main(process.argv.slice(2)));
  },
  () => {
    console.error("The dependencies are not installed. Run `npm ci` and start again.");
    process.exit(1);
  },
);
