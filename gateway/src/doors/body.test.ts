import { expect, test } from "bun:test";
import { Deadlines } from "../egress/deadlines.ts";
import { GatewayError } from "../errors/gateway-error.ts";
import { readBody } from "./body.ts";

test.each([["of a known length", { "content-length": "1000" }], ["of any length", {}], ["that is large", { "content-length": "1000000" }]])("V23: a body %s that stops coming is a 408 after its time, and the server does not close the line before", async (_name, length) => {
  let now = 0;
  const clock = { now: () => now, monotonic: () => now };
  const deadlines = new Deadlines(clock);
  const told: string[] = [];
  const stalled = new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode('{"mod')) });
  const headers = { "content-type": "application/json", ...length };
  const reading = readBody({ request: new Request("http://x/", { method: "POST", body: stalled, headers }), headers, connection: { waits: () => told.push("waits"), served: () => told.push("served") } }, ["json"], 1e7, { deadlines, clock });
  expect(told).toEqual(["waits"]);
  now = 121_000;
  deadlines.tick();
  const failure = await Promise.resolve(reading).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(GatewayError);
  expect((failure as GatewayError).kind).toMatchObject({ status: 408, code: "request_timeout" });
  expect(told).toEqual(["waits", "served"]);
});
