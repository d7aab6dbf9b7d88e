// What the bar above a preview says, in the languages that it speaks.

export interface BarWords {
  language: string;
  name: string;
  label: string;
  UNSAVED: string;
  SAVED: string;
  SHARED: string;
  until: string;
}

const WORDS: [BarWords, ...BarWords[]] = [
  {
    language: 'en',
    name: 'About this preview',
    label: 'Preview',
    UNSAVED: 'What stands in the editor, as of',
    SAVED: 'A saved draft, as of',
    SHARED: 'A draft that was shared with you, as of',
    until: 'Not published. Open until',
  },
  {
    language: 'de',
    name: 'Über diese Vorschau',
    label: 'Vorschau',
    UNSAVED: 'Was im Editor steht, Stand',
    SAVED: 'Ein gespeicherter Entwurf, Stand',
    SHARED: 'Ein mit Ihnen geteilter Entwurf, Stand',
    until: 'Nicht veröffentlicht. Offen bis',
  },
];

/** The words in the language of what is shown ("de", "de-AT"), in English for one that the bar does not speak. */
export function barWords(locale: string): BarWords {
  const language = locale.split('-')[0];
  return WORDS.find((words) => words.language === language) ?? WORDS[0];
}
