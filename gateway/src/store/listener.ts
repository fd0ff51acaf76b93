import pg from "pg";
import type { Connection } from "./database.ts";

const CHANNEL = "yescale_changed";
/** Wait before a lost listening connection is made again; short, since changes must arrive within a second. */
const RECONNECT_DELAY_MS = 200;

/**
 * Hears every change told by the database (`table:id`, `recall:budget:process`, ...). After a lost connection `onResume` is called once
 * the new one listens: whatever was told meanwhile is unknown, so the hearer reads everything again.
 */
export class ChangeListener {
  private client: pg.Client | undefined;
  private closed = false;

  constructor(
    private readonly connection: Connection,
    private readonly onChange: (message: string) => void,
    private readonly onResume: () => void,
  ) {}

  async start(): Promise<void> {
    const client = new pg.Client({ ...this.connection, application_name: "yescale-listener", keepAlive: true });
    client.on("notification", (message) => this.onChange(message.payload ?? ""));
    client.on("error", () => this.lost(client));
    client.on("end", () => this.lost(client));
    await client.connect();
    await client.query(`listen ${CHANNEL}`);
    this.client = client;
  }

  private lost(client: pg.Client): void {
    if (this.closed || this.client !== client) return;
    this.client = undefined;
    void this.resume();
  }

  private async resume(): Promise<void> {
    while (!this.closed) {
      await Bun.sleep(RECONNECT_DELAY_MS);
      try {
        await this.start();
        this.onResume();
        return;
      } catch {
        // the server is still away: try again
      }
    }
  }

  async stop(): Promise<void> {
    this.closed = true;
    await this.client?.end().catch(() => undefined);
  }
}
