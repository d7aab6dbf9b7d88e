// What the editor's checks find in a preview by its mark. Readers' pages carry none.

export type Mark = 'shows-nothing' | 'no-alt' | 'no-source' | 'stale';

/** The attribute that marks an element in a preview; nothing anywhere else, or where no claim is true. */
export function marks({ isPreview }: { isPreview?: boolean }, claims: Partial<Record<Mark, boolean>>): { 'data-check'?: string } {
  const found = Object.entries(claims).flatMap(([mark, holds]) => (holds ? [mark] : []));
  return isPreview && found.length > 0 ? { 'data-check': found.join(' ') } : {};
}
