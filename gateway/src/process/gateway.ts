import { join } from "node:path";
import { AccessKeys } from "../accounts/access-keys.ts";
import { OperatorSettings } from "../accounts/operator-settings.ts";
import { KeyRing } from "../accounts/key-ring.ts";
import { AssetStore } from "../assets/asset-store.ts";
import { DiskStorage } from "../assets/disk-storage.ts";
import { S3Storage } from "../assets/s3-storage.ts";
import { ChannelBook } from "../channels/channel-book.ts";
import { webhookSecretOf } from "../channels/secrets.ts";
import { configuredChannels, sandboxChannels, storedChannel } from "../channels/sources.ts";
import { systemClock } from "../clock/clock.ts";
import type { Config } from "../config.ts";
import { CallerAddress } from "../doors/address.ts";
import { assetRoute } from "../doors/assets.ts";
import { checkRouteRules } from "../doors/check-route-rules.ts";
import { UploadAllowance } from "../doors/media/uploads.ts";
import { inItsEnvelope } from "../doors/media/families.ts";
import { IDLE_CONNECTION_SECONDS } from "../doors/arrival.ts";
import { Door, type DoorServices } from "../doors/door.ts";
import { opsRoutes } from "../doors/ops/ops.ts";
import { RealtimeDoor, type RealtimeSocket } from "../doors/realtime.ts";
import { Deadlines } from "../egress/deadlines.ts";
import { Downloader } from "../egress/download.ts";
import { GuardedFetcher } from "../egress/guarded-fetch.ts";
import { FetchRules } from "../egress/guarded/fetch-rules.ts";
import { ConnectionPool } from "../egress/http1/pool.ts";
import { FailureThrottle } from "../limits/failure-throttle.ts";
import { createLogger } from "../observe/log.ts";
import { LoopLag } from "../observe/loop-lag.ts";
import { Metrics } from "../observe/metrics.ts";
import { type MetricsSnapshot, observeProcess, snapshotOf } from "../observe/process-metrics.ts";
import { Conversations } from "../responses/conversations.ts";
import { ResponseShelf } from "../responses/shelf.ts";
import { type Connection, openDatabase, pendingMigrations } from "../store/database.ts";
import { ChangeListener } from "../store/listener.ts";
import { accessKeyHashes, accessKeyHashOf } from "../store/queries/accounts.ts";
import { allKeys, keysOfOrganisation, keysOfUser, oneKey } from "../store/queries/keys.ts";
import { allChannels, oneChannel } from "../store/queries/channels.ts";
import * as money from "../store/queries/money.ts";
import { Captures } from "../usage/capture.ts";
import { RollUp } from "../usage/roll-up.ts";
import { Notices } from "../tasks/notices.ts";
import type { TaskServices } from "../tasks/services.ts";
import { Tasks } from "../tasks/tasks.ts";
import { LargeBuffers } from "../relay/large-buffers.ts";
import { newTranslationWorker } from "../relay/request-translator.ts";
import { TokenCounter } from "../tokens/token-counter.ts";
import { Journal } from "../wallet/journal.ts";
import { LeaseBook } from "../wallet/lease-book.ts";
import { SetAside } from "../wallet/set-aside.ts";
import { Settler } from "../wallet/settler.ts";
import { Wallet } from "../wallet/wallet.ts";
import { ChangeReader } from "./change-reader.ts";
import { IdleMemory } from "./idle-memory.ts";
import { ownJournal } from "./journal-owners.ts";
import { startLimiting } from "./limiting.ts";
import { LiveCatalog } from "./live-catalog.ts";
import { settingDefaults, startManagement } from "./management.ts";
import { openSecretBox } from "./master-key.ts";
import { Presence } from "./presence.ts";
import { reason, StartError } from "./start-error.ts";

/** How long a settlement query of the System API waits for this process's own last charges. */
const FLUSH_WAIT_MS = 500;
/** Before everything is read again that could not be. */
const REREAD_PAUSE_MS = 500;
/** How long the last events of streams that were ended may take to go out. */
const LAST_WORDS_MS = 500;
/** Waiting for the database at the end: what is not through then stays in the journal for the next start. */
const LAST_DRAIN_MS = 10_000;
/** Headers of an id are lower-case hex and dashes (UUID v7: sortable by time). */
const newRequestId = (): string => Bun.randomUUIDv7();

export interface Boot {
  config: Config;
  connection: Connection;
  processId: string;
  sandboxUrl: string | undefined;
  /** several processes share the port */
  sharePort: boolean;
  /** which of the processes on the port this is, from 0 */
  worker?: number;
}

/** What only a supervisor can do for one of its workers. */
export interface BootHooks {
  /** the metrics of all workers as text; rejects when one of them does not tell */
  allMetrics?: () => Promise<string>;
}

export interface RunningGateway {
  url: string;
  /** the channels as this process sees them */
  channels: ChannelBook;
  /** this process's own metrics */
  metricsSnapshot(): Promise<MetricsSnapshot>;
  /** Stops taking requests, lets streams finish up to the limit, brings the journal home. */
  stop(): Promise<void>;
}

/** One serving process: store, services, doors, listen. Migrations and recovery have been done by the caller. Throws StartError when the port is taken or the master key is the wrong one. */
export async function runGateway(boot: Boot, hooks: BootHooks = {}): Promise<RunningGateway> {
  const { config, connection, processId } = boot;
  const log = createLogger(config.logLevel);
  const clock = systemClock;
  const db = openDatabase(connection, (error) => log.warn({ error: error.message }, "a database connection was lost"));
  const catalog = await LiveCatalog.open(db, { models: config.models, groups: config.groups }, log);

  const box = await openSecretBox(db, config);
  const channels = new ChannelBook(clock, Math.random);
  const loadChannels = async (): Promise<void> => {
    const stored = new Map((await allChannels(db)).map((row) => [Number(row.id), storedChannel(row, box)]));
    channels.setFixed(configuredChannels(config));
    channels.setStored(stored);
    channels.setSandbox(boot.sandboxUrl === undefined ? [] : sandboxChannels(config, boot.sandboxUrl));
  };
  await loadChannels();

  const keys = new KeyRing({ all: () => allKeys(db), ofUser: (id) => keysOfUser(db, id), ofOrganisation: (id) => keysOfOrganisation(db, id), one: (id) => oneKey(db, id) }, clock);
  const accessKeys = new AccessKeys({ all: () => accessKeyHashes(db), of: (id) => accessKeyHashOf(db, id) });
  const failures = new FailureThrottle(clock, config.failedKeysPerMinute);
  const leases = new LeaseBook(
    {
      take: (asks) => money.takeLeases(db, processId, asks),
      giveBack: (returns) => money.returnLeases(db, processId, returns),
      recall: (budgetId) => money.recallLeases(db, processId, budgetId),
    },
    clock,
  );
  const journalFolder = join(config.dataDir, "journal");
  const disown = ownJournal(journalFolder, processId);
  const journal = new Journal(journalFolder, processId);
  const aside = new SetAside(journalFolder);
  const settler = new Settler(
    journal,
    (records) => money.settleBatch(db, processId, records),
    aside,
    processId,
    {
      failed: (error) => log.error({ error: String(error) }, "settlement failed; the journal keeps it"),
      setAside: (error, record) => log.error({ error: String(error), requestId: requestIdOf(record) }, "the database refuses a record; it was set aside in the journal folder"),
    },
    clock,
  );
  const presence = new Presence(db, processId, leases, clock, log);
  await presence.start();
  // Workers of one supervisor know of each other before the first beat tells it.
  const limiting = await startLimiting(db, processId, config.redisUrl, clock, log);
  const { limits } = limiting;
  const captures = new Captures(db, box, log);
  const rollUp = new RollUp(db, log, config.logDays, () => clock.now());
  rollUp.start();
  presence.onCount = (counted) => {
    const processes = Math.max(counted, boot.sharePort ? config.workers : 1);
    limiting.shareWith(processes);
    failures.processes = processes;
  };
  presence.onCount(leases.processes);
  const settings = new OperatorSettings(db, settingDefaults(config));
  await settings.load();
  // Known to the listener before it is made: nothing is told of tasks until then.
  let tasks: Tasks | undefined;
  const reader = new ChangeReader(
    read,
    () => Promise.all([keys.load(), accessKeys.load(), loadChannels(), limits.load(), catalog.reload(), settings.load()]),
    (error, message) => log.warn({ error: String(error), message }, "a change could not be read"),
    () => Bun.sleep(REREAD_PAUSE_MS),
  );
  const listener = new ChangeListener(connection, changed, () => reader.everything());
  /** What needs no more than memory is done at once, as is giving back what another process waits for. */
  function changed(message: string): void {
    const [what, idText, by] = message.split(":");
    const id = Number(idText);
    if (what === "tasks") for (const task of (idText ?? "").split(",")) tasks?.changed(task);
    else if (what === "budgets") leases.changed(id);
    else if (what === "returned") leases.wake(id);
    else if (what === "recall") {
      if (by !== processId) void leases.giveBack(id).catch((error) => log.warn({ error: String(error), message }, "a lease could not be given back"));
    } else reader.told(message);
  }
  async function read(message: string): Promise<void> {
    const [what, idText] = message.split(":");
    const id = Number(idText);
    if (what === "api_keys") await keys.keyChanged(id);
    else if (what === "users") await Promise.all([keys.userChanged(id), accessKeys.userChanged(id)]);
    else if (what === "settings") await settings.load();
    else if (what === "organisations") await keys.organisationChanged(id);
    else if (what === "catalog_overrides") await catalog.reload();
    else if (what === "limit_rules") await limits.changed(id);
    else if (what === "channels") {
      const row = await oneChannel(db, id);
      channels.changed(id, row && storedChannel(row, box));
    }
  }
  await listener.start();
  await Promise.all([keys.load(), accessKeys.load(), limits.load(), catalog.reload()]);

  const deadlines = new Deadlines(clock);
  const pool = new ConnectionPool(clock);
  const metrics = new Metrics();
  metrics.observe({
    journalPending: () => settler.pending,
    chargesCommitted: () => settler.committedTotal,
    openHolds: () => leases.totals().openHolds,
    upstreamCalls: () => deadlines.size,
    openCircuits: () => channels.health.openCircuits().length,
  });
  const lag = new LoopLag(() => clock.monotonic());
  observeProcess(metrics.registry, {
    worker: String(boot.worker ?? 0),
    eventLoopLag: () => lag.worstSeconds(),
    recordsSetAside: () => aside.count(),
    damagedJournals: () => aside.damagedJournals().length,
  });
  const callerAddress = new CallerAddress(config.trustedProxies);
  let stopping = false;
  const management = startManagement(config, {
    db, box, log, clock, keys, accessKeys, failures, channels, captures, deadlines, egress: { pool, deadlines, clock }, settings, catalog: () => catalog.current, catalogWith: (stored) => catalog.with(stored),
    flush: () => settler.drain(FLUSH_WAIT_MS), addUp: () => rollUp.addUp(), setAside: () => aside.count(), url: () => urlOf(config.host, server.port),
  });
  const { api } = management;
  checkRouteRules(api.routes);
  const { s3, freeBytesMin, days } = config.assets;
  const assets = new AssetStore(s3 ? new S3Storage(s3) : new DiskStorage(join(config.dataDir, "assets"), freeBytesMin), days);
  assets.start((error) => log.warn({ error: String(error) }, "expired outputs could not be removed"));
  const assetFiles = assetRoute(assets);
  const ops = opsRoutes({
    brand: () => settings.values.system_name,
    notReady: async () => {
      const missing: string[] = [];
      if (stopping) missing.push("stopping");
      const pending = await pendingMigrations(db).catch(() => undefined);
      if (pending === undefined) missing.push("database");
      else if (pending.length > 0) missing.push("migrations");
      if (!channels.list().some((channel) => channel.enabled)) missing.push("channels");
      return missing;
    },
    attention: () => {
      const found: string[] = [];
      if (aside.count() > 0) found.push("records set aside");
      if (aside.damagedJournals().length > 0) found.push("damaged journals");
      return found;
    },
    metrics: {
      token: config.metricsToken,
      callerOf: (request) => callerAddress.of(server.requestIP(request)?.address ?? "", request.headers.get("x-forwarded-for")),
      read: async () => ({ text: await (hooks.allMetrics?.() ?? metrics.registry.metrics()), contentType: metrics.registry.contentType }),
    },
    openapi: async () => (await import("@yescale/contract/openapi")).openApiDocument(),
  });
  const shelf = new ResponseShelf({ db, box, clock, log, days: config.responsesDays, shared: () => boot.sharePort || leases.processes > 1 });
  shelf.start();
  const tokens = new TokenCounter();
  const translationWorker = newTranslationWorker();
  const egress = { pool, deadlines, clock };
  const largeBuffers = new LargeBuffers();
  // What tasks ask of vendors has deadlines of its own: it is not ended with the callers' requests.
  const taskEgress = { pool, deadlines: new Deadlines(clock), clock };
  const rules = new FetchRules(config.fetchAllow, config.fetchHttp);
  const fetcher = new GuardedFetcher(egress, rules);
  const here = (): string => urlOf(config.host, server.port);
  const outside = config.assets.publicUrl ?? config.identity.publicUrl;
  const taskServices: TaskServices = {
    db, processId, channels, catalog: () => catalog.current, reclaim: (budgetId) => leases.reclaim(budgetId), flush: () => settler.drain(FLUSH_WAIT_MS), limits, egress: taskEgress, fetcher: new GuardedFetcher(taskEgress, rules), downloader: new Downloader(taskEgress, rules), assets,
    publicUrl: () => outside ?? here(), callbackUrl: (simulated) => (simulated ? here() : outside), clock, random: Math.random, metrics, log,
  };
  tasks = new Tasks(taskServices, (userId) => webhookSecretOf(box, userId));
  const mediaTools = {
    tasks,
    catalog: () => catalog.current,
    assets,
    uploads: new UploadAllowance(),
    // A brand is a setting, which changes while we run.
    get brand() {
      return settings.values.system_name;
    },
    now: () => clock.now(),
  };
  const notices = new Notices(taskServices, (userId) => mediaTools.tasks.secretOf(userId), (task) => inItsEnvelope(task, mediaTools, outside ?? here()));
  const doorServices: DoorServices = {
    mediaTools,
    shelf,
    tokens,
    translationWorker,
    memory: new Conversations(shelf, () => catalog.current),
    channels,
    catalog: () => catalog.current,
    wallet: new Wallet(leases, settler),
    limits,
    captures,
    largeBuffers,
    egress,
    fetcher,
    clock,
    random: Math.random,
    assets,
    assetUrl: config.assets.publicUrl,
    keepAliveMs: config.keepAliveMs,
    logAddresses: config.logAddresses,
    metrics,
    log,
    keys,
    failures,
    callerAddress,
    newRequestId,
    api,
    ownRoutes: (request, path) => assetFiles(request, path) ?? ops(request, path),
    stopping: () => stopping,
  };
  const door = new Door(doorServices);
  const idleMemory = new IdleMemory({ done: () => door.handled, underWay: () => leases.totals().openHolds + deadlines.size + taskEgress.deadlines.size, resident: () => process.memoryUsage.rss() }, () => {
    largeBuffers.drop();
    Bun.gc(true);
  });
  const realtime = new RealtimeDoor(doorServices);
  /** What serves no request any more is brought home and closed. */
  const end = async (): Promise<void> => {
    taskEgress.deadlines.endAll();
    await notices.stop();
    const home = await settler.drain(LAST_DRAIN_MS);
    settler.stop();
    tokens.close();
    translationWorker.close();
    await shelf.stop(LAST_DRAIN_MS);
    await listener.stop();
    await management.stop();
    await limiting.stop();
    await rollUp.stop();
    await Promise.race([captures.save(), Bun.sleep(LAST_DRAIN_MS)]);
    await presence.stop(home);
    journal.close();
    disown();
    lag.stop();
    idleMemory.stop();
    assets.stop();
    pool.close();
    await db.destroy();
  };
  const server = await listen(end, {
    hostname: config.host,
    port: config.port,
    reusePort: boot.sharePort,
    idleTimeout: IDLE_CONNECTION_SECONDS,
    // Ours is told in the caller's dialect; the server's own answer would be bare.
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    fetch: (request, bun) => (realtime.takes(request) ? realtime.handle(request, bun) : door.handle(request, bun)),
    websocket: realtime.handlers(),
    error: (error) => {
      log.error({ error: error.message }, "unhandled");
      return Response.json({ error: { message: "Something went wrong on our side.", type: "server_error", param: null, code: "internal_error" } }, { status: 500 });
    },
  });

  tasks.start();
  notices.start();
  return {
    channels,
    metricsSnapshot: () => snapshotOf(metrics.registry),
    url: urlOf(config.host, server.port),
    async stop() {
      stopping = true;
      realtime.sessions.drain();
      const limitMs = config.shutdownSeconds * 1000;
      // Orders on their way to vendors may take as long as requests: cut off, nobody could tell whether the vendor has them.
      const steps = mediaTools.tasks.stop(limitMs);
      const finished = server.stop(false);
      const served = Promise.race([finished, idle(() => leases.totals().openHolds + deadlines.size + mediaTools.tasks.waiting)]);
      await Promise.race([Promise.all([served, steps]), Bun.sleep(limitMs)]);
      await realtime.sessions.stop();
      // Streams that are still open end with an error event, billed for what was delivered.
      deadlines.endAll();
      await Promise.race([finished, Bun.sleep(LAST_WORDS_MS)]);
      await server.stop(true);
      await end();
    },
  };
}

const urlOf = (host: string, port: number | undefined): string => `http://${host.includes(":") ? `[${host}]` : host}:${port}`;

/** Listens, or ends what was started before and throws StartError. */
async function listen(end: () => Promise<void>, options: Bun.Serve.Options<RealtimeSocket>): Promise<Bun.Server<RealtimeSocket>> {
  try {
    return Bun.serve(options);
  } catch (error) {
    await end();
    throw new StartError(`Cannot listen on HOST and PORT: ${reason(error)}`);
  }
}

const requestIdOf = (record: string): string | undefined => /"id":"([^"]{1,50})"/.exec(record)?.[1];

/** Resolves when nothing is under way any more, a moment after it was last seen so. */
async function idle(underWay: () => number): Promise<void> {
  do await Bun.sleep(50);
  while (underWay() > 0);
  await Bun.sleep(50);
}
