/// <reference types="astro/client" />

declare namespace App {
  interface Locals {
    /** Asks what is public. What the API says of each answer decides how caches may keep the page (lib/keeping.ts). */
    ask: import('./lib/cms.ts').Ask;
    /** Asks what a token opens. */
    askWith: (token: string) => import('./lib/cms.ts').Ask;
    /** The reader's request in the log, here and in the CMS. */
    requestId: string;
    /** How many answers the CMS has given for it. */
    asked: number;
    /** Set by the preview: the page is shown to an editor, whose checks look for marks in it. */
    isPreview?: boolean;
  }
}
