/**
 * Two batches that have ended, one of OpenAI's and one of Anthropic's: what a program asks for when it fetches their
 * results, as the providers' documentation shows it. Of three requests each one succeeded, one failed, one came too late.
 */
export const batchAnswerAt = (path: string): { readonly type: string; readonly text: string } | undefined =>
  answers.get(path);

const jsonl = (lines: readonly string[]): string => `${lines.join("\n")}\n`;

/** Spelled so that only the bytes themselves say it so: spaces, an escape, a number of two forms. */
const completion =
  '{"id": "chatcmpl-batch-1", "object": "chat.completion", "created": 1760000100, "model": "gpt-4o-2024-08-06", "choices": [{"index": 0, "message": {"role": "assistant", "content": "On its way \\u2013 {soon}.", "refusal": null}, "logprobs": null, "finish_reason": "stop"}], "usage": {"prompt_tokens": 20, "completion_tokens": 5, "total_tokens": 25}, "score": 1.0}';
const message =
  '{"id":"msg_batch_1","type":"message","role":"assistant","model":"claude-sonnet-4-5-20250929","content":[{"type":"text","text":"On its way."}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":20,"cache_creation_input_tokens":0,"cache_read_input_tokens":4,"output_tokens":5,"service_tier":"batch"}}';

const answers: ReadonlyMap<string, { readonly type: string; readonly text: string }> = new Map([
  [
    "/v1/batches/batch_1",
    {
      type: "application/json",
      text: JSON.stringify({
        id: "batch_1",
        object: "batch",
        endpoint: "/v1/chat/completions",
        input_file_id: "file-in",
        output_file_id: "file-out",
        error_file_id: "file-errors",
        completion_window: "24h",
        status: "completed",
        created_at: 1_760_000_000,
        completed_at: 1_760_003_600,
      }),
    },
  ],
  [
    "/v1/files/file-out/content",
    {
      type: "application/octet-stream",
      text: jsonl([
        `{"id": "batch_req_1", "custom_id": "parcel", "response": {"status_code": 200, "request_id": "req_batch_1", "body": ${completion}}, "error": null}`,
        '{"id": "batch_req_2", "custom_id": "too long", "response": {"status_code": 400, "request_id": "req_batch_2", "body": {"error": {"message": "max_tokens is too large", "type": "invalid_request_error", "code": null}}}, "error": null}',
      ]),
    },
  ],
  [
    "/v1/files/file-errors/content",
    {
      type: "application/octet-stream",
      text: jsonl([
        '{"id": "batch_req_3", "custom_id": "late", "response": null, "error": {"code": "batch_expired", "message": "This request could not be executed before the completion window expired."}}',
      ]),
    },
  ],
  [
    "/v1/messages/batches/msgbatch_1",
    {
      type: "application/json",
      text: JSON.stringify({
        id: "msgbatch_1",
        type: "message_batch",
        processing_status: "ended",
        request_counts: { processing: 0, succeeded: 1, errored: 1, canceled: 0, expired: 1 },
        created_at: "2025-10-09T08:53:20Z",
        ended_at: "2025-10-09T09:53:20Z",
        expires_at: "2025-10-10T08:53:20Z",
        archived_at: null,
        cancel_initiated_at: null,
        results_url: "/v1/messages/batches/msgbatch_1/results",
      }),
    },
  ],
  [
    "/v1/messages/batches/msgbatch_1/results",
    {
      type: "application/x-jsonl",
      text: jsonl([
        `{"custom_id":"parcel","result":{"type":"succeeded","message":${message}}}`,
        '{"custom_id":"too long","result":{"type":"errored","error":{"type":"error","error":{"type":"invalid_request_error","message":"max_tokens is too large"},"request_id":"req_batch_2"}}}',
        '{"custom_id":"late","result":{"type":"expired"}}',
      ]),
    },
  ],
]);
