/** How long and how often everything is measured. Seconds and counts. */
export interface Profile {
  /** interleaved rounds of scenarios 1 and 2 */
  rounds: number;
  warmSeconds: number;
  /** scenario 1 */
  singleSeconds: number;
  manySeconds: number;
  /** scenario 2: streams one after the other on each of 100 connections; short streams at one connection */
  streamsPerConnection: number;
  firstByteStreams: number;
  /** scenario 3 */
  heldStreams: number;
  openedPerSecond: number;
  windowSeconds: number;
  /** scenario 4 */
  soakSeconds: number;
  /** scenario 5 */
  blockingRounds: number;
  probeSeconds: number;
  /** scenario 7 */
  chargeSeconds: number;
  /** scenario 8 */
  starts: number;
  idleSeconds: number;
  /** measure direct and nginx also where they are only a control */
  controls: boolean;
}

/** About seventeen minutes. */
export const FULL: Profile = {
  rounds: 5,
  warmSeconds: 1,
  singleSeconds: 2,
  manySeconds: 4,
  streamsPerConnection: 3,
  firstByteStreams: 200,
  heldStreams: 2000,
  openedPerSecond: 500,
  windowSeconds: 10,
  soakSeconds: 60,
  blockingRounds: 3,
  probeSeconds: 8,
  chargeSeconds: 8,
  starts: 3,
  idleSeconds: 5,
  controls: true,
};

/** Under a minute: shows that everything works; its numbers are worth little. */
export const QUICK: Profile = {
  rounds: 1,
  warmSeconds: 0.3,
  singleSeconds: 0.7,
  manySeconds: 1,
  streamsPerConnection: 1,
  firstByteStreams: 30,
  heldStreams: 2000,
  openedPerSecond: 2000,
  windowSeconds: 2,
  soakSeconds: 4,
  blockingRounds: 1,
  probeSeconds: 1,
  chargeSeconds: 2,
  starts: 1,
  idleSeconds: 2,
  controls: false,
};
