/** An element of a definition file. */
export interface XmlElement {
  /** The name as it is written, with its prefix. */
  readonly name: string;
  /** Values by name, references replaced. */
  readonly attributes: ReadonlyMap<string, string>;
  /** The elements directly in it. */
  readonly children: readonly XmlElement[];
  /** The text directly in it, references replaced. */
  readonly text: string;
  /** Index of its `<` in the file. */
  readonly offset: number;
}
