import { createHash } from "node:crypto";
import { type Channel, serving } from "./channel.ts";
import { type Health, UNWATCHED } from "./health.ts";
import { type Blocked, CURES, type Group, inGroup, inOrder, mappedModel, reaches, saysMore, shuffled } from "./plan.ts";

/** Who a task may be given to: a channel with one of its credentials, for one of the model's sources. */
export interface TaskTarget {
  channel: Channel;
  /** position of the credential in the channel */
  key: number;
  /** names the credential without telling it: a list that was edited has others in its places */
  mark: string;
  /** what health knows it by */
  id: string;
  /** the vendor's name for the model */
  upstreamModel: string;
  /** position of the source */
  source: number;
}

/** Where a model is made, as the catalog writes it. */
export interface Source {
  vendor: string;
  model: string;
  withImages?: string | undefined;
}

export interface TaskPlan {
  /** in the order to try them */
  targets: TaskTarget[];
  /** channels that could serve it, healthy or not */
  configured: number;
  /** why nobody can be asked now */
  blocked: Blocked | undefined;
}

/** Names a credential in a row without telling it. */
export const credentialMark = (credential: string): string => createHash("sha256").update(credential).digest("hex").slice(0, 16);

/**
 * The targets for a task: source by source in the model's order; within one by priority, weight and health as for requests. While any source has a real channel, simulators get nothing of keys
 * that pay. `withImages`: pictures are given, which some sources have a path of their own for.
 */
export function planTask(
  channels: readonly Channel[],
  want: { model: string; sources: readonly Source[]; withImages: boolean; group: Group; sandbox: boolean },
  health: Health,
  random: () => number,
): TaskPlan {
  const fitting = want.sources.flatMap((source, index) =>
    inOrder(
      serving(channels, { id: want.model, vendor: source.vendor })
        .filter((channel) => channel.vendor === source.vendor && channel.enabled && reaches(channel, want.sandbox) && inGroup(channel, want.group))
        .map((channel) => ({ channel, source, index })),
      random,
    ),
  );
  const real = want.sandbox ? fitting : fitting.filter(({ channel }) => !channel.simulated);
  const targets: TaskTarget[] = [];
  let blocked: Blocked | undefined;
  for (const { channel, source, index } of real.length > 0 ? real : fitting) {
    const mapped = mappedModel(channel, want.model);
    const upstreamModel = mapped !== want.model ? mapped : want.withImages ? (source.withImages ?? source.model) : source.model;
    for (const key of shuffled(channel.credentials.length, random)) {
      const id = channel.simulated ? UNWATCHED : `${channel.id}#${key}`;
      const availability = health.availability(id, upstreamModel);
      if (availability.state !== "open") {
        targets.push({ channel, key, mark: credentialMark(channel.credentials[key] ?? ""), id, upstreamModel, source: index });
        continue;
      }
      const out: Blocked = { reason: availability.reason, retryInMs: availability.retryInMs, cure: CURES[availability.reason] ?? "time" };
      if (saysMore(out, blocked)) blocked = out;
    }
  }
  return { targets, configured: fitting.length, blocked: targets.length === 0 ? blocked : undefined };
}
