/** Which endpoint a name is. */
import type { Endpoint } from "./endpoint.ts";
import { anyFilm, anySound, anyTranscript, FILM_AND_SPEECH_ENDPOINTS } from "./films-and-speech.ts";
import { anyPicture, PICTURE_ENDPOINTS } from "./pictures.ts";

const ENDPOINTS: Record<string, Endpoint> = { ...PICTURE_ENDPOINTS, ...FILM_AND_SPEECH_ENDPOINTS };

/** Takes an endpoint's name (owner, app and more, by slashes); gives what is known of it: every well-formed name exists that does not say otherwise. */
export function endpointOf(name: string): Endpoint | undefined {
  const known = Object.hasOwn(ENDPOINTS, name) ? ENDPOINTS[name] : undefined;
  if (known) return known;
  if (!/^[\w.-]+(?:\/[\w.-]+)+$/.test(name) || /nonexist|not-exist|unknown/.test(name)) return undefined;
  if (/to-image(?:$|\/)/.test(name)) return anyPicture;
  if (/whisper|wizper|transcri|speech-to-text/.test(name)) return anyTranscript;
  if (/tts|speech|audio|music|sound|voice/.test(name)) return anySound;
  return /video|film|veo|kling|pika|luma(?!-photon)|hailuo|seedance|animate|reframe|sora|wan\b/.test(name) ? anyFilm : anyPicture;
}
