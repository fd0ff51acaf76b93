import type { DialectId } from "../dialects/canonical/dialect.ts";
import { SESSION_DIALECTS } from "../dialects/registry.ts";
import { protocolOf } from "./realtime.ts";
import { ownRule, ROUTE_RULES, type RouteRule } from "./route-rules.ts";
import { findRoute } from "./routes.ts";

/** A handler as Hono lists it. */
interface Handler {
  method: string;
  path: string;
}

/** A path of a rule as a caller would write it. */
export const spelled = (path: string): string => path.replaceAll(/\{\w+\}/g, "x");

/**
 * Holds the table of rules against what is really served, once at start. `system`: the handlers of the System API. Throws an Error that lists every fault: an address
 * without a rule, a rule without a handler, money without a key, one address with two rules.
 */
export function checkRouteRules(system: readonly Handler[], rules: Readonly<Record<string, RouteRule>> = ROUTE_RULES): void {
  const faults: string[] = [];
  const owners = new Map<string, string>();
  const served = new Set(system.filter(({ method }) => method !== "ALL").map(({ method, path }) => `${method} ${path}`));
  for (const handler of served) if (!Object.values(rules).some((rule) => rule.errors === "system" && rule.paths.some((path) => handler === `GET ${path}`))) faults.push(`${handler} has no rule`);
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
        const found = servedBy(method, spelled(path), served);
        if (found?.by !== name && found?.by !== rule) faults.push(`${address} is declared by ${name}, but nothing serves it so`);
        else if (found.dialect !== undefined && found.dialect !== rule.errors) faults.push(`${address} refuses in the words of ${found.dialect}, not of ${rule.errors}`);
      }
  }
  if (faults.length > 0) throw new Error(`The table of routes is at fault: ${faults.join("; ")}.`);
}

/** What an address is served under: its rule's name for what goes to vendors, the rule itself for what is our own; and the dialect of its errors where the address alone decides it. */
function servedBy(method: string, path: string, system: ReadonlySet<string>): { by: string | RouteRule; dialect?: DialectId } | undefined {
  const protocol = method === "GET" ? protocolOf(path) : undefined;
  if (protocol !== undefined) return { by: protocol === "gemini-live" ? "geminiLive" : "realtime", dialect: SESSION_DIALECTS[protocol].refusals };
  const route = findRoute(method, path, false);
  if ("rule" in route) return { by: route.rule, ...("dialect" in route ? { dialect: route.dialect } : {}) };
  const rule = ownRule(path);
  return rule === undefined || (rule.errors === "system" && !system.has(`GET ${path}`)) ? undefined : { by: rule };
}
