import { expect, test } from "bun:test";
import { openApiDocument } from "@yescale/contract/openapi";
import { API_ROUTES } from "@yescale/contract";
import type { BodyKind } from "./body.ts";
import { isApiPath, ROUTE_RULES } from "./route-rules.ts";
import { findRoute, POST_PATHS } from "./routes.ts";

interface Operation {
  summary: string;
  requestBody?: { content: Record<string, { schema: object }> };
  responses: Record<string, { content?: Record<string, object>; headers?: object }>;
}
const { paths } = openApiDocument() as { paths: Record<string, Partial<Record<"get" | "post" | "delete", Operation>>> };
const isMedia = (path: string): boolean => findRoute("POST", filled(path), false).kind === "media";
const filled = (path: string): string => path.replaceAll(/\{\w+\}/g, "x");

test("every POST route stands in the document, and every POST of the document is a route", () => {
  const documented = Object.keys(paths).filter((path) => paths[path]?.post && !isApiPath(path) && !isMedia(path));
  expect(documented.sort()).toEqual([...POST_PATHS].sort());
  for (const path of documented) expect(["relay", "response"], path).toContain(findRoute("POST", filled(path), false).kind);
});

test("every management route stands in the document with its method, what it takes and who may call it", () => {
  for (const route of API_ROUTES)
    for (const path of [route.path, ...(route.also ?? [])]) {
      const operation = (paths[path] as Record<string, Operation & { security: object[] }> | undefined)?.[route.method];
      expect(operation, path).toBeDefined();
      expect((operation?.security.length ?? 0) > 0, path).toBe(route.who !== "anybody");
      expect(operation?.requestBody !== undefined, path).toBe((route.body ?? route.upload) !== undefined);
      expect(Object.keys(operation?.responses ?? {}), path).toEqual(expect.arrayContaining(["200", "400", "429", "503"]));
    }
});

test("addresses that are read or deleted are served too", () => {
  for (const [path, kinds] of [["/v1/responses/{id}", ["get", "delete"]], ["/v1/responses/{id}/input_items", ["get"]]] as const)
    for (const kind of kinds) {
      expect(paths[path]?.[kind], path).toBeDefined();
      expect(findRoute(kind.toUpperCase(), filled(path), false).kind, path).toBe("response");
    }
  for (const path of ["/v1/models", "/v1/models/{id}", "/assets/{name}", "/v1/realtime", "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent"]) expect(paths[path]?.get, path).toBeDefined();
});

test("a body is described in every form that its route takes", () => {
  for (const path of POST_PATHS) {
    const route = findRoute("POST", filled(path), false);
    if (route.kind !== "relay") continue;
    const wanted = ROUTE_RULES[route.rule].bodies.map((kind: BodyKind) => (kind === "form" ? "multipart/form-data" : "application/json"));
    const { requestBody, responses } = paths[path]?.post ?? { responses: {} };
    expect(Object.keys(requestBody?.content ?? {}).sort(), path).toEqual([...wanted].sort());
    expect(Object.keys(responses), path).toEqual(expect.arrayContaining(["200", "400", "401", "402", "404", "429", "503"]));
  }
});

test("files are files, sound is sound", () => {
  const form = paths["/v1/audio/transcriptions"]?.post?.requestBody?.content["multipart/form-data"]?.schema as { properties: { file: object }; required: string[] };
  expect([form.properties.file, form.required]).toEqual([{ type: "string", format: "binary" }, ["file", "model"]]);
  expect(Object.keys(paths["/v1/audio/speech"]?.post?.responses["200"]?.content ?? {})).toEqual(["audio/*", "text/event-stream"]);
});

test("a stream of events is described by its events", () => {
  const described = Object.entries(paths).flatMap(([path, item]) =>
    Object.values(item as Record<string, { responses?: Record<string, { content?: Record<string, { schema?: { properties?: object } }> }> }>).flatMap((operation) =>
      Object.values(operation.responses ?? {}).flatMap(({ content }) => (content?.["text/event-stream"] ? [{ path, members: Object.keys(content["text/event-stream"].schema?.properties ?? {}) }] : [])),
    ),
  );
  expect(described.length).toBeGreaterThan(3);
  for (const { path, members } of described) expect(members, path).toContain("data");
});
