import type { DialectId } from "../dialects/canonical/dialect.ts";
import { SESSION_DIALECTS } from "../dialects/registry.ts";
import { MEDIA_RULES } from "./media/families.ts";
import { protocolOf } from "./realtime.ts";
import { API_RULES, isApiPath, ownRule, ROUTE_RULES, type RouteRule } from "./route-rules.ts";
import { findRoute } from "./routes.ts";

/** A handler as Hono lists it. */
interface Handler {
  method: string;
  path: string;
}

/** A path of a rule as a caller would write it. */
export const spelled = (path: string): string => path.replaceAll(/\{\w+\}/g, "x");

/** Every rule by its name; those of the management APIs by method and path. */
export const allRules = (): Record<string, RouteRule> => ({ ...ROUTE_RULES, ...MEDIA_RULES, ...Object.fromEntries(API_RULES.map((rule) => [`${rule.methods[0]} ${rule.paths[0]}`, rule])) });

/**
 * Holds the table of rules against what is really served, once at start. `api`: the handlers of the management APIs. Throws an Error that lists every fault: an address
 * without a rule, a rule without a handler, money without a key, one address with two rules.
 */
export function checkRouteRules(api: readonly Handler[], rules: Readonly<Record<string, RouteRule>> = allRules()): void {
  const faults: string[] = [];
  const owners = new Map<string, string>();
  const served = new Set(api.map(({ method, path }) => `${method} ${path}`));
  for (const { method, path } of api)
    if (!Object.values(rules).some((rule) => isApiPath(path) && (rule.methods as readonly string[]).includes(method) && rule.paths.includes(path))) faults.push(`${method} ${path} has no rule`);
  for (const [name, rule] of Object.entries(rules)) {
    if (rule.price !== "free" && rule.who !== "api key") faults.push(`${name} costs money, but asks for no API key`);
    if (rule.methods.includes("POST") && rule.price !== "free" && rule.bodies.length === 0) faults.push(`${name} costs money, but reads no body`);
    if (rule.bodies.length > 0 && rule.bodyBytesMax <= 0) faults.push(`${name} reads a body, but has no limit for it`);
    for (const method of rule.methods)
      for (const path of rule.paths) {
        const address = `${method} ${path}`;
        const owner = owners.get(address);
        if (owner !== undefined) faults.push(`${address} belongs to ${owner} and ${name}`);
        owners.set(address, name);
        const found = servedBy(method, path, served);
        if (found?.by !== name && found?.by !== rule && found?.by !== "api") faults.push(`${address} is declared by ${name}, but nothing serves it so`);
        else if (found.dialect !== undefined && found.dialect !== rule.errors) faults.push(`${address} refuses in the words of ${found.dialect}, not of ${rule.errors}`);
      }
  }
  if (faults.length > 0) throw new Error(`The table of routes is at fault: ${faults.join("; ")}.`);
}

/** What an address is served under: its rule's name for what goes to vendors, the rule itself for what is our own; and the dialect of its errors where the address alone decides it. */
function servedBy(method: string, declared: string, api: ReadonlySet<string>): { by: string | RouteRule; dialect?: DialectId } | undefined {
  const path = spelled(declared);
  const protocol = method === "GET" ? protocolOf(path) : undefined;
  if (protocol !== undefined) return { by: protocol === "gemini-live" ? "geminiLive" : "realtime", dialect: SESSION_DIALECTS[protocol].refusals };
  const route = findRoute(method, path, false);
  if ("rule" in route) return { by: route.rule, ...("dialect" in route ? { dialect: route.dialect } : {}) };
  if (route.kind === "media") return { by: route.found.rule };
  if (route.kind === "api") return api.has(`${method === "HEAD" ? "GET" : method} ${declared}`) ? { by: "api" } : undefined;
  const rule = ownRule(path);
  return rule && { by: rule };
}
