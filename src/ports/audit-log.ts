/** Something that somebody did, or was refused to do. */
export interface AuditEntry {
  readonly method: string;
  /** `OK`, or why not. */
  readonly outcome: string;
  /** Who did it, as far as the connection proves it. */
  readonly caller: Readonly<Record<string, string>>;
  /** What it was done to: a campaign, a source, how many items. */
  readonly what: Readonly<Record<string, string | number>>;
}

/** The record of who did what. No call fails, and nothing waits for it. */
export interface AuditLog {
  note(entry: AuditEntry): void;
}
