import { AggregatorRegistry, Gauge, type Registry } from "prom-client";

/** A registry's metrics as plain values, to be sent between processes. */
export type MetricsSnapshot = Awaited<ReturnType<Registry["getMetricsAsJSON"]>>;

export interface ProcessFacts {
  /** which of the processes on the port: bounded, the same for the one that replaces a dead one */
  worker: string;
  /** seconds */
  eventLoopLag: () => number;
  /** records in the journal folder that the database refuses, of all processes */
  recordsSetAside: () => number;
  /** journals in the folder with damaged lines, of all processes */
  damagedJournals: () => number;
}

/** Adds what is true of the process and not of its requests. Each says how the values of several workers become one. */
export function observeProcess(registry: Registry, facts: ProcessFacts): void {
  const registers = [registry];
  const gauge = (name: string, help: string, read: () => number): void => {
    new Gauge({ name, help, registers, aggregator: "max", collect() { this.set(read()); } });
  };
  new Gauge({ name: "yescale_resident_bytes", help: "Resident memory", registers, labelNames: ["worker"], collect() { this.set({ worker: facts.worker }, process.memoryUsage.rss()); } });
  gauge("yescale_event_loop_lag_seconds", "The longest delay of the event loop in the last half minute", facts.eventLoopLag);
  gauge("yescale_records_set_aside", "Records that the database refuses, kept in the journal folder for a person to look at", facts.recordsSetAside);
  gauge("yescale_journals_damaged", "Journals with damaged lines, kept in the journal folder for a person to look at", facts.damagedJournals);
}

/** One registry's snapshot. */
export const snapshotOf = (registry: Registry): Promise<MetricsSnapshot> => registry.getMetricsAsJSON();

/** Several processes' metrics as one: summed, unless a metric says otherwise. */
export const merged = (snapshots: readonly MetricsSnapshot[]): Registry => AggregatorRegistry.aggregate([...snapshots]);

/** What must not go down when a process ends: else a scraper takes the smaller sum for a restart, and counts it all again. */
export const lasting = (snapshot: MetricsSnapshot): MetricsSnapshot => snapshot.filter((metric) => ["counter", "histogram"].includes(String(metric.type)));
