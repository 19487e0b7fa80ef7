import { createImageProcessor } from "./image.ts";
import type { ImageLimits } from "./image.ts";

/**
 * The process that decodes strangers' pictures for `createContainedImageProcessor`: bytes come in, an answer goes back,
 * one at a time. It is given no settings, and goes down with whoever started it, in the middle of a picture too.
 */
const [limits] = process.argv.slice(2);
// Our own parent wrote it.
const images = createImageProcessor(JSON.parse(limits ?? "") as ImageLimits);

process.on("message", (bytes: Uint8Array) => {
  void images.sanitiseImage(bytes).then((result) => process.send?.(result));
});
// An orderly exit would wait for the decoder's threads.
process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));
process.send?.("ready");
