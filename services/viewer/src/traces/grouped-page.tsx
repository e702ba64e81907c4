import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { answered, api } from "../api/client.ts";
import type { components } from "../api/openapi.d.ts";
import { count, shortCount } from "../format/count.ts";
import { Flow } from "../format/flow.tsx";
import { exactMoney, money } from "../format/money.ts";
import { ago, dayAndClock } from "../format/time.ts";
import { EmptyState } from "../layout/empty-state.tsx";
import { Icon } from "../layout/icon.tsx";
import { ProblemView } from "../layout/problem-view.tsx";
import { type TimeRange, type TimeSearch, timeRange } from "../time/time-range.ts";
import { TimeRangePicker } from "../time/time-range-picker.tsx";
import { useNow } from "../time/use-now.ts";
import { More } from "./more.tsx";
import { useRowKeys } from "./trace-table.tsx";
import "./trace-table.css";

type Group = components["schemas"]["TraceGroup"];
type Kind = "conversations" | "users";
const sorts = ["time", "cost", "traces"] as const;
type GroupSort = (typeof sorts)[number];

const conversations = getRouteApi("/conversations");
const users = getRouteApi("/users");

export function ConversationsPage() {
  const search = conversations.useSearch();
  const navigate = conversations.useNavigate();
  return <GroupedPage kind="conversations" search={search} onTime={(next) => void navigate({ search: next })} />;
}

export function UsersPage() {
  const search = users.useSearch();
  const navigate = users.useNavigate();
  return <GroupedPage kind="users" search={search} onTime={(next) => void navigate({ search: next })} />;
}

const words = {
  conversations: {
    title: "Conversations",
    one: "conversation",
    field: "conversation",
    attribute: "gen_ai.conversation.id",
  },
  users: { title: "Users", one: "user", field: "user", attribute: "user.id" },
} as const;

interface GroupedPageProps {
  readonly kind: Kind;
  readonly search: TimeSearch;
  readonly onTime: (next: TimeSearch) => void;
}

/** Traces by whose they are: a line a user or conversation, which opens its traces. */
function GroupedPage({ kind, search, onTime }: GroupedPageProps) {
  const now = useNow(60_000);
  const range = timeRange(search, now);
  const [sort, setSort] = useState<GroupSort>("time");
  const [containing, setContaining] = useState("");
  const list = useInfiniteQuery(groupsQuery(kind, range, sort, containing));
  const groups = list.data?.pages.flatMap((page) => page.groups) ?? [];
  const { title, one, attribute } = words[kind];
  return (
    <div className="page">
      <header className="page-head">
        <h1>{title}</h1>
        <input
          type="search"
          className="field grouped-find"
          placeholder={`Find a ${one}`}
          aria-label={`Find a ${one} by part of its id`}
          value={containing}
          onChange={(event) => setContaining(event.target.value)}
        />
        <span className="push" />
        <TimeRangePicker search={search} range={range} onChange={onTime} />
      </header>
      {list.error ? (
        <ProblemView error={list.error} retry={() => void list.refetch()} />
      ) : list.data && groups.length === 0 ? (
        <EmptyState title={containing ? `No ${one} with that in its id` : `No trace of this time names a ${one}`}>
          <p>
            Traces name one by the attribute <code>{attribute}</code> on any of their spans.
          </p>
        </EmptyState>
      ) : (
        <>
          <GroupTable {...{ kind, groups, search, sort, now }} busy={list.isPending} onSort={setSort} />
          <More
            more={list.hasNextPage}
            busy={list.isFetchingNextPage}
            onMore={() => void list.fetchNextPage({ cancelRefetch: false })}
          />
        </>
      )}
    </div>
  );
}

function groupsQuery(kind: Kind, { from, to }: TimeRange, sort: GroupSort, containing: string) {
  return {
    queryKey: [kind, from, to, sort, containing],
    queryFn: ({ signal, pageParam }: { signal: AbortSignal; pageParam: string }) => {
      const query = {
        from,
        to,
        sort,
        ...(containing ? { containing } : {}),
        ...(pageParam ? { cursor: pageParam } : {}),
      };
      return answered(api.GET(`/v1/${kind}`, { params: { query }, signal }));
    },
    initialPageParam: "",
    getNextPageParam: (page: { next_cursor: string | null }) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  };
}

interface GroupTableProps {
  readonly kind: Kind;
  readonly groups: readonly Group[];
  readonly search: TimeSearch;
  readonly sort: GroupSort;
  readonly now: number;
  readonly busy: boolean;
  readonly onSort: (sort: GroupSort) => void;
}

function GroupTable({ kind, groups, search, sort, now, busy, onSort }: GroupTableProps) {
  const body = useRef<HTMLTableSectionElement>(null);
  useRowKeys(body);
  const sortable = (name: GroupSort, label: string, className = "") => (
    <th scope="col" className={className} aria-sort={sort === name ? "descending" : undefined}>
      <button type="button" onClick={() => onSort(name)}>
        {label}
        {sort === name && " "}
        {sort === name && <Icon name="down" />}
      </button>
    </th>
  );
  return (
    <table className="traces" aria-busy={busy}>
      <caption className="unseen">{words[kind].title}</caption>
      <thead>
        <tr>
          {sortable("time", "Last ended")}
          <th scope="col">{words[kind].title.slice(0, -1)}</th>
          {kind === "conversations" ? (
            <th scope="col" className="wide">
              Users
            </th>
          ) : (
            <th scope="col" className="number wide">
              Conversations
            </th>
          )}
          {sortable("traces", "Traces", "number")}
          <th scope="col" className="number wide">
            Errors
          </th>
          <th scope="col" className="number wide">
            Refusals
          </th>
          <th scope="col" className="number wide">
            Calls
          </th>
          <th scope="col" className="number wider">
            Tokens
          </th>
          {sortable("cost", "Cost", "number")}
        </tr>
      </thead>
      <tbody ref={body}>
        {groups.map((group) => (
          <tr key={group.id}>
            <td className="numbers traces-time" title={group.last_time}>
              {dayAndClock(group.last_time)} <span className="muted wider">{ago(group.last_time, now)}</span>
            </td>
            <th scope="row" className="traces-name">
              <div>
                <Link to="/traces" search={{ ...search, [words[kind].field]: group.id }} data-line>
                  {group.id}
                </Link>
              </div>
            </th>
            {kind === "conversations" ? (
              <td className="wide">
                <span className="cut traces-user">{group.users.join(", ")}</span>
              </td>
            ) : (
              <td className="number wide">{count(group.conversations)}</td>
            )}
            <td className="number">{count(group.traces)}</td>
            <td className={`number wide${group.errors > 0 ? " traces-bad" : " muted"}`}>{count(group.errors)}</td>
            <td className={`number wide${group.refusals > 0 ? " traces-refused" : " muted"}`}>
              {count(group.refusals)}
            </td>
            <td className="number wide">{count(group.calls)}</td>
            <td className="number wider">
              <Flow from={shortCount(group.input_tokens)} to={shortCount(group.output_tokens)} />
            </td>
            <td className="number" title={exactMoney(group.cost)}>
              {money(group.cost)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
