import { Counter, Gauge, Registry } from "prom-client";
import { Tally, TallyHistogram } from "./tally.ts";

/** Seconds: from a cached answer to the longest reasoning. */
const DURATION_BUCKETS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 180, 600];

/** What the relay reports; an interface, so that tests need no registry. */
export interface RelayMetrics {
  requestEnded(record: { dialect: string; model: string; status: number; end: string; charge: number; durationMs: number; firstByteMs?: number | undefined }): void;
  /** `listPriceNano`: what it consumed all the same, by the vendor's own report */
  attemptFailed(channel: string, kind: string, listPriceNano?: number): void;
}

/** Values asked for when `/metrics` is read. */
export interface Gauges {
  journalPending: () => number;
  chargesCommitted: () => number;
  openHolds: () => number;
  upstreamCalls: () => number;
  openCircuits: () => number;
}

/** Prometheus metrics of this process. Labels are bounded: dialects, catalog models, statuses, channels. */
export class Metrics implements RelayMetrics {
  readonly registry = new Registry();
  private readonly requests: Tally;
  private readonly duration: TallyHistogram;
  private readonly firstByte: TallyHistogram;
  private readonly charged: Tally;
  private readonly attempts: Counter;
  private readonly lost: Counter;

  constructor() {
    const registers = [this.registry];
    this.requests = new Tally(this.registry, "yescale_requests_total", "Requests ended", ["dialect", "status", "end"]);
    this.duration = new TallyHistogram(this.registry, "yescale_request_seconds", "From arrival to the last byte", "dialect", DURATION_BUCKETS);
    this.firstByte = new TallyHistogram(this.registry, "yescale_first_byte_seconds", "From arrival to the first byte of the answer", "dialect", DURATION_BUCKETS);
    this.charged = new Tally(this.registry, "yescale_charged_usd_total", "Charges in US dollars", ["dialect"]);
    this.attempts = new Counter({ name: "yescale_attempts_failed_total", help: "Upstream attempts that came to nothing", labelNames: ["channel", "kind"], registers });
    this.lost = new Counter({ name: "yescale_attempts_failed_list_usd_total", help: "List price of what failed attempts consumed, as far as vendors reported it", labelNames: ["channel"], registers });
  }

  /** Adds what is only known when asked. */
  observe(gauges: Gauges): void {
    const registers = [this.registry];
    const gauge = (name: string, help: string, read: () => number): void => {
      new Gauge({ name, help, registers, collect() { this.set(read()); } });
    };
    gauge("yescale_journal_pending", "Settled requests not yet in the database", gauges.journalPending);
    gauge("yescale_open_holds", "Requests with money reserved", gauges.openHolds);
    gauge("yescale_upstream_calls", "Upstream calls under way", gauges.upstreamCalls);
    gauge("yescale_open_circuits", "Targets taken out by their failures", gauges.openCircuits);
    new Counter({ name: "yescale_charges_committed_total", help: "Records brought to the database", registers,
      collect() { this.reset(); this.inc(gauges.chargesCommitted()); } });
  }

  requestEnded(record: Parameters<RelayMetrics["requestEnded"]>[0]): void {
    this.requests.add(1, record.dialect, String(record.status), record.end);
    this.duration.observe(record.dialect, record.durationMs / 1000);
    if (record.firstByteMs !== undefined) this.firstByte.observe(record.dialect, record.firstByteMs / 1000);
    if (record.charge > 0) this.charged.add(record.charge / 1e9, record.dialect);
  }

  attemptFailed(channel: string, kind: string, listPriceNano = 0): void {
    this.attempts.inc({ channel, kind });
    if (listPriceNano > 0) this.lost.inc({ channel }, listPriceNano / 1e9);
  }
}
