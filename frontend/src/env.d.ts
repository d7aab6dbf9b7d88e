/// <reference types="astro/client" />

declare namespace App {
  interface Locals {
    /** Set by the preview: the page is shown to an editor, whose checks look for marks in it. */
    isPreview?: boolean;
  }
}
