/** Stands in for a decoder that a picture has taken over: it answers twice, each time with another width. */
const sourceHash = new Uint8Array(32);
const bytes = new Uint8Array([0xff, 0xd8, 0xff, 0xdb]);
const answer = (width: number) => process.send?.({ ok: true, bytes, width, height: 1, sourceHash });

process.on("message", () => {
  answer(1);
  answer(2);
});
process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));
process.send?.("ready");
