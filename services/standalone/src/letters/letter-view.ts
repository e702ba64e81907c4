import { deadLetterHeader, recordHeader } from "@spanhouse/bus/bus";
import type { WaitingLetter } from "@spanhouse/bus/dead-letters";

/** A letter without its bytes, as commands show it. */
export interface LetterView {
  readonly id: string;
  readonly written: string;
  readonly project: string;
  readonly code: string;
  readonly stage: string;
  readonly bytes: number;
  /** `topic/partition@offset` of the record. */
  readonly origin: string;
  readonly message: string;
}

export function viewOf({ id, writtenAt, value, headers }: WaitingLetter): LetterView {
  const said = (name: string): string => headers[name] ?? "";
  const { originTopic, originPartition, originOffset } = recordHeader;
  return {
    id,
    written: new Date(writtenAt).toISOString(),
    project: said(recordHeader.project),
    code: said(deadLetterHeader.code),
    stage: said(deadLetterHeader.stage),
    bytes: value.length,
    origin: `${said(originTopic)}/${said(originPartition)}@${said(originOffset)}`,
    message: said(deadLetterHeader.message),
  };
}
