import ReactMarkdown from "react-markdown";
import remarkGfm from "remark-gfm";
import "./markdown.css";

/**
 * Text of a prompt or an answer. Markdown becomes elements, never HTML: tags in it are shown as text. Images are not
 * loaded and links say where they lead, since what is shown was written by anybody.
 */
export function Markdown({ text }: { readonly text: string }) {
  return (
    <div className="markdown">
      <ReactMarkdown
        remarkPlugins={[remarkGfm]}
        components={{
          a: ({ href, children }) =>
            href ? (
              <a href={href} target="_blank" rel="noreferrer noopener nofollow" title={href}>
                {children}
              </a>
            ) : (
              <span>{children}</span>
            ),
          img: ({ alt, src }) => <span className="muted">[image {alt || String(src ?? "")}]</span>,
          // Headings of a prompt are not headings of this page.
          h1: Strong,
          h2: Strong,
          h3: Strong,
          h4: Strong,
          h5: Strong,
          h6: Strong,
          table: ({ children }) => (
            <div className="markdown-table" tabIndex={0}>
              <table>{children}</table>
            </div>
          ),
          pre: ({ children }) => <pre tabIndex={0}>{children}</pre>,
          input: ({ checked }) => <span>{checked ? "[x]" : "[ ]"}</span>,
        }}
      >
        {text}
      </ReactMarkdown>
    </div>
  );
}

function Strong({ children }: { readonly children?: React.ReactNode }) {
  return (
    <p>
      <strong>{children}</strong>
    </p>
  );
}
