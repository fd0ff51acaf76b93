import { expect, test } from "bun:test";
import { serveMedia } from "./media/door.ts";
import { type FoundMediaRoute, MEDIA_FAMILIES } from "./media/families.ts";

const away = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });

test("F07: at every door of tasks a database that is away is a 503 with the time after which to ask again", async () => {
  for (const family of MEDIA_FAMILIES) {
    const found = { family, params: {}, route: { open: true, handle: () => Promise.reject(away) } } as unknown as FoundMediaRoute;
    const answer = await serveMedia(found, () => Promise.resolve({ call: { headers: {} } as never, bytes: undefined, contentType: "" }), {} as never, "r", () => undefined);
    expect([family.id, answer.status, answer.headers.get("retry-after")]).toEqual([family.id, 503, "2"]);
  }
});
