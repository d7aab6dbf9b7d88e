// How the site is built. What differs between installations is read at run time, in src/lib/config.ts.
import node from '@astrojs/node';
import { defineConfig } from 'astro/config';

// The proxy in front of a built site says with X-Forwarded-Proto that readers use https; Astro listens to that header
// only when a domain is named here. The origin of a posted preview is checked again at run time (src/lib/preview.ts).
const frontend = new URL(process.env.FRONTEND_URL ?? 'http://127.0.0.1:4321');

export default defineConfig({
  output: 'server',
  adapter: node({ mode: 'standalone', bodySizeLimit: 16 * 1024 }),
  trailingSlash: 'ignore',
  prefetch: false,
  devToolbar: { enabled: false },
  // The content security policy allows neither inline styles nor inline scripts nor data: fonts.
  build: { inlineStylesheets: 'never' },
  vite: { build: { assetsInlineLimit: 0 } },
  security: { checkOrigin: true, allowedDomains: [{ hostname: frontend.hostname }] },
  server: { host: '127.0.0.1', port: 4321 },
});
