import type { Environment } from "@spanhouse/schemas/environment";

/** What a command may touch of the process. */
export interface CommandContext {
  readonly environment: Environment;
  /** Aborted by SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
  /** A line for a person or a program, on stdout. */
  readonly print: (line: string) => void;
  /** Where a person looks on; absent where stdout goes to a file or a program. */
  readonly terminal?: { readonly columns: number } | undefined;
  /** Where long work shows how far it is: stderr, where that is a terminal. */
  readonly progress?: { readonly columns: number; readonly write: (text: string) => void } | undefined;
}

/** One subcommand of `spanhouse`; each has a file of its own under commands/ and a line in commands.ts. */
export interface Command {
  /** What follows the name, and each option with what it means. */
  readonly usage: string;
  /** Resolves with the exit code. Throws a SpanhouseError with CONFIG for wrong arguments. */
  run(args: readonly string[], context: CommandContext): Promise<number>;
}

/** A subcommand as `spanhouse help` lists it; its file is loaded when it is called, so that every command starts fast. */
export interface CommandEntry {
  readonly name: string;
  /** One line of `spanhouse help`. */
  readonly summary: string;
  readonly load: () => Promise<Command>;
}
