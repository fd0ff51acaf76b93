/** Suno-API's tasks: two clips of each song, and how they are shown (its entity/po: Task, SunoSong, SunoMetadata). */
import { asText, type JsonObject } from "../../kit/json.ts";
import type { FileWish } from "../../kit/media/file.ts";
import { spokenSeconds } from "../../kit/media/sound.ts";
import { fileAddress } from "../../kit/tasks/files.ts";
import { endOf, momentOf, type Moment, type Task } from "../../kit/tasks/task.ts";
import type { Received } from "../../kit/vendor.ts";

/** Suno's addresses have no end that is stated; ours live ten years. */
const LINK_SECONDS = 10 * 365 * 86_400;
/** A song lasts as long as its words are sung, at half the speed of speech, and this long at least (seconds); the second clip is longer. The rule is ours. */
const SONG_SECONDS_MIN = 20;
const SECOND_CLIP_SECONDS = 4;
const SINGING = 0.5;
/** Files of one clip: sound, picture, large picture, film. */
const FILES = 4;
const CLIPS = 2;

/** Versions by model name. */
const VERSIONS: [RegExp, string][] = [[/^chirp-v5/, "v5"], [/^chirp-v4-5/, "v4.5"], [/^chirp-v4/, "v4"], [/^chirp-v3-5/, "v3.5"], [/./, "v3"]];

/** What a submit asks for. */
export interface Song {
  title: string;
  tags: string;
  /** the words; "" when they are left to the model */
  lyrics: string;
  description: string;
  model: string;
  instrumental: boolean;
  continues: string | null;
}

/** Takes a song and how many clips are made of it, two unless told; gives its files, clip by clip. */
export function filesOf(song: Song, clips = CLIPS): FileWish[] {
  const seconds = Math.max(Math.ceil(spokenSeconds(song.lyrics, SINGING)), SONG_SECONDS_MIN);
  return Array.from({ length: clips }, (_, clip): FileWish[] => {
    const [duration, seed] = [seconds + clip * SECOND_CLIP_SECONDS, `${song.title} ${song.description} ${song.lyrics} ${clip}`];
    return [
      { kind: "sound", duration, format: "mp3" },
      { kind: "picture", width: 256, height: 256, format: "jpeg", seed },
      { kind: "picture", width: 1024, height: 1024, format: "jpeg", seed },
      { kind: "video", width: 720, height: 720, duration, seed },
    ];
  }).flat();
}

const clipsOf = (task: Task): number => task.outputs.length / FILES;

/** How one clip stands: all go alike, but for the last of a song of which a part fails. */
function clipStatus(task: Task, clip: number, { phase, share }: Moment): string {
  if (phase === "queued") return share < 0.5 ? "submitted" : "queued";
  if (phase === "running") return "streaming";
  return phase === "succeeded" && !(task.faults.has("partial") && clip === clipsOf(task) - 1) ? "complete" : "error";
}

function failReason(task: Task, { phase }: Moment): string {
  const code = task.faults.get("fail-code");
  if (phase === "refused") return "Song Description flagged for moderation";
  if (phase === "failed") return typeof code === "string" ? code : "Internal error while generating the song";
  return phase === "succeeded" && task.faults.has("partial") ? "Internal error while generating the song" : "";
}

type Place = Pick<Received, "now" | "origin">;

function clipOf(place: Place, task: Task, clip: number): JsonObject {
  const { detail } = task;
  const moment = momentOf(task, place.now);
  const status = clipStatus(task, clip, moment);
  const [whole, streams] = [status === "complete" && !task.faults.has("lost-result"), status === "streaming"];
  const address = (file: number): string => fileAddress(place, task, clip * FILES + file, { seconds: LINK_SECONDS });
  const sound = task.outputs[clip * FILES];
  const song = detail as JsonObject & Partial<Song>;
  const error = status === "error" ? failReason(task, moment) : null;
  return {
    id: String(Array.isArray(detail["clips"]) ? detail["clips"][clip] : ""),
    title: song.title,
    status,
    // what streams can be heard already, at another address than in the end
    audio_url: whole ? address(0) : streams ? `${address(0)}&stream=1` : "",
    video_url: whole ? address(3) : "",
    image_url: whole || streams ? address(1) : "",
    image_large_url: whole || streams ? address(2) : "",
    is_video_pending: streams,
    major_model_version: VERSIONS.find(([models]) => models.test(task.model))?.[1],
    model_name: task.model,
    created_at: new Date(task.acceptedAt).toISOString(),
    metadata: {
      tags: song.tags,
      prompt: song.lyrics === "" && status !== "submitted" && song.instrumental !== true ? "[Verse]\nA river runs along the stone" : song.lyrics,
      gpt_description_prompt: song.description === "" ? null : song.description,
      audio_prompt_id: song.continues ?? null,
      history: null,
      concat_history: null,
      type: "gen",
      duration: whole && sound?.kind === "sound" ? sound.duration : null,
      refund_credits: status === "error" ? true : null,
      stream: true,
      error_type: status === "error" ? (moment.phase === "refused" ? "moderation_failure" : "generation_error") : null,
      error_message: error,
    },
  };
}

/** The task's word by its clips: the less finished one decides. */
function wordOf(task: Task, { phase, share }: Moment): string {
  if (phase === "queued") return share < 0.2 ? "NOT_START" : share < 0.5 ? "SUBMITTED" : "QUEUED";
  if (phase === "running") return task.faults.has("new-state") ? "MASTERING" : "IN_PROGRESS";
  return phase === "succeeded" && !(task.faults.has("partial") && task.detail["action"] === "MUSIC") ? "SUCCESS" : "FAILURE";
}

const seconds = (at: number): number => Math.floor(at / 1000);

/** Takes a time, where the proxy is reached, and a task; gives the task as `fetch` and the hook show it. */
export function showTask(place: Place, task: Task): JsonObject {
  const moment = momentOf(task, place.now);
  const { phase } = moment;
  const ended = phase !== "queued" && phase !== "running";
  const music = task.detail["action"] === "MUSIC";
  return {
    task_id: task.id,
    action: task.detail["action"],
    status: wordOf(task, moment),
    fail_reason: failReason(task, moment),
    submit_time: seconds(task.acceptedAt),
    start_time: phase === "queued" ? 0 : seconds(task.startsAt),
    finish_time: ended ? seconds(endOf(task)) : 0,
    search_item: "",
    data: music ? Array.from({ length: clipsOf(task) }, (_, clip) => clipOf(place, task, clip)) : { id: task.id, status: "complete", title: asText(task.detail["title"]), text: asText(task.detail["text"]) },
  };
}
