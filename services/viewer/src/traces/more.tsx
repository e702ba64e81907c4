import { useEffect, useRef } from "react";
import "./more.css";

/** The next page, when the end comes near or somebody asks. */
export function More({
  more,
  busy,
  onMore,
}: {
  readonly more: boolean;
  readonly busy: boolean;
  readonly onMore: () => void;
}) {
  const end = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!end.current || !more || busy) return;
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && onMore(), { rootMargin: "600px" });
    observer.observe(end.current);
    return () => observer.disconnect();
  }, [more, busy, onMore]);
  return (
    <div ref={end} className="traces-more">
      {more && (
        <button type="button" className="button" onClick={onMore} disabled={busy}>
          {busy ? "Reading …" : "More"}
        </button>
      )}
    </div>
  );
}
