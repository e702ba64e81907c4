/**
 * Conditions by which the rows of traces are found by key: `trace_buckets` says in which minutes a trace has rows, and
 * its lane follows from its id. Bound to `{project:String}` and to `ids`, an expression that yields trace ids.
 */

/** The ids of the parameter `trace_ids`, hex, as a set. */
export const boundTraceIds = "(SELECT toFixedString(unhex(arrayJoin({trace_ids:Array(String)})), 16))";

/** `laneOf` of schemas/src/lane.ts; a test holds them together. */
export const laneSql = "toUInt8(kafkaMurmurHash(lower(hex(trace_id))) % 64)";

export const inBucketsOf = (ids: string): string =>
  `project = {project:String} AND (bucket, trace_id) IN (
  SELECT bucket, trace_id FROM trace_buckets WHERE project = {project:String} AND trace_id IN ${ids})`;

/** Rows of `spans` and `span_payloads`. */
export const inSpansOf = (ids: string): string =>
  `project = {project:String} AND (bucket, lane, trace_id) IN (
  SELECT bucket, ${laneSql}, trace_id FROM trace_buckets WHERE project = {project:String} AND trace_id IN ${ids})`;

/**
 * Which of several rows of one span id stands: one that is not void, of the greatest version. For
 * `ORDER BY … LIMIT 1 BY span_id`.
 */
export const standingFirst = "void, version DESC, bucket DESC";

/** Spelt so that a root's parent, eight zero bytes, reads as the empty text. */
export const hexOrEmpty = (column: string): string => `if(${column} = toFixedString('', 8), '', lower(hex(${column})))`;
