/** A cheap stand-in for a vendor of slow work, on Replicate's wire: what it takes in is done after as many milliseconds as the second argument says. Prints its port as JSON on its first line. */
import { exitWithParent } from "../process/exit-with-parent.ts";

const doneAfterMs = Number(process.argv[3] ?? 1_000);
let count = 0;

/** The id tells when the job was taken in, so that nothing is remembered. */
const shown = (id: string): object => {
  const done = Date.now() - Number(id.split("x")[1]) >= doneAfterMs;
  return { id, status: done ? "succeeded" : "processing", output: done ? "a stone by the sea" : null, error: null };
};

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: Number(process.argv[2] ?? 0),
  idleTimeout: 0,
  async fetch(request) {
    if (request.method === "GET") return Response.json(shown(request.url.split("/").at(-1) ?? ""));
    await request.arrayBuffer();
    count++;
    return Response.json(shown(`n${count}x${Date.now()}`), { status: 201 });
  },
});

console.log(JSON.stringify({ port: server.port }));
void exitWithParent();
