/** The sandbox's own routes under /__sandbox. */
import { FAULTS, FaultSpecError } from "./kit/fault-spec.ts";
import type { FaultBook, StandingFault } from "./kit/fault-book.ts";
import { describeExchange } from "./kit/exchange.ts";
import type { ExchangeQuery, Journal } from "./kit/journal.ts";
import { isObject } from "./kit/json.ts";
import { describeTask, sumTasks, type TaskBook } from "./kit/tasks/task-book.ts";
import { VENDORS } from "./registry.ts";

/** Tasks shown when no limit is given, the latest ones. */
const TASKS_SHOWN = 5_000;

/** What the routes work on. */
export interface Controlled {
  book: FaultBook;
  journal: Journal;
  tasks: TaskBook;
  /** the clock, Unix milliseconds */
  now: () => number;
}

const complain = (status: number, message: string): Response =>
  Response.json({ error: { type: "sandbox_error", message } }, { status });

function explanation(): Response {
  return Response.json({
    what: "AI vendors played on their own wires. Nothing here costs money, and any well-formed key is taken.",
    vendors: [...VENDORS.values()].map(({ name, routes }) => ({ name, base: `/${name}`, routes })),
    faults: {
      header: "x-sandbox-fault: <spec>",
      prompt: "[[fault:<spec>]]",
      standing: "POST /__sandbox/faults {vendor?, path?, key?, spec}",
      parts: FAULTS,
      joinedBy: ";",
    },
    headers: { "x-sandbox-encode": "gzip | br | zstd | deflate", "x-sandbox-record": "off" },
    prompts: ["say X", "repeat: X", "write N words", "count to N", "2 + 3", "name a tool to have it called"],
    control: [
      "GET /__sandbox/requests?vendor=&since=&limit=&id=",
      "DELETE /__sandbox/requests",
      "GET /__sandbox/totals",
      "GET /__sandbox/tasks?vendor=&id=&limit=",
      "GET, POST, DELETE /__sandbox/faults",
    ],
  });
}

function queryOf(parameters: URLSearchParams): ExchangeQuery {
  const query: ExchangeQuery = {};
  const [vendor, id, since, limit] = ["vendor", "id", "since", "limit"].map((name) => parameters.get(name));
  if (vendor) query.vendor = vendor;
  if (id) query.id = id;
  if (since) query.since = Number(since);
  if (limit) query.limit = Number(limit);
  return query;
}

/** The tasks that are asked for, and sums over all that match, however many are shown. */
function tasksOf(parameters: URLSearchParams, tasks: TaskBook, now: number): object {
  const { vendor, id, limit } = queryOf(parameters);
  const found = tasks.all().filter((task) => (vendor === undefined || task.vendor === vendor) && (id === undefined || task.id === id));
  return { tasks: found.slice(-(limit ?? TASKS_SHOWN)).map((task) => describeTask(task, now)), totals: sumTasks(found, now) };
}

async function addFault(request: Request, book: FaultBook): Promise<Response> {
  const body: unknown = await request.json().catch(() => undefined);
  if (!isObject(body) || typeof body["spec"] !== "string")
    return complain(400, "Send {vendor?, path?, key?, spec} as JSON.");
  const fault: StandingFault = { spec: body["spec"] };
  for (const name of ["vendor", "path", "key"] as const) {
    const value = body[name];
    if (typeof value === "string") fault[name] = value;
  }
  if (fault.vendor !== undefined && !VENDORS.has(fault.vendor))
    return complain(400, `There is no vendor '${fault.vendor}'. Vendors: ${[...VENDORS.keys()].join(", ")}.`);
  try {
    book.add(fault);
  } catch (error) {
    if (error instanceof FaultSpecError) return complain(400, error.message);
    throw error;
  }
  return Response.json({ faults: book.list() }, { status: 201 });
}

/** Takes a request below /__sandbox and what it controls; gives the answer. */
export async function control(request: Request, url: URL, { book, journal, tasks, now }: Controlled): Promise<Response> {
  const route = `${request.method} ${url.pathname.slice("/__sandbox".length).replace(/\/$/, "")}`;
  switch (route) {
    case "GET ":
      return explanation();
    case "GET /requests":
      return Response.json({ requests: journal.list(queryOf(url.searchParams)).map(describeExchange) });
    case "DELETE /requests":
      journal.clear();
      journal.totals.clear();
      return Response.json({ requests: [] });
    case "GET /totals":
      return Response.json({ totals: journal.totals.read() });
    case "GET /tasks":
      return Response.json(tasksOf(url.searchParams, tasks, now()));
    case "GET /faults":
      return Response.json({ faults: book.list() });
    case "POST /faults":
      return addFault(request, book);
    case "DELETE /faults":
      book.clear();
      return Response.json({ faults: [] });
    default:
      return complain(404, "There is no such control route. GET /__sandbox lists them.");
  }
}
