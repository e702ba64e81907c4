import { type FormEvent, useRef } from "react";
import { dayAndMinute } from "../format/time.ts";
import { defaultRange, rangeNames, ranges, type TimeRange, type TimeSearch } from "./time-range.ts";
import "./time-range-picker.css";

interface TimeRangePickerProps {
  readonly search: TimeSearch;
  readonly range: TimeRange;
  readonly onChange: (next: TimeSearch) => void;
}

/** The last so many minutes, hours or days, or from one time to another. */
export function TimeRangePicker({ search, range, onChange }: TimeRangePickerProps) {
  const details = useRef<HTMLDetailsElement>(null);
  const fixed = search.from !== undefined;
  function submit(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const [from, to] = ["from", "to"].map((name) => new Date(String(form.get(name))));
    if (!from || !to || !(from.getTime() < to.getTime())) return;
    if (details.current) details.current.open = false;
    onChange({ from: from.toISOString(), to: to.toISOString() });
  }
  return (
    <div className="time-range">
      <fieldset>
        <legend className="unseen">Time</legend>
        {rangeNames.map((name) => (
          <button
            key={name}
            type="button"
            aria-pressed={!fixed && name === (search.range ?? defaultRange)}
            title={`the last ${ranges[name].label}`}
            onClick={() => onChange({ range: name })}
          >
            {name}
          </button>
        ))}
      </fieldset>
      <details ref={details}>
        <summary className={fixed ? "time-fixed" : ""}>
          {fixed ? `${dayAndMinute(range.from)} – ${dayAndMinute(range.to)}` : "From – to"}
        </summary>
        <form className="panel" onSubmit={submit} key={range.from + range.to}>
          <label>
            From
            <input type="datetime-local" name="from" className="field" defaultValue={local(range.from)} required />
          </label>
          <label>
            To
            <input type="datetime-local" name="to" className="field" defaultValue={local(range.to)} required />
          </label>
          <button type="submit" className="button main">
            Show
          </button>
        </form>
      </details>
    </div>
  );
}

/** As a field for local times takes it. */
function local(time: string): string {
  const date = new Date(time);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
