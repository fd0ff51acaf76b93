import { expect, test } from "bun:test";
import { MEDIA_DOCS, withReferences } from "@yescale/contract/media";
import { openApiDocument } from "@yescale/contract/openapi";
import { picture } from "../../../../simulators/src/kit/media/picture.ts";
import { testGateway } from "../../testing/gateway.ts";
import type { BodyKind } from "../body.ts";
import { MEDIA_FAMILIES } from "./families.ts";

/** What the document says of slow work is what is served: no route without its description, no description without its route, and each example is sent as it stands there. */
const gateway = await testGateway((config) => void config.models.push({ id: "sora-2", retiredAt: null, sources: [{ vendor: "openai", model: "sora-2" }] }));
const caller = await gateway.newCaller("500");
const png = await picture({ width: 512, height: 512, format: "png", seed: "described" });

interface Operation {
  parameters?: { name: string; in: string }[];
  requestBody?: { content: Record<string, { example?: unknown }> };
  responses: Record<string, object>;
  security: object[];
}
const { paths } = openApiDocument() as { paths: Record<string, Record<string, Operation>> };
const ROUTES = MEDIA_FAMILIES.flatMap(({ id, routes }) => routes.flatMap((route) => route.paths.map((path) => ({ id, route, path: path.replaceAll("*}", "}") }))));

test("every route of a family stands in the document, with the bodies it reads, its parameters and its key", () => {
  for (const { route, path } of ROUTES) {
    const operation = paths[path]?.[route.method.toLowerCase()];
    const address = `${route.method} ${path}`;
    expect(operation, address).toBeDefined();
    const wanted = (route.bodies ?? []).map((kind: BodyKind) => (kind === "form" ? "multipart/form-data" : "application/json"));
    expect(Object.keys(operation?.requestBody?.content ?? {}).toSorted(), address).toEqual(wanted.toSorted());
    const inPath = (operation?.parameters ?? []).filter((parameter) => parameter.in === "path").map(({ name }) => name);
    expect(inPath, address).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? ""));
    expect(operation?.security, address).toEqual(route.open ? [] : [{ apiKey: [] }]);
    expect(Object.keys(operation?.responses ?? {}).includes("402"), address).toBe(route.priced === true);
    expect(Object.keys(operation?.responses ?? {}), address).toEqual(expect.arrayContaining(route.open ? ["400", "404", "429", "503"] : ["400", "401", "403", "404", "429", "503"]));
  }
});

test("every described address is a route of that family, and every one that reads a body has an example", () => {
  const served = ROUTES.map(({ id, route, path }) => `${id} ${route.method.toLowerCase()} ${path}`);
  const described = MEDIA_DOCS.flatMap(({ id, endpoints }) => endpoints.flatMap(({ method, paths: spellings }) => spellings.map((path) => `${id} ${method} ${path}`)));
  expect(described.toSorted()).toEqual(served.toSorted());
  for (const { endpoints } of MEDIA_DOCS) for (const { body, form, example, paths: [path] } of endpoints) expect(example?.body !== undefined || example?.form !== undefined, path).toBe(body !== undefined || form !== undefined);
  expect(JSON.stringify(paths["/mj/submit/simple-change"])).toContain('"content":"17342981650927364518290374651827 V1"');
});

const answers = new Map<string, unknown>();
const memberOf = (reference: string): unknown => {
  const [name = "", ...members] = reference.split(".");
  return members.reduce<unknown>((value, member) => (value as Record<string, unknown>)[member], answers.get(name));
};

async function send(method: string, path: string, body?: object | FormData, key = caller.apiKey, more: Readonly<Record<string, string>> = {}): Promise<Response> {
  const json = body !== undefined && !(body instanceof FormData);
  return fetch(`${gateway.url}${path}`, { method: method.toUpperCase(), redirect: "manual", headers: { authorization: `Bearer ${key}`, "x-sandbox-fault": "queue-ms=20;run-ms=40", ...(json ? { "content-type": "application/json" } : {}), ...more }, ...(body === undefined ? {} : { body: json ? JSON.stringify(body) : body }) });
}

function formOf(parts: Readonly<Record<string, string>>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(parts)) form.append(name, value === "@picture" ? new File([png], "stone.png", { type: "image/png" }) : value);
  return form;
}

/** A window of Midjourney's that waits to be confirmed. */
async function opened(): Promise<{ result: string }> {
  const json = async (method: string, path: string, body?: object): Promise<Record<string, unknown>> => (await send(method, path, body)).json() as Promise<Record<string, unknown>>;
  const { result: single } = await json("post", "/mj/submit/change", { taskId: memberOf("grid.result"), action: "UPSCALE", index: 2 });
  await json("get", `/task/${String(single)}?wait=30`);
  const { buttons } = await json("get", `/mj/task/${String(single)}/fetch`);
  const customId = (buttons as { customId: string }[]).find((button) => button.customId.includes("::Inpaint::"))?.customId;
  const { result } = await json("post", "/mj/submit/action", { taskId: single, customId });
  return { result: String(result) };
}

for (const { endpoints } of MEDIA_DOCS)
  for (const { method, paths: [path = ""], example, answer, further } of endpoints)
    if (example)
      test(`${method} ${path}: its example is answered as the document promises`, async () => {
        if (path === "/v1/videos/{id}/remix") {
          const film = (await (await send("post", "/v1/videos", { model: "sora-2", prompt: "a red stone" })).json()) as { id: string };
          await (await send("get", `/task/${film.id}?wait=30`)).json();
          answers.set("sora", film);
        }
        if (path === "/mj/submit/modal") answers.set("window", await opened());
        const { name, params = {}, query, headers, body, form, status = 200 } = withReferences(example, memberOf);
        const at = Object.entries(params).reduce((text, [part, value]) => text.replace(`{${part}}`, String(value)), path);
        const bodies = [...(body === undefined ? [] : [body as object]), ...(form ? [formOf(form)] : [])];
        for (const sent of bodies.length > 0 ? bodies : [undefined]) {
          const got = await send(method, `${at}${query ? `?${new URLSearchParams(query).toString()}` : ""}`, sent, caller.apiKey, headers);
          const text = await got.text();
          expect(got.status, text.slice(0, 500)).toBe(status);
          const schema = further?.[status] ? further[status].body : answer;
          if (got.headers.get("content-type")?.startsWith("application/json") !== true) continue;
          const told: unknown = JSON.parse(text);
          const held = schema?.safeParse(told);
          expect(held?.success === true ? [] : (held?.error.issues ?? "no description"), text.slice(0, 500)).toEqual([]);
          if (name !== undefined) answers.set(name, told);
        }
      });

for (const { id, endpoints, error } of MEDIA_DOCS)
  test(`${id}: what is refused is refused in the form and with the statuses that the document promises`, async () => {
    for (const { method, paths: [path = ""], body, form, open } of endpoints) {
      const at = path.replaceAll(/\{\w+\}/g, "nothing");
      const empty = body ? {} : form ? formOf({ nothing: "x" }) : undefined;
      for (const [key, wanted] of [["sk-nonsense", open ? 404 : 401], [caller.apiKey, undefined]] as const) {
        const got = await send(method, at, empty, key);
        if (got.ok) continue;
        const text = await got.text();
        expect(got.status, text).toBe(wanted ?? got.status);
        expect(Object.keys(paths[path]?.[method]?.responses ?? {}), `${method} ${path}: ${text}`).toContain(String(got.status));
        expect(error.safeParse(JSON.parse(text)).error?.issues ?? [], `${method} ${path}: ${text}`).toEqual([]);
      }
    }
  });
