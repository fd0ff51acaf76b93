export { openApiDocument } from "./openapi.ts";
export * from "./system.ts";
