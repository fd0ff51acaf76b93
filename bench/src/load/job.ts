import type { ChatRequest } from "../http/chat-request.ts";
import type { HistogramData } from "../measure/histogram.ts";

/** What the load generator calls, and how. */
export interface Call {
  host: string;
  port: number;
  path: string;
  headers: Record<string, string>;
  request: ChatRequest;
}

/** Connections that each send the next request when the last has ended. */
export interface ClosedLoopJob {
  kind: "closed-loop";
  call: Call;
  connections: number;
  /** stop sending after so many seconds */
  seconds: number;
  /** stop sending after so many requests on each connection */
  requestsPerConnection?: number;
}

/** Connections that send at fixed moments, whatever the answers take; latency counts from the planned moment. */
export interface ConstantRateJob {
  kind: "constant-rate";
  call: Call;
  /** all connections together */
  perSecond: number;
  seconds: number;
  /** one by default */
  connections?: number;
}

/** Many streams opened and held at once, watched for a while, then dropped. */
export interface HeldStreamsJob {
  kind: "held-streams";
  call: Call;
  streams: number;
  /** streams opened each second */
  openedPerSecond: number;
  /** how long to wait for every stream's first event, in seconds */
  openSeconds: number;
  /** how long to watch for events once all are open, in seconds */
  windowSeconds: number;
}

/** Work for the load generator. */
export type Job = ClosedLoopJob | ConstantRateJob | HeldStreamsJob;

/** What a job came to. Histograms are in microseconds and hold only whole responses with status 200. */
export interface LoadResult {
  /** responses with status 200, whole */
  succeeded: number;
  failed: number;
  /** by reason or status: how many failed so */
  failures: Record<string, number>;
  /** from the first request to the last response, in seconds */
  seconds: number;
  /** of all bodies, without chunk framing */
  bodyBytes: number;
  events: number;
  /** socket reads that brought these events */
  reads: number;
  total: HistogramData;
  firstByte: HistogramData;
  /** from the true moment of sending; differs from `total` at a constant rate only */
  served: HistogramData;
  /** between events of one stream; events that came together count once with their gap and then as 0 */
  gaps: HistogramData;
  held?: HeldStreams;
}

/** How streams held at once went. */
export interface HeldStreams {
  /** streams that had a first event before the window */
  opened: number;
  /** streams that had another event within the window */
  advancing: number;
}
