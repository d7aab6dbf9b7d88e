/// <reference types="astro/client" />

declare namespace App {
  interface Locals {
    /** Asks what is public. What the API says of each answer decides how caches may keep the page (lib/keeping.ts). */
    ask: import('./lib/cms.ts').Ask;
    /** Set by the preview: the page is shown to an editor, whose checks look for marks in it. */
    isPreview?: boolean;
  }
}
