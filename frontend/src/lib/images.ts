// Addresses of images: the API names them by path on the CMS's origin, or whole when they live elsewhere.
import { config } from './config.ts';

export function imageUrl(url: string, origin: string | undefined = config.adminOrigins[0]): string {
  return url.startsWith('/') && !url.startsWith('//') ? `${origin}${url}` : url;
}

export interface Point {
  x: number;
  y: number;
}

/** The classes that keep a point in sight where a picture is cut by CSS; inline styles are not allowed. To a tenth. */
export function focusOf(point: Point | null): string | undefined {
  return point ? `focus-x-${Math.round(point.x * 10)} focus-y-${Math.round(point.y * 10)}` : undefined;
}

/** Empty while the format has no sizes yet: the API then names the original alone, which is of another type. */
export function imageSrcset(srcset: string, original: string, origin?: string): string {
  const candidates = srcset.split(/,\s+/).filter(Boolean);
  if (candidates.every((candidate) => candidate.split(' ')[0] === original)) return '';
  return candidates.map((candidate) => imageUrl(candidate, origin)).join(', ');
}
