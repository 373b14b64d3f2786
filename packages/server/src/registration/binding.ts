/**
 * What a device can be reached by.
 *
 * @see LwM2M Core 1.2 §6.2.1.2: U, T, S, N, M, H
 */
export type BindingMode = 'UDP' | 'TCP' | 'SMS' | 'Non-IP' | 'MQTT' | 'HTTP';

/** A binding, read. */
export interface Binding {
  /** The transports that the letters stand for, each once, in the order of the letters. */
  readonly modes: readonly BindingMode[];
  /** Whether it holds the `Q` of a 1.0 device: `UQ`, `SQ`, `UQS`. */
  readonly queueMode: boolean;
  /** Letters that no version of the enabler defines. */
  readonly unknown: string;
}

/**
 * Reads a binding, in the spelling of any version: `U`, `UQS`, `UT`, `UTSN`.
 *
 * @param text capital letters, as `registration.binding` has them
 * @see LwM2M Core 1.0 §5.3.1.1 (U, UQ, S, SQ, US, UQS); 1.2 §6.2.1.2
 * @example
 * parseBinding('UQS') // { modes: ['UDP', 'SMS'], queueMode: true, unknown: '' }
 */
export function parseBinding(text: string): Binding {
  const modes = new Set<BindingMode>();
  let unknown = '';
  for (const letter of text) {
    const mode = bindingModeOf(letter);
    if (mode !== undefined) modes.add(mode);
    else if (letter !== QUEUE_LETTER) unknown += letter;
  }
  return { modes: [...modes], queueMode: text.includes(QUEUE_LETTER), unknown };
}

/** The transport that a letter of a binding stands for. */
export function bindingModeOf(letter: string): BindingMode | undefined {
  return MODES.get(letter);
}

const QUEUE_LETTER = 'Q';
const MODES: ReadonlyMap<string, BindingMode> = /* @__PURE__ */ new Map([
  ['U', 'UDP'],
  ['T', 'TCP'],
  ['S', 'SMS'],
  ['N', 'Non-IP'],
  ['M', 'MQTT'],
  ['H', 'HTTP'],
]);
