import type { CalculationRun } from '../model/calculation-run.ts';

/** Reads an XML output from the events of a parser, which keeps depth and text lengths bounded. */
export interface XmlReader {
  /**
   * @param path names of the open elements, from the root to the one that opens
   * @returns true if the reader wants the text of this element
   */
  open(path: readonly string[], attributes: Readonly<Record<string, string>>): boolean;
  /** @param text the element's text if the reader wanted it, otherwise empty */
  close(path: readonly string[], text: string): void;
  /**
   * Returns the run, when the root has closed.
   * @throws RejectedInput
   */
  end(): CalculationRun;
}
