import { BodyBeginning } from "../usage/capture.ts";
import { decoded } from "./answer.ts";
import type { RelayCall, RelayServices } from "./call.ts";
import type { DirectSink, StreamedAnswer } from "./streamed-answer.ts";

/** Watches the answer to a call whose key keeps bodies: it goes its way as it is, and a copy of its beginning is kept when it is over. */
export function captured(call: RelayCall, answer: Promise<Response | StreamedAnswer>, services: RelayServices): Promise<Response | StreamedAnswer> {
  const response = new BodyBeginning();
  const keep = (contentType: string): void => {
    const request = new BodyBeginning();
    request.add(call.body);
    const { key } = call;
    services.captures.add({ requestId: call.id, userId: key.userId, keyId: key.id, days: key.captureDays ?? 1, request, response, contentTypes: [call.headers["content-type"] ?? "", contentType] });
  };
  return answer.then(
    (given) => (given instanceof Response ? wholeCaptured(given, response, keep) : streamCaptured(given, response, keep)),
    (error: unknown) => {
      response.add(Buffer.from(error instanceof Error ? error.message : String(error)));
      keep("text/plain");
      throw error;
    },
  );
}

/** The body is in memory: its copy is read beside the answer. */
function wholeCaptured(answer: Response, into: BodyBeginning, keep: (contentType: string) => void): Response {
  const contentType = answer.headers.get("content-type") ?? "";
  const coding = answer.headers.get("content-encoding");
  const read = async (): Promise<void> => {
    const bytes = Buffer.from(await answer.clone().arrayBuffer());
    into.add(coding === null || coding === "identity" ? bytes : await decoded(bytes, coding));
  };
  void read().then(() => keep(contentType), () => keep("application/octet-stream"));
  return answer;
}

function streamCaptured(answer: StreamedAnswer, into: BodyBeginning, keep: (contentType: string) => void): StreamedAnswer {
  const contentType = answer.headers["content-type"] ?? "";
  return {
    status: answer.status,
    headers: answer.headers,
    run: (sink) => answer.run(watched(sink, into)).finally(() => keep(contentType)),
    callerLeft: () => answer.callerLeft(),
  };
}

/** The caller's socket with somebody beside it. */
function watched(sink: DirectSink, into: BodyBeginning): DirectSink {
  return {
    write(chunk) {
      into.add(typeof chunk === "string" ? Buffer.from(chunk) : chunk);
      return sink.write(chunk);
    },
    flush: () => sink.flush(),
    close: () => sink.close(),
  };
}
