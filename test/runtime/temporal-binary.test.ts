import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { RequestListener } from "node:http";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { findTemporalBinary } from "../../runtime/temporal-binary.ts";
import { tempFolder } from "../support/temp-folder.ts";

test("takes the given path before anything else, and refuses one that does not run", async () => {
  const world = await createWorld();
  const given = fakeTemporal(join(world.home, "given"));
  fakeTemporal(world.onPath);
  expect(await world.find({ givenPath: given })).toBe(given);
  await expect(world.find({ givenPath: join(world.home, "nothing") })).rejects.toThrow(/TEMPORAL_CLI_PATH/);
});

test("takes the PATH before the cache, and the cache before a download", async () => {
  const world = await createWorld();
  const cached = fakeTemporal(world.cached);
  expect(await world.find()).toBe(cached);
  const onPath = fakeTemporal(world.onPath);
  expect(await world.find()).toBe(onPath);
});

test("downloads into the cache once, also when two starts want it at the same time", async () => {
  const world = await createWorld();
  let downloads = 0;
  const archive = makeArchive(world.home);
  const downloadFrom = await serve((_, res) => {
    downloads += 1;
    res.end(readFileSync(archive));
  });
  const found = await Promise.all([world.find({ downloadFrom }), world.find({ downloadFrom })]);
  expect(found).toEqual([world.cached, world.cached]);
  expect(downloads).toBe(1);
});

test("gives a silent download up, builds with Go, and tells each step", async () => {
  const world = await createWorld();
  fakeProgram(
    join(world.path, "go"),
    `#!/bin/sh
if [ "$1" = version ]; then exit 0; fi
printf '#!/bin/sh\\necho temporal version 1\\n' > "$GOBIN/temporal"
chmod +x "$GOBIN/temporal"
`,
  );
  const downloadFrom = await serve((_, res) => res.write("x")); // one byte, then nothing
  expect(await world.find({ downloadFrom, silenceMs: 200 })).toBe(world.cached);
  expect(world.lines.join("\n")).toMatch(/getting it now[^]*Downloading[^]*no byte for 0.2 s[^]*Building/);
});

test("says once what to install when nothing works", async () => {
  const world = await createWorld();
  const downloadFrom = await serve((_, res) => res.writeHead(403).end());
  await expect(world.find({ downloadFrom })).rejects.toThrow(
    /No Temporal server could be found[^]*install Go/,
  );
  expect(world.lines.join("\n")).toContain("answered 403");
});

async function createWorld() {
  const home = await tempFolder();
  const path = join(home, "bin");
  mkdirSync(path);
  const lines: string[] = [];
  const env = { PATH: `${path}:/usr/bin:/bin`, XDG_CACHE_HOME: join(home, "cache"), HOME: home };
  const find = (options: { givenPath?: string; downloadFrom?: string; silenceMs?: number } = {}) =>
    findTemporalBinary({
      env,
      progress: (line) => lines.push(line),
      downloadFrom: "http://127.0.0.1:1",
      goPlaces: [join(path, "go")],
      ...options,
    });
  const cached = join(home, "cache", "shopthread", "temporal-cli-1.5.1", "temporal");
  return { home, path, lines, find, cached, onPath: join(path, "temporal") };
}

function fakeTemporal(path: string): string {
  return fakeProgram(path, "#!/bin/sh\necho temporal version 1\n");
}

function fakeProgram(path: string, text: string): string {
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, 0o755);
  return path;
}

function makeArchive(home: string): string {
  fakeTemporal(join(home, "packed", "temporal"));
  const archive = join(home, "temporal.tar.gz");
  spawnSync("tar", ["-czf", archive, "-C", join(home, "packed"), "temporal"]);
  return archive;
}

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
}
