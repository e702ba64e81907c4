/** Each that is given must hold of a trace. */
export interface TraceFilters {
  readonly user?: string | undefined;
  readonly conversation?: string | undefined;
  readonly model?: string | undefined;
  readonly outcome?: string | undefined;
  readonly service?: string | undefined;
  readonly environment?: string | undefined;
  readonly name?: string | undefined;
}

const conditions: Readonly<Record<keyof TraceFilters, string>> = {
  user: "user_id = {user:String}",
  conversation: "conversation_id = {conversation:String}",
  model: "(has(request_models, {model:String}) OR has(response_models, {model:String}))",
  outcome: "has(outcomes, {outcome:String})",
  service: "has(services, {service:String})",
  environment: "has(environments, {environment:String})",
  name: "name = {name:String}",
};

const filterNames = Object.keys(conditions) as (keyof TraceFilters)[];

/** Over columns of `traces`; bound to the filters by their names. */
export function traceConditions(filters: TraceFilters): string[] {
  return filterNames.filter((name) => filters[name] !== undefined).map((name) => conditions[name]);
}
