// The headers of every answer, and the exact ones of the preview.
import { createHash } from 'node:crypto';

import type { Config } from './config.ts';

type Origins = Pick<Config, 'ownOrigins' | 'adminOrigins' | 'mediaOrigins'>;

/** What browsers can do and no page asks for. */
const SWITCHED_OFF = [
  'accelerometer',
  'autoplay',
  'camera',
  'display-capture',
  'encrypted-media',
  'fullscreen',
  'geolocation',
  'gyroscope',
  'magnetometer',
  'microphone',
  'midi',
  'payment',
  'picture-in-picture',
  'publickey-credentials-get',
  'screen-wake-lock',
  'usb',
  'xr-spatial-tracking',
];

/** Development serves styles and reloads through inline code and a websocket; only there the policy is loosened. */
export function securityHeaders(origins: Origins, { isDevelopment = false } = {}): Record<string, string> {
  const images = ["'self'", ...origins.adminOrigins, ...origins.mediaOrigins].join(' ');
  return {
    'Content-Security-Policy': policy(
      {
        'default-src': "'none'",
        'style-src': "'self'",
        'font-src': "'self'",
        'img-src': images,
        // No script runs that could ask for anything; but Lighthouse fetches robots.txt in the page's name.
        'connect-src': "'self'",
        'base-uri': "'none'",
        'form-action': "'self'",
        'frame-ancestors': "'none'",
      },
      isDevelopment,
    ),
    ...everywhere(origins),
    'Referrer-Policy': 'strict-origin-when-cross-origin',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
  };
}

/** The admin frames the preview and lends it the scripts, styles, fonts and icons of its user bar. */
export function previewHeaders(origins: Origins, { isDevelopment = false } = {}): Record<string, string> {
  const admins = origins.adminOrigins.join(' ');
  // Where the CMS has its own scripts; what somebody uploaded lies elsewhere.
  const scripts = origins.adminOrigins.map((origin) => `${origin}/static/`).join(' ');
  return {
    'Content-Security-Policy': policy(
      {
        'default-src': "'none'",
        'script-src': `'self' ${scripts}`,
        'style-src': `'self' ${admins}`,
        'font-src': `'self' ${admins}`,
        'img-src': ["'self'", admins, ...origins.mediaOrigins].join(' '),
        'connect-src': `'self' ${admins}`,
        'base-uri': "'none'",
        'form-action': "'self'",
        'frame-ancestors': admins,
      },
      isDevelopment,
    ),
    ...everywhere(origins),
    'Referrer-Policy': 'same-origin',
    'Cache-Control': 'private, no-store',
    'X-Robots-Tag': 'noindex',
  };
}

export function etag(body: string): string {
  return `W/"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
}

/** Whether a reader's `If-None-Match` names this tag; weak comparison, as for every GET. */
export function isKnown(ifNoneMatch: string | null, tag: string): boolean {
  const bare = tag.replace(/^W\//, '');
  const known = ifNoneMatch?.split(',').map((one) => one.trim().replace(/^W\//, '')) ?? [];
  return known.includes('*') || known.includes(bare);
}

function everywhere({ ownOrigins }: Origins): Record<string, string> {
  return {
    'X-Content-Type-Options': 'nosniff',
    'Permissions-Policy': SWITCHED_OFF.map((name) => `${name}=()`).join(', '),
    // Of the site itself: which of the hosts below it speak https, only those who run them know.
    ...(ownOrigins[0]?.startsWith('https:') && { 'Strict-Transport-Security': 'max-age=31536000' }),
  };
}

function policy(directives: Record<string, string>, isDevelopment: boolean): string {
  const all = isDevelopment
    ? {
        ...directives,
        'script-src': `${directives['script-src'] ?? "'self'"} 'unsafe-inline'`,
        'style-src': `${directives['style-src']} 'unsafe-inline'`,
        'connect-src': `${directives['connect-src'] ?? "'self'"} ws:`,
      }
    : directives;
  return Object.entries(all)
    .map(([name, value]) => `${name} ${value}`)
    .join('; ');
}
