import { AssetStore } from "../../assets/asset-store.ts";
import { DiskStorage } from "../../assets/disk-storage.ts";
import { ChannelBook } from "../../channels/channel-book.ts";
import { type Channel, DEFAULT_TIMEOUTS } from "../../channels/channel.ts";
import { systemClock } from "../../clock/clock.ts";
import type { FakeClock } from "../../clock/fake-clock.ts";
import { Deadlines } from "../../egress/deadlines.ts";
import { Downloader } from "../../egress/download.ts";
import { ConnectionPool } from "../../egress/http1/pool.ts";
import { createLogger } from "../../observe/log.ts";
import { type Connection, type Db, openDatabase } from "../../store/database.ts";
import { registerProcess, removeProcess } from "../../store/queries/money.ts";
import { freeTurns } from "../../store/queries/tasks.ts";
import type { TaskServices } from "../services.ts";
import { Tasks } from "../tasks.ts";

/** What processes of a test share. */
export interface World {
  db: Db;
  connection: Connection;
  clock: FakeClock;
  /** where outputs are kept */
  folder: string;
}

/** An account at a vendor with Replicate's wire. */
export const replicateChannel = (url: string, credentials: readonly string[] = ["r8-key"]): Channel => ({
  id: "file:r", name: "r", vendor: "replicate", baseUrl: url, credentials, models: undefined, modelMapping: {}, groups: undefined, priority: 0, weight: 1, timeouts: DEFAULT_TIMEOUTS, proxy: undefined, enabled: true, simulated: false,
  servesLive: true, source: "file",
});

/** One process with an engine whose time the test keeps: its own connections, its own id. */
export class OneProcess {
  readonly id = Bun.randomUUIDv7();
  readonly tasks: Tasks;
  readonly channels: ChannelBook;
  private readonly db: Db;
  private readonly egress = { pool: new ConnectionPool(systemClock), deadlines: new Deadlines(systemClock), clock: systemClock };

  private constructor(private readonly world: World) {
    const { clock, connection, folder } = world;
    this.db = openDatabase(connection, () => undefined);
    this.channels = new ChannelBook(clock, Math.random);
    const services = {
      db: this.db, processId: this.id, channels: this.channels, catalog: () => ({ group: () => ({ name: "default", channels: "*" }) }), egress: this.egress, downloader: new Downloader(this.egress), assets: new AssetStore(new DiskStorage(folder, 0), 0),
      publicUrl: () => "http://here", callbackUrl: () => "http://here", clock, random: () => 0.5, metrics: { attemptFailed: () => undefined }, log: createLogger("silent"),
    } as unknown as TaskServices;
    this.tasks = new Tasks(services, () => "whsec_");
  }

  /** Starts one, which takes up what dead ones have left. */
  static async start(world: World, channels: readonly Channel[]): Promise<OneProcess> {
    const process = new OneProcess(world);
    process.channels.setFixed([...channels]);
    await registerProcess(world.db, process.id);
    await freeTurns(world.db, world.clock.now());
    return process;
  }

  /** What is due now, and what becomes due by it. */
  async work(): Promise<void> {
    for (let rounds = 0; rounds < 40; rounds += 1) if ((await this.tasks.engine.round()) === 0) return;
  }

  /** The end of a process at any point: nothing that it says afterwards is heard. */
  async kill(): Promise<void> {
    await this.db.destroy();
    this.egress.pool.close();
    this.egress.deadlines.endAll();
    // At a test's end its own connections may be closed before.
    await removeProcess(this.world.db, this.id).catch(() => undefined);
  }
}
