/** A Bun proxy without any logic, the measure of what the runtime itself costs. Argument: the upstream's address. */
import { exitWithParent } from "../process/exit-with-parent.ts";

const upstream = process.argv[2] ?? "";

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  idleTimeout: 0,
  maxRequestBodySize: 1 << 30,
  fetch(request) {
    const path = request.url.slice(request.url.indexOf("/", 8));
    return fetch(upstream + path, {
      method: request.method,
      headers: request.headers,
      body: request.body,
    });
  },
});

console.log(JSON.stringify({ port: server.port }));
void exitWithParent();
