import { type Catalog, CatalogError, loadCatalog, type Overrides } from "../catalog/index.ts";
import type { Logger } from "../observe/log.ts";
import type { Db } from "../store/database.ts";
import { catalogOverrides, savePriceVersion } from "../store/queries/prices.ts";
import { StartError } from "./start-error.ts";

/** The catalog that new requests see: shipped data, settings and database in one. It is replaced as a whole; requests under way keep the one they came in with. */
export class LiveCatalog {
  private reloading: Promise<void> = Promise.resolve();

  private constructor(
    private readonly db: Db,
    private readonly settings: Overrides,
    private readonly log: Logger,
    public current: Catalog,
  ) {}

  /** Throws StartError when the database's entries do not fit the shipped ones any more: guessing at prices is no way to start. */
  static async open(db: Db, settings: Overrides, log: Logger): Promise<LiveCatalog> {
    try {
      const catalog = loadCatalog(settings, await catalogOverrides(db));
      await savePriceVersion(db, catalog.priceVersion, catalog.priceData());
      return new LiveCatalog(db, settings, log, catalog);
    } catch (error) {
      if (!(error instanceof CatalogError)) throw error;
      throw new StartError(`Models or groups set through the gateway do not fit this version:\n${error.faults.map((fault) => `  - ${fault}`).join("\n")}\nTake them away with \`npm run cli -- catalog remove\`.`);
    }
  }

  /** The catalog as it would be with other entries in the database. Throws CatalogError. */
  with(stored: Overrides): Catalog {
    return loadCatalog(this.settings, stored);
  }

  /** Reads the database's entries again. Entries that make no catalog leave the last one in force. */
  reload(): Promise<void> {
    // One after another: what was read last is what stays.
    this.reloading = this.reloading.catch(() => undefined).then(() => this.read());
    return this.reloading;
  }

  private async read(): Promise<void> {
    try {
      const catalog = this.with(await catalogOverrides(this.db));
      if (catalog.priceVersion !== this.current.priceVersion) await savePriceVersion(this.db, catalog.priceVersion, catalog.priceData());
      this.current = catalog;
    } catch (error) {
      if (!(error instanceof CatalogError)) throw error;
      this.log.error({ faults: error.faults }, "models or groups of the database make no catalog; the last one stays in force");
    }
  }
}
