// How a group of things says what it is: by its visible heading, or by words of ours where there is none.
export function named(visible: string | null, id: string, otherwise: string): Record<string, string> {
  return visible ? { 'aria-labelledby': id } : { 'aria-label': otherwise };
}
